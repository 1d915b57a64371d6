"""How an endpoint is, as RunPod tells of it: jobs by state, engines as its workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import ACTIVE, MADE, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.api.results import Results
    from comfy_gen.app.service import Service
    from comfy_gen.engines.status import EngineStatus


async def health(service: Service, results: Results) -> dict[str, Any]:
    """Return how the service is."""
    fleet = service.fleet
    engines = fleet.health() if fleet is not None else ()
    workers = workers_of(engines) if fleet is not None else _unseen(await service.knowledge.count())
    return {"jobs": jobs_of(await results.counts()), "workers": workers}


def jobs_of(counts: Mapping[JobState, int]) -> dict[str, int]:
    """Return how many jobs are in which of RunPod's states."""
    return {
        "completed": sum(counts[state] for state in MADE),
        "failed": counts[JobState.FAILED],
        "inProgress": sum(counts[state] for state in ACTIVE),
        "inQueue": counts[JobState.QUEUED],
        "retried": 0,
    }


def workers_of(engines: Sequence[EngineStatus]) -> dict[str, int]:
    """Return how many engines are how."""
    ready = [one for one in engines if one.condition in {"up", "trying"}]
    running = sum(one.running > 0 for one in ready)
    return {
        "idle": len(ready) - running,
        "initializing": sum(one.condition == "unknown" for one in engines),
        "ready": len(ready),
        "running": running,
        "throttled": sum(one.condition == "resting" for one in engines),
        "unhealthy": sum(one.condition == "down" for one in engines),
    }


def _unseen(count: int) -> dict[str, int]:
    """Return the same where another process drives the engines: it is known that they answer, and no more."""
    return {"idle": count, "initializing": 0, "ready": count, "running": 0, "throttled": 0, "unhealthy": 0}
