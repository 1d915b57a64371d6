"""Gathers everything that is known of one job, and prints it for ``comfygen jobs show``."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from comfy_gen.app.shown import request_json
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.card import card
from comfy_gen.cli.jobs.json import artifact_json, attempt_json, delivery_json, event_json, job_json, take_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.job import Artifact, Attempt, Event, Job
    from comfy_gen.jobs.records import Delivery
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.validation.takes import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one job."""

    job: Job
    position: int | None
    eta: Estimate | None
    attempts: Sequence[Attempt]
    artifacts: Sequence[Artifact]
    """The result; where pictures are judged, those of the take that was chosen."""
    paths: Mapping[str, Path | None]
    """Where the artifacts lie, by their ids."""
    deliveries: Sequence[Delivery]
    events: Sequence[Event]
    request: JobRequest | None
    now: float
    takes: Sequence[Take] = ()
    """None where nobody judges the pictures."""
    made: Sequence[Artifact] = ()
    """By all takes."""

    def as_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        takes = [
            take_json(one, self._shown(artifact for artifact in self.made if artifact.take == one.number))
            for one in self.takes
        ]
        more = {"request": request_json(self.request)} if self.request is not None else {}
        return {
            **job_json(self.job, position=self.position, eta=self.eta),
            "attempts": [attempt_json(one) for one in self.attempts],
            "artifacts": self._shown(self.artifacts),
            **({"takes": takes} if takes else {}),
            "deliveries": [delivery_json(one) for one in self.deliveries],
            **({"events": [event_json(one) for one in self.events]} if self.events else {}),
            **more,
        }

    def _shown(self, artifacts: Iterable[Artifact]) -> list[dict[str, Any]]:
        return [artifact_json(one, self.paths[one.artifact_id]) for one in artifacts]


async def know(queue: JobQueue, text: str, *, with_request: bool = False, with_events: bool = False) -> Known:
    """Gather what is known of the job whose id begins so.

    Raises:
        JobNotFoundError: there is none, or there are several.
    """
    job, store = await queue.job(text), queue.store
    made = await store.artifacts(job.job_id, every_take=True)
    paths = await asyncio.to_thread(lambda: {one.artifact_id: queue.artifact_path(one) for one in made})
    return Known(
        job=job,
        position=await store.position(job.job_id),
        eta=None if job.state.is_end else await queue.eta(job),
        attempts=await store.attempts(job.job_id),
        artifacts=[one for one in made if one.take == job.take],
        paths=paths,
        deliveries=await queue.outbox.deliveries(job.job_id),
        events=await all_events(queue, job) if with_events else (),
        request=await store.request(job.job_id) if with_request else None,
        now=time.time(),
        takes=await store.takes(job.job_id),
        made=made,
    )


async def all_events(queue: JobQueue, job: Job) -> list[Event]:
    """Return every event of a job that is kept."""
    found: list[Event] = []
    while some := await queue.store.events(job.job_id, after=found[-1].number if found else 0):
        found += some
    return found


async def show(queue: JobQueue, text: str, *, as_json: bool, with_request: bool, with_events: bool) -> None:
    """Print what is known of the job whose id begins so."""
    known = await know(queue, text, with_request=with_request, with_events=with_events)
    if as_json:
        print_json(known.as_json())
        return
    console = Console()
    for part in card(known):
        console.print(part, soft_wrap=isinstance(part, Text))
    if known.request is not None:
        console.print_json(data=request_json(known.request))
