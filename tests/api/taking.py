"""Takes as a worker writes them, for services that have none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import Artifact, Job, JobId, JobState
from comfy_gen.jobs.records import Finish, Taken
from comfy_gen.pipeline.artifact import artifact_id
from comfy_gen.pipeline.record import record_of
from comfy_gen.validation.takes import Take, best, summary
from tests.workflows.samples import plain

if TYPE_CHECKING:
    from comfy_gen.jobs.store import JobStore

FINDING = {"check": "black", "passed": False, "figure": 0.4, "limit": 4.0, "reason": "it is black"}


def picture(job_id: str, number: int) -> Artifact:
    """Return the one picture of a take; there is no file of it."""
    key = f"{job_id}/{number}.png"
    name = artifact_id(job_id, "2", "image", 0, number)
    return Artifact(
        name, job_id, "2", "image", f"{number}.png", "image/png", 5, "ab" * 32, 8, 8, key, None, take=number
    )


def take(job_id: str, number: int, *, passed: bool | None = False, score: float | None = 0.2, **facts: Any) -> Take:
    """Return a take of one picture, with its verdict."""
    reason = "" if passed else "it is black"
    verdict = {
        "check": "quality",
        "artifact_id": picture(job_id, number).artifact_id,
        "passed": passed,
        "score": score,
        "reason": reason,
        "findings": [] if passed else [FINDING],
    }
    usual = {"reason": reason, "changes": {"seed": number}, "verdicts": [verdict], "attempt": number, "engine": "gpu-1"}
    return Take(number=number, passed=passed, score=score, **{**usual, "at": time.time(), **facts})


async def begin(store: JobStore, job_id: str) -> int:
    """Claim a job and have its files ready to be kept; return the number of the attempt."""
    claimed = await store.claim(job_id, worker="w", engine="gpu-1", prompt_id="p", now=time.time())
    assert claimed is not None
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        assert await store.advance(job_id, claimed.attempt, state, now=time.time())
    return claimed.attempt


async def reject(store: JobStore, job_id: str, made: Take) -> None:
    """Make a take that another is to follow."""
    attempt = await begin(store, job_id)
    assert await store.requeue(job_id, attempt, None, now=time.time(), taken=taken(job_id, made))


async def end(store: JobStore, job_id: str, takes: list[Take]) -> Job:
    """Make the last of these takes, and end the job with the best."""
    attempt, chosen = await begin(store, job_id), best(takes)
    made = taken(job_id, takes[-1])
    ending = Finish(
        JobState.COMPLETED,
        [picture(job_id, chosen.number)],
        record=made.record,
        verdicts=chosen.verdicts,
        taken=made,
        take=chosen.number,
        quality=summary(takes),
    )
    assert await store.finish(job_id, attempt, ending, now=time.time())
    return await store.get(job_id)


async def done(store: JobStore, job_id: str) -> None:
    """End a job that nobody judges."""
    attempt = await begin(store, job_id)
    ending = Finish(JobState.COMPLETED, [picture(job_id, 1)], record=record_of(plain(), name="sd15"))
    assert await store.finish(job_id, attempt, ending, now=time.time())


def taken(job_id: str, made: Take) -> Taken:
    """Return a take with what it made."""
    return Taken(made, [picture(job_id, made.number)], record_of(plain(seed=made.number), name="sd15"))


async def judged(store: JobStore, job_id: str) -> Job:
    """Make three takes of a job, of which none passes and the second is the best."""
    takes = [take(job_id, 1), take(job_id, 2, score=0.24), take(job_id, 3, score=0.1)]
    for made in takes[:-1]:
        await reject(store, job_id, made)
    return await end(store, JobId(job_id), takes)
