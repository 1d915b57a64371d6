"""What every store of jobs does with takes, on SQLite and on PostgreSQL: all are kept, and one is the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.app.deleting import delete_jobs
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.request import Webhook
from comfy_gen.library.generations import Library
from comfy_gen.storage.local import LocalStore
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.takes import summary
from tests.contracts.job_stores import FAILURE, artifact
from tests.contracts.taking import RETRYING, asked, begin, end, ending, files, reject, take, taken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.contracts.job_stores import Desk

# --- between takes


async def test_take_is_kept_with_its_artifacts_while_the_job_waits_for_the_next(desk: Desk):
    job_id = await asked(desk)
    made = take(1, changes={"seed": 5}, verdicts=[{"check": "quality", "artifact_id": "a", "passed": False}], flaws=1)
    await reject(desk, job_id, made)
    job = await desk.store.get(job_id)
    assert (job.state, job.worker, job.failure, job.strikes) == (JobState.QUEUED, None, None, 0)
    assert (job.quality, job.take) == (summary([made]), 1)
    assert await desk.store.takes(job_id) == [made]
    assert await desk.store.artifacts(job_id) == files(job_id, 1)


async def test_job_waits_for_its_next_take_where_it_was(desk: Desk):
    first, later = [await asked(desk, owner="one") for _ in range(2)]
    before = await desk.store.get(first)
    await reject(desk, first, take(1))
    assert (await desk.store.get(first)).rank == before.rank
    assert [one.job_id for one in await desk.store.window(10, now=desk.now)] == [first, later]
    assert desk.dispatcher.enqueued[-1] == (first, before.rank)


async def test_next_claim_brings_the_takes_that_there_are(desk: Desk):
    job_id = await asked(desk)
    first = await desk.store.claim(job_id, worker="w", now=1.0)
    assert first is not None
    assert (first.takes, first.request.quality) == ([], RETRYING)
    await desk.store.requeue(job_id, first.attempt, None, now=1.0, taken=taken(job_id, take(1)))
    second = await desk.store.claim(job_id, worker="w", now=2.0)
    assert second is not None
    assert (second.attempt, second.takes) == (2, [take(1)])


async def test_attempt_ends_by_what_was_found_of_its_take(desk: Desk):
    job_id = await asked(desk, quality=Quality(best_of=3))
    await reject(desk, job_id, take(1, passed=False))
    await reject(desk, job_id, take(2, passed=True))
    attempts = await desk.store.attempts(job_id)
    assert [(one.ending, one.failure, one.ended) for one in attempts] == [
        ("rejected", None, desk.now),
        ("succeeded", None, desk.now),
    ]
    assert attempts[0].timings == {"generate": 2.0}


async def test_every_take_tells_how_long_such_jobs_take(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    job = await end(desk, job_id, [take(1), take(2)])
    assert sorted(await desk.store.durations(job.likeness)) == [2.0, 3.0]


async def test_take_of_more_steps_tells_nothing_of_how_long_such_jobs_take(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    longer = [take(number, changes={"seed": number, "steps": 50}) for number in (2, 3)]
    await reject(desk, job_id, longer[0])
    job = await end(desk, job_id, [take(1), *longer])
    assert await desk.store.durations(job.likeness) == [2.0]


async def test_events_tell_of_takes_and_the_last_of_all(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    await end(desk, job_id, [take(1), take(2, passed=True, score=0.4)])
    told = [event.data for event in await desk.store.events(job_id) if "take" in event.data]
    assert [one["take"] for one in told] == [
        {"number": 1, "passed": False, "score": 0.2, "reason": "it is black"},
        {"number": 2, "passed": True, "score": 0.4, "reason": ""},
    ]
    assert [one["state"] for one in told] == ["queued", "completed"]
    assert "quality" not in told[0]
    assert told[1]["quality"] == {"passed": True, "score": 0.4, "reason": "", "take": 2, "takes": 2}


async def test_best_take_so_far_would_be_the_result(desk: Desk):
    job_id = await asked(desk)
    for made in (take(1, score=0.1), take(2, score=0.3), take(3, score=0.2)):
        await reject(desk, job_id, made)
    job = await desk.store.get(job_id)
    assert (job.take, (job.quality or {})["takes"]) == (2, 3)
    assert await desk.store.artifacts(job_id) == files(job_id, 2)
    assert await desk.store.artifacts(job_id, every_take=True) == [
        *files(job_id, 1),
        *files(job_id, 2),
        *files(job_id, 3),
    ]


# --- fences


async def test_older_attempt_cannot_write_a_take(desk: Desk):
    job_id = await asked(desk)
    stale = await begin(desk, job_id)
    assert await desk.store.claim(job_id, worker="w2", now=1.0, take_over=True)
    assert not await desk.store.requeue(job_id, stale, None, now=1.0, taken=taken(job_id, take(1)))
    assert not await desk.store.finish(job_id, stale, ending(job_id, [take(1)]), now=1.0)
    assert await desk.store.takes(job_id) == []
    assert await desk.store.artifacts(job_id, every_take=True) == []


async def test_who_takes_over_makes_the_same_take_and_leaves_the_others(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    await begin(desk, job_id)
    claimed = await desk.store.claim(job_id, worker="w2", now=1.0, take_over=True)
    assert claimed is not None
    assert claimed.takes == [take(1)]
    again = take(2, passed=True, attempt=claimed.attempt)
    assert await desk.store.finish(job_id, claimed.attempt, ending(job_id, [take(1), again]), now=1.0)
    assert await desk.store.takes(job_id) == [take(1), again]
    assert await desk.store.artifacts(job_id, every_take=True) == [*files(job_id, 1), *files(job_id, 2)]


async def test_take_that_is_made_once_more_takes_the_place_of_its_own(desk: Desk):
    job_id = await asked(desk)
    attempt = await begin(desk, job_id)
    # A worker whose storage failed after its files were kept: the take itself is not there.
    half = Finish(JobState.FAILED, files(job_id, 1, count=2), failure=FAILURE)
    await desk.store.finish(job_id, attempt, half, now=1.0)
    assert len(await desk.store.artifacts(job_id)) == 2
    await desk.store.retry(Selection([job_id]), now=2.0)
    await reject(desk, job_id, take(1))
    assert await desk.store.artifacts(job_id, every_take=True) == files(job_id, 1)


async def test_take_that_was_written_is_not_written_twice(desk: Desk):
    job_id = await asked(desk)
    attempt = await reject(desk, job_id, take(1))
    before = await desk.store.get(job_id)
    assert not await desk.store.requeue(job_id, attempt, None, now=9.0, taken=taken(job_id, take(1)))
    assert await desk.store.get(job_id) == before
    job = await end(desk, job_id, [take(1), take(2)])
    assert await desk.store.finish(job_id, job.attempt, ending(job_id, [take(1), take(2)]), now=9.0)
    assert await desk.store.get(job_id) == job
    assert [one.number for one in await desk.store.takes(job_id)] == [1, 2]


async def test_takes_of_one_job_are_none_of_another(desk: Desk):
    first, other = [await asked(desk) for _ in range(2)]
    await reject(desk, first, take(1))
    await reject(desk, other, take(1, score=0.9))
    assert [one.score for one in await desk.store.takes(first)] == [0.2]
    assert await desk.store.artifacts(other, every_take=True) == files(other, 1)


# --- the end


async def test_job_that_passes_has_the_take_that_did(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    job = await end(desk, job_id, [take(1), take(2, passed=True, score=0.31)])
    assert (job.state, job.take, job.quality) == (
        JobState.COMPLETED,
        2,
        {"passed": True, "score": 0.31, "reason": "", "take": 2, "takes": 2},
    )
    assert await desk.store.artifacts(job_id) == files(job_id, 2)
    assert [one.ending for one in await desk.store.attempts(job_id)] == ["rejected", "succeeded"]


async def test_earlier_take_that_was_better_is_the_result_in_all(desk: Desk):
    job_id = await asked(desk)
    verdicts = [{"check": "quality", "artifact_id": files(job_id, 1)[0].artifact_id, "score": 0.24}]
    first, second = take(1, score=0.24, verdicts=verdicts), take(2, score=0.1)
    await reject(desk, job_id, first)
    job = await end(desk, job_id, [first, second])
    assert (job.state, job.take, (job.quality or {})["passed"]) == (JobState.COMPLETED, 1, False)
    assert [one.ending for one in await desk.store.attempts(job_id)] == ["rejected", "rejected"]
    assert await desk.store.artifacts(job_id) == files(job_id, 1)
    assert await desk.store.artifacts(job_id, every_take=True) == [*files(job_id, 1), *files(job_id, 2)]
    found = await Library(desk.store.transactions).get(job_id)
    assert found.seed == 1
    assert found.recipe["seed"] == 1
    assert found.artifacts == tuple(files(job_id, 1))
    assert found.verdicts == tuple(verdicts)
    assert (found.passed, found.score) == (False, 0.24)


async def test_record_is_the_last_takes_where_that_is_chosen(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    await end(desk, job_id, [take(1), take(2, passed=True)])
    found = await Library(desk.store.transactions).get(job_id)
    assert (found.seed, found.passed, found.artifacts) == (2, True, tuple(files(job_id, 2)))


async def test_what_could_not_be_judged_is_neither_passed_nor_rejected(desk: Desk):
    job_id = await asked(desk)
    job = await end(desk, job_id, [take(1, passed=None, score=None, reason="the weights are missing")])
    assert job.quality == {
        "passed": None,
        "score": None,
        "reason": "the weights are missing",
        "take": 1,
        "takes": 1,
    }
    assert [one.ending for one in await desk.store.attempts(job_id)] == ["succeeded"]
    found = await Library(desk.store.transactions).get(job_id)
    assert (found.passed, found.score) == (None, None)


async def test_copies_in_the_requests_bucket_are_the_chosen_ones(desk: Desk):
    job_id = await asked(desk)
    first = take(1, score=0.24)
    await reject(desk, job_id, first)
    copied = files(job_id, 1, url="https://bucket.test/1.png")
    await end(desk, job_id, [first, take(2, score=0.1)], artifacts=copied)
    assert await desk.store.artifacts(job_id) == copied
    assert await desk.store.artifacts(job_id, every_take=True) == [*copied, *files(job_id, 2)]


async def test_webhook_has_the_result_of_the_chosen_take(desk: Desk):
    job_id = await asked(desk, webhook=Webhook("https://hooks.test/"))
    await reject(desk, job_id, take(1, score=0.24))
    await end(desk, job_id, [take(1, score=0.24), take(2, score=0.1)])
    (told,) = await desk.outbox.deliveries(job_id)
    assert [one["artifact_id"] for one in told.body["artifacts"]] == [files(job_id, 1)[0].artifact_id]


# --- an end between takes


async def test_job_that_is_cancelled_between_takes_keeps_them(desk: Desk):
    job_id = await asked(desk, webhook=Webhook("https://hooks.test/"))
    await reject(desk, job_id, take(1))
    await desk.store.cancel(Selection([job_id]), now=1010.0)
    job = await desk.store.get(job_id)
    assert (job.state, job.ended, job.take, job.quality) == (JobState.CANCELLED, 1010.0, 1, summary([take(1)]))
    assert await desk.store.claim(job_id, worker="w", now=1011.0) is None
    assert await desk.store.takes(job_id) == [take(1)]
    assert await desk.store.artifacts(job_id) == files(job_id, 1)
    (told,) = await desk.outbox.deliveries(job_id)
    assert len(told.body["artifacts"]) == 1


async def test_no_take_follows_where_the_job_is_to_be_cancelled(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    attempt = await begin(desk, job_id)
    await desk.store.cancel(Selection([job_id]), now=1010.0)
    assert await desk.store.requeue(job_id, attempt, None, now=1011.0, taken=taken(job_id, take(2, score=0.24)))
    job = await desk.store.get(job_id)
    assert (job.state, job.is_cancelling, job.take) == (JobState.CANCELLED, False, 2)
    assert [one.number for one in await desk.store.takes(job_id)] == [1, 2]
    assert await desk.store.position(job_id) is None
    assert [one.job_id for one in await desk.store.window(10, now=2000.0)] == []


async def test_attempt_that_is_cancelled_leaves_the_takes_before_it(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    attempt = await begin(desk, job_id)
    await desk.store.finish(job_id, attempt, Finish(JobState.CANCELLED), now=1.0)
    assert (await desk.store.get(job_id)).quality == summary([take(1)])
    assert await desk.store.artifacts(job_id) == files(job_id, 1)


async def test_job_that_fails_after_takes_shows_the_best_of_them(desk: Desk):
    job_id = await asked(desk, webhook=Webhook("https://hooks.test/"))
    await reject(desk, job_id, take(1, score=0.24))
    await reject(desk, job_id, take(2, score=0.1))
    attempt = await begin(desk, job_id)
    await desk.store.finish(job_id, attempt, Finish(JobState.FAILED, failure=FAILURE), now=1.0)
    job = await desk.store.get(job_id)
    assert (job.state, job.take, job.failure) == (JobState.FAILED, 1, FAILURE)
    assert job.quality == summary([take(1, score=0.24), take(2, score=0.1)])
    assert await desk.store.artifacts(job_id) == files(job_id, 1)
    assert [one.ending for one in await desk.store.attempts(job_id)] == ["rejected", "rejected", "failed"]
    (told,) = await desk.outbox.deliveries(job_id)
    assert [one["artifact_id"] for one in told.body["artifacts"]] == [files(job_id, 1)[0].artifact_id]


async def test_attempt_that_an_engine_spoiled_is_no_take(desk: Desk):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    attempt = await begin(desk, job_id)
    await desk.store.requeue(job_id, attempt, FAILURE, now=1.0, strike=True, avoid="gpu-1")
    claimed = await desk.store.claim(job_id, worker="w", now=2.0)
    assert claimed is not None
    assert (claimed.attempt, claimed.takes, claimed.job.take) == (3, [take(1)], 1)
    assert await desk.store.artifacts(job_id) == files(job_id, 1)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_job_that_is_retried_goes_on_counting(desk: Desk, state: JobState):
    job_id = await asked(desk)
    await reject(desk, job_id, take(1))
    await desk.store.finish(job_id, await begin(desk, job_id), Finish(state), now=1.0)
    await desk.store.retry(Selection([job_id]), now=2.0)
    claimed = await desk.store.claim(job_id, worker="w", now=3.0)
    assert claimed is not None
    assert claimed.takes == [take(1)]
    assert await desk.store.artifacts(job_id) == files(job_id, 1)


# --- what goes


async def picture() -> AsyncIterator[bytes]:
    yield b"a picture"


async def test_files_of_every_take_go_with_their_job(desk: Desk, tmp_path: Path):
    job_id, kept = await asked(desk), await LocalStore.open(tmp_path / "files")
    await reject(desk, job_id, take(1))
    await end(desk, job_id, [take(1), take(2, passed=True)])
    made = await desk.store.artifacts(job_id, every_take=True)
    keys = [key for one in made for key in (one.key, str(one.thumbnail_key))]
    for key in keys:
        await kept.put(key, picture())
    assert len(keys) == 4
    await delete_jobs(desk.store, kept, Selection([job_id]))
    assert [await kept.exists(key) for key in keys] == [False] * 4
    assert await desk.store.takes(job_id) == []
    assert await desk.store.artifacts(job_id, every_take=True) == []


# --- without quality


async def test_job_that_nobody_judges_has_no_takes(desk: Desk):
    job = await desk.bring(JobState.POSTPROCESSING)
    await desk.store.finish(job.job_id, 1, Finish(JobState.COMPLETED, [artifact(job.job_id)]), now=1.0)
    ended = await desk.store.get(job.job_id)
    assert (ended.quality, ended.take) == (None, 1)
    assert await desk.store.takes(job.job_id) == []
    both = [await desk.store.artifacts(job.job_id, every_take=every) for every in (True, False)]
    assert both == [[artifact(job.job_id)]] * 2
    last = (await desk.store.events(job.job_id))[-1]
    assert not {"take", "quality"} & last.data.keys()


async def test_job_that_is_to_be_judged_says_so_from_the_start(desk: Desk):
    job = await desk.store.get(await asked(desk))
    assert (job.quality, job.take) == ({"passed": None, "score": None, "reason": "", "take": None, "takes": 0}, 1)
    assert await desk.store.takes(job.job_id) == await desk.store.artifacts(job.job_id) == []
