"""Jobs with all that is kept of them, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.jobs.dossier import Search
from comfy_gen.jobs.dossiers import Dossiers
from comfy_gen.jobs.history import History
from comfy_gen.jobs.job import ACTIVE, JobState
from comfy_gen.jobs.records import Finish, Report, Selection
from tests.contracts.job_stores import artifact

if TYPE_CHECKING:
    from comfy_gen.jobs.job import Job, JobId
    from tests.contracts.job_stores import Desk

SAID = History([("execution_start", {"timestamp": 5})], {"2": {"text": ["a fox"]}})


@pytest.fixture
def dossiers(desk: Desk) -> Dossiers:
    return Dossiers(desk.store.transactions)


async def end(desk: Desk, state: JobState = JobState.COMPLETED, **facts: Any) -> JobId:
    """Bring a job to an end of which an engine said something."""
    job = await desk.bring(JobState.POSTPROCESSING, **facts)
    desk.now += 1
    ending = Finish(state, [artifact(job.job_id)], history=SAID)
    assert await desk.store.finish(job.job_id, job.attempt, ending, now=desk.now)
    return job.job_id


def ids(found: Any) -> list[str]:
    return [one.job.job_id for one in found]


async def test_job_has_what_it_was_asked_what_was_said_and_what_it_left(desk: Desk, dossiers: Dossiers) -> None:
    job_id = await end(desk, title="a fox", metadata={"comfyui": {}})
    found = await dossiers.get(job_id)
    assert found is not None
    assert (found.request.title, found.job.metadata) == ("a fox", {"comfyui": {}})
    assert found.history is not None
    assert found.history.outputs == SAID.outputs
    assert [one.job_id for one in found.artifacts] == [job_id]
    assert found.seq == await dossiers.seq(job_id)
    assert await dossiers.get("unknown") is None
    assert await dossiers.seq("unknown") == 0


async def test_queue_is_what_runs_and_what_waits_in_its_order(desk: Desk, dossiers: Dossiers) -> None:
    running = await desk.bring(JobState.GENERATING, owner="ada")
    low = await desk.accept(owner="ada", priority=-1)
    waiting = [(await desk.accept(owner="ada")).job_id, low.job_id]
    await desk.accept(owner="bob")
    await desk.store.hold(Selection([low.job_id]), now=desk.now)
    assert ids(await dossiers.active("ada")) == [running.job_id]
    assert ids(await dossiers.waiting("ada")) == waiting
    assert [one.job_id for one in await dossiers.waiters("ada")] == waiting
    assert [await dossiers.remaining(owner) for owner in ("ada", "bob", None)] == [3, 1, 4]
    assert len(await dossiers.waiting(None)) == 3


@pytest.mark.parametrize(
    ("said", "has_begun"), [({"ahead": 1}, False), ({"node_id": "3", "step": 1, "steps": 4}, True), (None, False)]
)
async def test_job_has_begun_once_its_engine_says_more_than_what_is_ahead_of_it(
    desk: Desk, dossiers: Dossiers, said: dict[str, Any] | None, has_begun: bool
) -> None:
    job = await desk.bring(JobState.GENERATING, owner="ada")
    if said is not None:
        await desk.store.report([Report(job.job_id, job.attempt, 0.0, said)], now=desk.now)
    (found,) = await dossiers.active("ada")
    assert found.has_begun is has_begun


async def test_job_whose_files_are_stored_has_begun(desk: Desk, dossiers: Dossiers) -> None:
    await desk.bring(JobState.POSTPROCESSING, owner="ada")
    (found,) = await dossiers.active("ada")
    assert found.has_begun


async def test_history_is_told_in_parts_in_the_order_of_the_ends(desk: Desk, dossiers: Dossiers) -> None:
    first, second, third = [await end(desk, owner="ada") for _ in range(3)]
    await end(desk, owner="bob")
    await desk.accept(owner="ada")
    assert ids(await dossiers.past("ada")) == [first, second, third]
    assert ids(await dossiers.past("ada", limit=2)) == [second, third]
    assert ids(await dossiers.past("ada", offset=1, limit=1)) == [second]
    assert ids(await dossiers.past("ada", offset=9)) == []
    assert len(await dossiers.past(None)) == 4


async def test_job_that_was_taken_out_of_the_line_is_not_in_the_history(desk: Desk, dossiers: Dossiers) -> None:
    waiting = await desk.accept(owner="ada")
    await desk.store.cancel(Selection([waiting.job_id]), now=desk.now)
    interrupted = await end(desk, JobState.CANCELLED, owner="ada")
    assert ids(await dossiers.past("ada")) == [interrupted]
    kept = [await dossiers.get(job_id) for job_id in (waiting.job_id, interrupted)]
    assert [one is not None and one.is_past for one in kept] == [False, True]


async def test_history_forgets_what_it_is_told_to_and_the_jobs_are_kept(desk: Desk, dossiers: Dossiers) -> None:
    first, second, bobs = [await end(desk, owner=owner) for owner in ("ada", "ada", "bob")]
    active = await desk.bring(JobState.GENERATING, owner="ada")
    await dossiers.forget("ada", [first, bobs, active.job_id, "unknown"])
    assert ids(await dossiers.past(None)) == [second, bobs]
    await dossiers.forget("ada")
    assert ids(await dossiers.past(None)) == [bobs]
    assert (await desk.store.get(first)).state is JobState.COMPLETED
    forgotten = await dossiers.get(first)
    assert forgotten is not None
    assert not forgotten.is_past


async def test_job_that_is_begun_afresh_is_in_the_history_again(desk: Desk, dossiers: Dossiers) -> None:
    job_id = await end(desk, JobState.FAILED, owner="ada")
    await dossiers.forget("ada")
    await desk.store.retry(Selection([job_id]), now=desk.now)
    again = await dossiers.get(job_id)
    assert again is not None
    assert (again.history, again.is_forgotten) == (None, False)


async def test_jobs_are_found_by_state_and_label_sorted_and_counted(desk: Desk, dossiers: Dossiers) -> None:
    labelled = await end(desk, owner="ada", metadata={"comfyui": {"workflow_id": "one%"}})
    failed = await end(desk, JobState.FAILED, owner="ada", metadata={"comfyui": {"workflow_id": "oneX"}})
    waiting: Job = await desk.accept(owner="ada")
    gone = await end(desk, owner="ada")
    await dossiers.forget("ada", [gone])

    async def found(**facts: Any) -> tuple[list[str], int]:
        some, count = await dossiers.search("ada", Search(**facts))
        return ids(some), count

    assert await found() == ([waiting.job_id, failed, labelled], 3)
    assert await found(is_ascending=True, limit=1) == ([labelled], 3)
    assert await found(offset=1, limit=1) == ([failed], 3)
    assert await found(states={JobState.FAILED}) == ([failed], 1)
    assert await found(labels={"workflow_id": "one%"}) == ([labelled], 1)
    assert (await found(by="duration", is_ascending=True))[0][0] == waiting.job_id


async def test_job_has_begun_once_its_engine_says_so_and_still_when_another_worker_goes_on(
    desk: Desk, dossiers: Dossiers
) -> None:
    job_id = (await desk.bring(JobState.GENERATING)).job_id

    async def has_begun() -> bool:
        found = await dossiers.get(job_id)
        return found is not None and found.has_begun

    assert not await has_begun()
    await desk.store.report([Report(job_id, 1, 0.0, {"ahead": 1})], now=desk.now)
    assert not await has_begun()
    await desk.store.report([Report(job_id, 1, 0.0, {"node_id": "3"})], now=desk.now)
    assert await has_begun()
    await desk.store.claim(job_id, worker="worker-2", now=desk.now, take_over=True)
    assert await has_begun()
    await desk.store.requeue(job_id, 2, None, now=desk.now)
    assert await desk.claim(job_id) == 3
    assert not await has_begun()


async def test_ids_are_sorted_out_by_owner_and_state(desk: Desk, dossiers: Dossiers) -> None:
    active = (await desk.bring(JobState.GENERATING, owner="ada")).job_id
    waiting = (await desk.accept(owner="ada")).job_id
    asked = [active, waiting, "unknown"]
    assert await dossiers.among("ada", asked, ACTIVE) == [active]
    assert await dossiers.among(None, asked, {JobState.QUEUED}) == [waiting]
    assert await dossiers.among("bob", asked, JobState) == []
