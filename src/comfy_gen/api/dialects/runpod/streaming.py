"""Gives what is new of a job to whoever asks again and again, each thing once."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.runpod.outputs import progress_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.api.dialects.runpod.outputs import Teller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Event, Job

HOLD = 2.5
"""Seconds that an answer waits for something new: some SDKs ask again at once, and some give up in ten."""
KEPT = 1_800.0
"""Seconds for which it is known what was given."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given of a job."""

    after: int = 0
    """The number of the last event."""
    is_all: bool = False
    """Whether the output was, too."""


async def given(service: Service, job_id: str) -> Given:
    """Return what was given of a job, as far as this service remembers."""
    found = await service.cache.get(_key(job_id))
    return Given() if found is None else Given(**json.loads(found))


async def next_part(service: Service, teller: Teller, job: Job, *, hold: float = HOLD) -> dict[str, Any]:
    """Return what is new of a job, once there is something, or after a while."""
    before = await given(service, job.job_id)
    job, events = await _news(service, job, before, hold)
    facts = await teller.told(job)
    output = facts.pop("output", None)
    chunks = [progress_of(one) for one in events if one.type == "progress"][-1:]
    is_last = job.state.is_end
    if is_last and output is not None and not before.is_all:
        chunks.append(output)
    after = max([before.after, *(one.number for one in events)])
    now = json.dumps({"after": after, "is_all": is_last})
    await service.cache.put(_key(job.job_id), now.encode(), KEPT)
    return {**facts, "stream": [{"output": chunk} for chunk in chunks]}


async def _news(service: Service, job: Job, before: Given, hold: float) -> tuple[Job, Sequence[Event]]:
    """Return a job, and what happened since; where that is nothing, wait for it."""
    found: list[Event] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(hold), aclosing(service.queue.watching.news(job.job_id, after=before.after)) as news:
            async for one in news:
                job = one.job
                found += one.events
                if job.state.is_end or any(event.type == "progress" for event in found):
                    break
    return job, found


def _key(job_id: str) -> str:
    return f"runpod/stream/{job_id}"
