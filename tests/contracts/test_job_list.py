"""Which jobs a list has, and in which order: on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import JobFilter, Selection

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk


async def test_list_pages_from_the_newest_on(desk: Desk):
    ids = await desk.accept_many(5)
    first = await desk.store.list(limit=2)
    second = await desk.store.list(limit=2, cursor=first.next)
    third = await desk.store.list(limit=2, cursor=second.next)
    found = [job.job_id for page in (first, second, third) for job in page.jobs]
    assert found == ids[::-1]
    assert third.next is None


async def test_list_has_those_that_fit(desk: Desk):
    cat = await desk.accept(title="A Cat", owner="ann")
    dog = await desk.accept(title="100% dog", owner="bob")
    await desk.claim(dog.job_id)

    async def listed(**conditions):
        return [job.job_id for job in (await desk.store.list(JobFilter(**conditions))).jobs]

    assert await listed(owner="ann") == [cat.job_id]
    assert await listed(text="cat") == await listed(text=cat.job_id[:10]) == [cat.job_id]
    assert await listed(text="0% d") == [dog.job_id]
    assert await listed(states=[JobState.QUEUED, JobState.FAILED]) == [cat.job_id]


async def test_list_has_those_with_all_labels(desk: Desk):
    plain = await desk.accept(metadata={"client": "acme"})
    both = await desk.accept(metadata={"client": "acme", "run": "7", "n": 7})
    await desk.accept(metadata={"client": "Acme"})
    await desk.accept(metadata={"client": "acme corp"})
    await desk.accept(metadata={"said": '"client":"acme"'})

    async def labelled(**labels: str):
        return [job.job_id for job in (await desk.store.list(JobFilter(labels=labels))).jobs]

    assert await labelled(client="acme") == [both.job_id, plain.job_id]
    assert await labelled(client="acme", run="7") == [both.job_id]
    assert await labelled(n="7") == await labelled(client="a_me") == await labelled(client="%") == []


@pytest.mark.parametrize("text", ['"quoted"', "back\\slash", "per%cent_", "猫 🐈", "\0", "\ud800", "a/b"])
async def test_labels_may_be_any_text(desk: Desk, text: str):
    job = await desk.accept(metadata={text: text})
    assert (await desk.store.list(JobFilter(labels={text: text}))).jobs == [job]


async def test_pages_are_full_whatever_else_has_a_labels_text_deeper_within(desk: Desk):
    jobs = [await desk.accept(metadata={"a": "1"}) for _ in range(3)]
    for _ in range(5):
        await desk.accept(metadata={"deeper": {"a": "1"}})
    first = await desk.store.list(JobFilter(labels={"a": "1"}), limit=2)
    second = await desk.store.list(JobFilter(labels={"a": "1"}), limit=2, cursor=first.next)
    assert [*first.jobs, *second.jobs] == jobs[::-1]
    assert second.next is None


async def test_list_tells_those_that_are_to_be_cancelled_from_others_that_run(desk: Desk):
    waiting, running, stopping = await desk.accept_many(3)
    await desk.claim(running)
    await desk.claim(stopping)
    await desk.store.cancel(Selection([stopping]), now=2.0)

    async def listed(is_cancelling: bool):
        return [job.job_id for job in (await desk.store.list(JobFilter(is_cancelling=is_cancelling))).jobs]

    assert await listed(is_cancelling=True) == [stopping, waiting]
    assert await listed(is_cancelling=False) == [running, waiting]


async def test_cursor_of_somebody_else_is_an_error(desk: Desk):
    with pytest.raises(InvalidParameterError):
        await desk.store.list(cursor="x")
