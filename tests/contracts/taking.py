"""Takes for tests of stores: what they are, what they make, and how a worker says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Taken
from comfy_gen.pipeline.artifact import artifact_id
from comfy_gen.pipeline.record import record_of
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.takes import Take, best, summary
from tests.contracts.job_stores import artifact
from tests.workflows.samples import plain

if TYPE_CHECKING:
    from comfy_gen.jobs.job import Job, JobId
    from comfy_gen.pipeline.artifact import Artifact
    from tests.contracts.job_stores import Desk

RETRYING = Quality(auto_retry=True, retry_limit=3)


async def asked(desk: Desk, **facts: Any) -> JobId:
    """Accept a job whose pictures are judged."""
    return (await desk.accept(**{"quality": RETRYING, "workflow": plain(seed=7), **facts})).job_id


def take(number: int, *, passed: bool | None = False, score: float | None = 0.2, **facts: Any) -> Take:
    """Return a take."""
    usual = {"attempt": number, "engine": "gpu-1", "at": 1000.0 + number, "lacks": [], "verdicts": []}
    reason = "" if passed else "it is black"
    return Take(number=number, passed=passed, score=score, **{**usual, "reason": reason, **facts})


def files(job_id: JobId, number: int, count: int = 1, **facts: Any) -> list[Artifact]:
    """Return what a take made."""
    return [
        replace(
            artifact(job_id, index, thumbnail_key=f"{job_id}/thumbs/{number}-{index}.webp"),
            artifact_id=artifact_id(job_id, "2", "image", index, number),
            key=f"{job_id}/{number}-{index}.png",
            take=number,
            **facts,
        )
        for index in range(count)
    ]


def taken(job_id: JobId, made: Take, **facts: Any) -> Taken:
    """Return a take with what it made: its workflow has the take's number for a seed."""
    record = record_of(plain(seed=made.number), name="sd15")
    usual = {"artifacts": files(job_id, made.number), "record": record, "timings": {"generate": 2.0}}
    return Taken(made, **{**usual, **facts})


async def begin(desk: Desk, job_id: JobId) -> int:
    """Claim a job and have its files ready to be kept; return the number of the attempt."""
    attempt = await desk.claim(job_id)
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        assert await desk.store.advance(job_id, attempt, state, now=desk.now)
    return attempt


async def reject(desk: Desk, job_id: JobId, made: Take, **facts: Any) -> int:
    """Make a take that another is to follow; return the number of its attempt."""
    attempt = await begin(desk, job_id)
    assert await desk.store.requeue(job_id, attempt, None, now=desk.now, taken=taken(job_id, made, **facts))
    return attempt


def ending(job_id: JobId, takes: list[Take], **facts: Any) -> Finish:
    """Return how a job ends with the last of these takes, the way that the worker says it."""
    newest, chosen = takes[-1], best(takes)
    made = taken(job_id, newest)
    return Finish(
        **{
            "state": JobState.COMPLETED,
            "artifacts": files(job_id, chosen.number),
            "timings": {"generate": 3.0},
            "record": made.record if chosen is newest else None,
            "verdicts": chosen.verdicts,
            "taken": made,
            "take": chosen.number,
            "quality": summary(takes),
            **facts,
        }
    )


async def end(desk: Desk, job_id: JobId, takes: list[Take], **facts: Any) -> Job:
    """Make the last of these takes, and end the job with the best."""
    attempt = await begin(desk, job_id)
    assert await desk.store.finish(job_id, attempt, ending(job_id, takes, **facts), now=desk.now)
    return await desk.store.get(job_id)
