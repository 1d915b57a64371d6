"""What a webhook says: the result that everybody else gets, with what it is that happened. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs import endpoint
from comfy_gen.jobs.result import result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comfy_gen.jobs.job import Artifact, Job

END, PROGRESS = "end", "progress"
"""What a webhook may tell of."""

_SHAPES: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {endpoint.SHAPE: endpoint.webhook_told}
"""What puts it into the words of others, for receivers that were written for them."""

QUARTERS = 4
"""Into so many parts a job's progress is divided; each that is done is news."""


def end_of(job: Job, artifacts: Sequence[Artifact], *, now: float) -> dict[str, Any]:
    """Return what is told of a job's end."""
    return {
        **_told(f"job.{job.state}", job, artifacts, now),
        "failure": job.failure and job.failure.as_json(),
        "artifacts": [dataclasses.asdict(one) for one in artifacts],
    }


def progress_of(job: Job, *, now: float) -> dict[str, Any]:
    """Return what is told of a job that goes on."""
    return _told("job.progress", job, (), now)


def quarter_of(fraction: float | None) -> int:
    """Return how many quarters are done, from 0 to 3: that all are done, the next stage tells."""
    return 0 if fraction is None else min(int(fraction * QUARTERS), QUARTERS - 1)


def with_links(body: Mapping[str, Any], link: Callable[[Mapping[str, Any]], str]) -> dict[str, Any]:
    """Return what is told with an address for each output that has none; ``link`` makes one of an output.

    It is done when the webhook is sent, for such an address expires.
    """
    output = [one if one["url"] else {**one, "url": link(one)} for one in body.get("output", ())]
    return {**body, "output": output, "output_url": next((one["url"] for one in output), None)}


def in_shape(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is told in the words that it is to be told in."""
    shape = _SHAPES.get(body.get("shape", ""))
    return body if shape is None else shape(body)


def _told(kind: str, job: Job, artifacts: Sequence[Artifact], now: float) -> dict[str, Any]:
    at = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": kind, "timestamp": at, **result_of(job, artifacts), "job_id": job.job_id}
