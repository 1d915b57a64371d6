"""Jobs, and what belongs to them, as ``--json`` prints them. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from comfy_gen.config import masked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.job import Artifact, Attempt, Event, Job
    from comfy_gen.jobs.records import Delivery
    from comfy_gen.validation.takes import Take


def job_json(job: Job, *, position: int | None = None, eta: Estimate | None = None) -> dict[str, Any]:
    """Return a job; times are in seconds since 1970."""
    facts = asdict(job) | {
        "avoided": sorted(job.avoided),
        "notes": list(job.notes),
        "webhook_url": masked(job.webhook_url) if job.webhook_url else None,
        "position": position,
        "eta": eta and {"median": eta.median, "p90": eta.p90, "samples": eta.samples},
    }
    del facts["rank"], facts["likeness"]  # numbers of our own
    return facts


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt."""
    facts = asdict(attempt)
    del facts["job_id"]
    return facts


def artifact_json(artifact: Artifact, path: Path | None) -> dict[str, Any]:
    """Return an artifact with the place where it lies."""
    facts = asdict(artifact)
    del facts["job_id"]
    return facts | {"path": None if path is None else str(path)}


def take_json(take: Take, made: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a take with the artifacts that it made."""
    return asdict(take) | {"artifacts": made}


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """Return how a webhook goes, without what was told by it."""
    names = ("delivery_id", "state", "created", "tries", "next_at", "status", "error", "is_done")
    return {name: getattr(delivery, name) for name in names} | {"url": masked(delivery.url)}


def event_json(event: Event) -> dict[str, Any]:
    """Return an event, as a line of a stream."""
    return {
        "job_id": event.job_id,
        "number": event.number,
        "at": event.at,
        "type": event.type,
        "data": dict(event.data),
    }
