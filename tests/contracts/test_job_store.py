"""What every store of jobs does with those who submit and those who watch, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from comfy_gen.engines.need import likeness_of, need_of
from comfy_gen.engines.registry import EngineEntry
from comfy_gen.errors import (
    DuplicateEngineError,
    EngineNotFoundError,
    IdempotencyConflictError,
    InvalidParameterError,
    JobNotFoundError,
    QueueFullError,
    WorkflowFormatError,
)
from comfy_gen.jobs.job import JobId, JobState, Webhook
from comfy_gen.jobs.records import JobFilter, Selection
from comfy_gen.jobs.signals import ENGINES, QUEUE
from tests.contracts.job_stores import open_desk, request, workflow

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk

# --- accepting


async def test_accepted_job_waits(desk: Desk):
    job = await desk.accept(title="A cat", owner="ann", metadata={"a": [1, "ü"]})
    assert (job.state, job.title, job.owner, job.attempt) == (JobState.QUEUED, "A cat", "ann", 0)
    assert (job.created, job.queued, job.started, job.ended) == (1000.0, 1000.0, None, None)
    assert job == await desk.store.get(job.job_id)
    assert uuid.UUID(job.job_id).version == 4


async def test_accepted_job_is_there_for_another_process(desk: Desk):
    job = await desk.accept(title="A cat")
    async with open_desk(desk.url) as other:
        assert await other.store.get(job.job_id) == job


async def test_request_comes_back_as_it_was_given(desk: Desk):
    given = request(
        title="T",
        owner="ann",
        priority=3,
        idempotency_key="k",
        webhook=Webhook("http://hook/", {"x": {"y": None}}),
        metadata={"m": 1},
        tags=frozenset({"fast", "xl"}),
        job_id=JobId(str(uuid.uuid4())),
        targets=("2",),
    )
    job = (await desk.store.accept(given, now=1.0)).job
    assert await desk.store.request(job.job_id) == given
    assert (job.job_id, job.webhook_url) == (given.job_id, "http://hook/")


async def test_need_and_likeness_are_kept_for_the_scheduler(desk: Desk):
    job = await desk.accept(tags=frozenset({"xl"}))
    waiting = await desk.store.waiting(job.job_id)
    assert waiting.need_json == need_of(workflow(), {"xl"}).as_json()
    assert waiting.likeness == job.likeness == likeness_of(workflow())


async def test_accepting_tells_dispatcher_and_those_who_wait_for_work(desk: Desk):
    job = await desk.accept()
    assert desk.dispatcher.enqueued == [(job.job_id, job.rank)]
    assert desk.signals.sent == desk.signals.told == [QUEUE]


async def test_same_key_and_request_is_the_same_job(desk: Desk):
    first = await desk.store.accept(request(idempotency_key="k"), now=1.0)
    again = await desk.store.accept(request(idempotency_key="k"), now=2.0)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.job == first.job
    assert sum((await desk.store.count()).values()) == len(desk.dispatcher.enqueued) == 1


async def test_same_key_with_another_request_is_refused(desk: Desk):
    job = await desk.accept(idempotency_key="k")
    with pytest.raises(IdempotencyConflictError) as caught:
        await desk.accept(idempotency_key="k", seed=1)
    assert (caught.value.key, caught.value.job_id) == ("k", job.job_id)


async def test_same_key_of_another_owner_is_another_job(desk: Desk):
    mine = await desk.accept(idempotency_key="k", owner="ann")
    theirs = await desk.accept(idempotency_key="k", owner="bob")
    assert mine.job_id != theirs.job_id


async def test_same_id_and_request_is_the_same_job(desk: Desk):
    given = request(job_id=JobId(str(uuid.uuid4())))
    await desk.store.accept(given, now=1.0)
    assert (await desk.store.accept(given, now=2.0)).is_replay


async def test_same_id_with_another_request_is_refused(desk: Desk):
    job = await desk.accept()
    with pytest.raises(IdempotencyConflictError):
        await desk.accept(job_id=job.job_id, seed=1)


async def test_replay_shows_how_far_the_job_is(desk: Desk):
    job = await desk.accept(idempotency_key="k")
    await desk.claim(job.job_id)
    again = await desk.store.accept(request(idempotency_key="k"), now=2.0)
    assert again.job.state == JobState.PREPROCESSING


async def test_same_key_from_many_at_once_makes_one_job(desk: Desk):
    async with open_desk(desk.url) as other:
        stores = [desk.store, other.store] * 10
        accepted = await asyncio.gather(*(store.accept(request(idempotency_key="k"), now=1.0) for store in stores))
    assert len({one.job.job_id for one in accepted}) == 1
    assert [one.is_replay for one in accepted].count(False) == 1


async def test_batch_is_accepted_in_its_order(desk: Desk):
    ids = await desk.accept_many(1200)
    assert [one.job_id for one in await desk.store.window(2000, now=1.0)] == ids


async def test_batch_may_repeat_itself_under_one_key(desk: Desk):
    accepted = await desk.store.accept_all([request(idempotency_key="k")] * 2, now=1.0)
    assert [one.is_replay for one in accepted] == [False, True]
    assert accepted[0].job == accepted[1].job


async def test_batch_with_a_conflict_leaves_nothing(desk: Desk):
    with pytest.raises(IdempotencyConflictError):
        await desk.store.accept_all([request(idempotency_key="k"), request(idempotency_key="k", seed=1)], now=1.0)
    assert not any((await desk.store.count()).values())


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"priority": 101}, "priority"),
        ({"priority": True}, "priority"),
        ({"title": "x" * 501}, "title"),
        ({"owner": "a\0b"}, "owner"),
        ({"owner": "\ud800"}, "owner"),
        ({"idempotency_key": "k" * 256}, "idempotency_key"),
        ({"job_id": "mine"}, "job_id"),
        ({"job_id": "F4B0D4B4-3A5E-4C39-9F6B-0B5C5E1C9A11"}, "job_id"),
        ({"metadata": {"x": object()}}, "the request"),
        ({"metadata": {"x": float("nan")}}, "the request"),
    ],
)
async def test_value_that_cannot_work_is_refused(desk: Desk, facts, name):
    with pytest.raises(InvalidParameterError) as caught:
        await desk.accept(**facts)
    assert caught.value.name == name


async def test_workflow_that_is_none_is_refused(desk: Desk):
    with pytest.raises(WorkflowFormatError):
        await desk.accept(workflow={})


@pytest.mark.parametrize("text", ["\0", "\ud800", "%", "_", "\\"])
async def test_text_that_is_in_no_title_finds_nothing(desk: Desk, text: str):
    await desk.accept(title="A cat")
    assert (await desk.store.list(JobFilter(text=text))).jobs == []


async def test_text_with_anything_in_it_is_kept(desk: Desk):
    job = await desk.accept(title="100 % _ \\ 'q' \"d\" 猫", metadata={"nul": "\0", "half": "\ud83d"})
    assert (await desk.store.get(job.job_id)).metadata == {"nul": "\0", "half": "\ud83d"}
    assert (await desk.store.list(JobFilter(text="猫"))).jobs == [job]


async def test_full_queue_refuses_more(store_url: str):
    async with open_desk(store_url, max_waiting=3) as desk:
        ids = await desk.accept_many(3)
        with pytest.raises(QueueFullError) as caught:
            await desk.accept()
        assert (caught.value.waiting, caught.value.limit) == (3, 3)
        await desk.claim(ids[0])
        await desk.accept()
        with pytest.raises(QueueFullError):
            await desk.accept()


async def test_batch_that_does_not_fit_leaves_nothing(store_url: str):
    async with open_desk(store_url, max_waiting=3) as desk:
        await desk.accept_many(2)
        with pytest.raises(QueueFullError):
            await desk.accept_many(2)
        assert (await desk.store.count())[JobState.QUEUED] == 2


async def test_queue_is_never_overfilled_by_many_at_once(store_url: str):
    async with open_desk(store_url, max_waiting=40) as desk:
        answers = await asyncio.gather(*(desk.accept() for _ in range(60)), return_exceptions=True)
        assert (await desk.store.count())[JobState.QUEUED] == 40
        assert [type(answer) for answer in answers].count(QueueFullError) == 20


async def test_replay_is_answered_though_the_queue_is_full(store_url: str):
    async with open_desk(store_url, max_waiting=1) as desk:
        job = await desk.accept(idempotency_key="k")
        assert (await desk.accept(idempotency_key="k")).job_id == job.job_id


# --- the line


async def test_line_is_in_the_order_of_acceptance(desk: Desk):
    ids = [(await desk.accept()).job_id for _ in range(5)]
    assert [one.job_id for one in await desk.store.window(10, now=1.0)] == ids
    assert [await desk.store.position(job_id) for job_id in ids] == [1, 2, 3, 4, 5]


async def test_higher_priority_goes_first(desk: Desk):
    usual, urgent = await desk.accept(), await desk.accept(priority=1)
    assert await desk.store.position(urgent.job_id) == 1
    assert await desk.store.position(usual.job_id) == 2


async def test_low_priority_is_passed_by_a_hundred_turns_and_no_more(desk: Desk):
    usual = await desk.accept()
    await desk.accept_many(150, priority=1)
    assert await desk.store.position(usual.job_id) == 101


async def test_owners_take_turns(desk: Desk):
    many = await desk.accept_many(4, owner="ann")
    few = await desk.accept_many(2, owner="bob")
    line = [one.job_id for one in await desk.store.window(10, now=1.0)]
    assert line == [many[0], few[0], many[1], few[1], many[2], many[3]]


async def test_late_owner_starts_at_the_clock_and_not_before(desk: Desk):
    many = await desk.accept_many(4, owner="ann")
    for job_id in many[:3]:
        await desk.claim(job_id)
    late = await desk.accept_many(2, owner="bob")
    line = [one.job_id for one in await desk.store.window(10, now=1.0)]
    assert line == [late[0], many[3], late[1]]


async def test_position_is_none_once_it_does_not_wait(desk: Desk):
    job = await desk.accept()
    await desk.claim(job.job_id)
    assert await desk.store.position(job.job_id) is None


async def test_position_of_no_job_is_an_error(desk: Desk):
    with pytest.raises(JobNotFoundError):
        await desk.store.position("no-job")


async def test_window_has_only_the_first(desk: Desk):
    ids = await desk.accept_many(5)
    assert [one.job_id for one in await desk.store.window(2, now=1.0)] == ids[:2]


async def test_those_that_wait_are_told_in_the_order_of_the_line(desk: Desk):
    ids = await desk.accept_many(4)
    await desk.claim(ids[1])
    found = await desk.store.waiting_among([*reversed(ids), "no-job"])
    assert [one.job_id for one in found] == [ids[0], ids[2], ids[3]]
    assert await desk.store.waiting(ids[1]) is None


# --- asking


async def test_job_is_found_by_the_beginning_of_its_id(desk: Desk):
    ids = [f"{number}a{number}0d4b4-3a5e-4c39-9f6b-0b5c5e1c9a11" for number in (1, 2)]
    for job_id in ids:
        await desk.accept(job_id=job_id)
    assert (await desk.store.find("2A2")).job_id == ids[1]
    assert (await desk.store.find(ids[0])).job_id == ids[0]


async def test_beginning_of_several_ids_names_them(desk: Desk):
    ids = [f"aa{number}0d4b4-3a5e-4c39-9f6b-0b5c5e1c9a11" for number in (1, 2)]
    for job_id in ids:
        await desk.accept(job_id=job_id)
    with pytest.raises(JobNotFoundError) as caught:
        await desk.store.find("aa")
    assert caught.value.candidates == ids


@pytest.mark.parametrize("prefix", ["", " ", "zz", "%", "_"])
async def test_beginning_of_no_id_is_an_error(desk: Desk, prefix):
    await desk.accept()
    with pytest.raises(JobNotFoundError):
        await desk.store.find(prefix)


async def test_unknown_job_is_an_error(desk: Desk):
    with pytest.raises(JobNotFoundError):
        await desk.store.get("no-job")
    with pytest.raises(JobNotFoundError):
        await desk.store.request("no-job")


async def test_count_has_every_state(desk: Desk):
    ids = await desk.accept_many(3)
    await desk.claim(ids[0])
    counted = await desk.store.count()
    assert set(counted) == set(JobState)
    assert (counted[JobState.QUEUED], counted[JobState.PREPROCESSING], counted[JobState.FAILED]) == (2, 1, 0)


# --- engines


async def test_engines_are_kept_by_name(desk: Desk):
    entries = [
        EngineEntry("b", "http://user:secret@b:8188", ("fast", "xl"), 2.0, 3, "draining"),
        EngineEntry("a", "http://a:8188"),
    ]
    for entry in entries:
        await desk.store.roster.add_engine(entry)
    assert await desk.store.roster.engines() == entries[::-1]
    assert desk.signals.told == [ENGINES, ENGINES]


async def test_engine_of_a_taken_name_is_refused(desk: Desk):
    await desk.store.roster.add_engine(EngineEntry("a", "http://a:8188"))
    with pytest.raises(DuplicateEngineError):
        await desk.store.roster.add_engine(EngineEntry("a", "http://b:8188"))


async def test_engine_drains_and_goes(desk: Desk):
    await desk.store.roster.add_engine(EngineEntry("a", "http://a:8188"))
    await desk.store.roster.set_engine_state("a", "draining")
    assert [entry.state for entry in await desk.store.roster.engines()] == ["draining"]
    await desk.store.roster.remove_engine("a")
    assert await desk.store.roster.engines() == []


async def test_unknown_engine_is_an_error_that_names_the_others(desk: Desk):
    await desk.store.roster.add_engine(EngineEntry("a", "http://a:8188"))
    with pytest.raises(EngineNotFoundError) as caught:
        await desk.store.roster.remove_engine("b")
    assert list(caught.value.known) == ["a"]
    with pytest.raises(EngineNotFoundError):
        await desk.store.roster.set_engine_state("b", "active")


# --- pausing


async def test_pause_is_kept_and_lifted(desk: Desk):
    job = await desk.accept()
    await desk.store.set_paused(True)
    await desk.store.set_paused(True)
    assert await desk.store.is_paused()
    assert await desk.store.claim(job.job_id, worker="w", now=1.0) is None
    await desk.store.set_paused(False)
    assert not await desk.store.is_paused()
    assert await desk.store.claim(job.job_id, worker="w", now=1.0) is not None
    assert desk.signals.told.count(QUEUE) == 4


async def test_selection_that_says_nothing_selects_nothing(desk: Desk):
    await desk.accept()
    assert await desk.store.cancel(Selection(), now=1.0) == []
