"""How an endpoint is."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from comfy_gen.api.dialects.runpod.health import jobs_of, workers_of
from comfy_gen.jobs.job import JobState


def test_jobs_are_counted_by_runpod_s_states():
    counts = Counter({state: number for number, state in enumerate(JobState, 1)})
    assert jobs_of(counts) == {
        "completed": counts[JobState.COMPLETED] + counts[JobState.PARTIAL],
        "failed": counts[JobState.FAILED],
        "inProgress": 2 + 3 + 4,
        "inQueue": 1,
        "retried": 0,
    }


def test_engines_are_workers():
    engines = [
        SimpleNamespace(condition=condition, running=running)
        for condition, running in (("up", 0), ("up", 2), ("trying", 1), ("down", 0), ("resting", 0), ("unknown", 0))
    ]
    assert workers_of(engines) == {  # pyright: ignore[reportArgumentType]  # as much of them as is looked at
        "idle": 1,
        "initializing": 1,
        "ready": 3,
        "running": 2,
        "throttled": 1,
        "unhealthy": 1,
    }


async def test_service_that_works_elsewhere_tells_of_engines_that_answer(serve):
    served = await serve(with_worker=False)
    told = (await served.client.get("/v2/mine/health")).json()
    assert told["workers"]["ready"] == 1
