"""The takes of a job as this service tells them: each with its pictures, by links as a result has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from comfy_gen.api.results import Results
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Job
    from comfy_gen.validation.takes import Take

_SAME_NAMES = ("number", "passed", "score", "flaws", "reason", "attempt", "engine", "at")


async def takes_of(
    service: Service, results: Results, job: Job, caller: Caller, request: Request
) -> list[dict[str, Any]]:
    """Return the takes of a job; none, where nobody judges its pictures."""
    if job.quality is None:
        return []
    store = service.queue.store
    takes, artifacts = await store.takes(job.job_id), await store.artifacts(job.job_id, every_take=True)
    told: list[dict[str, Any]] = []
    for take in takes:
        own = [one for one in artifacts if one.take == take.number]
        told.append(take_json(take, job, [await results.output(one, caller, request) for one in own]))
    return told


def take_json(take: Take, job: Job, output: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is told of a take of a job, whose pictures these are."""
    return {
        **{name: getattr(take, name) for name in _SAME_NAMES},
        "is_result": take.number == job.take,
        "changes": dict(take.changes),
        "verdicts": [dict(one) for one in take.verdicts],
        "output": [dict(one) for one in output],
    }
