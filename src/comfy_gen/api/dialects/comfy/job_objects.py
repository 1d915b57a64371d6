"""Jobs, their progress and their outputs, as the dialect has them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.comfy.hashes import hash_of_output
from comfy_gen.api.dialects.comfy.labels import labels_of
from comfy_gen.api.dialects.comfy.moments import NEVER, moment
from comfy_gen.api.dialects.comfy.statuses import status_of
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.result import message_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.job import Job
    from comfy_gen.pipeline.artifact import Artifact

_TYPES = frozenset({"image", "video", "audio", "text"})
"""Kinds of files that are called the same."""


def job_object(
    job: Job,
    *,
    base: str,
    position: int | None = None,
    progress: Mapping[str, Any] | None = None,
    outputs: Sequence[Mapping[str, Any]] = (),
    cause: JobFailure | None = None,
) -> dict[str, Any]:
    """Return a job.

    Args:
        job: the job.
        base: what comes before the dialect's own paths, where the service is below another one.
        position: its place in the line, while it waits.
        progress: what it last reported, while it runs.
        outputs: what it made, once it has ended.
        cause: why its last attempt failed, if it did.
    """
    address = f"{base}/api/v2/jobs/{job.job_id}"
    return {
        "id": job.job_id,
        "status": status_of(job),
        "created_at": moment(job.created),
        "started_at": _moment(job.started),
        "completed_at": _moment(job.ended),
        "expires_at": NEVER,
        "queue_position": position,
        "progress": progress_object(job.progress, progress or {}) if job.state.is_active else None,
        "outputs": list(outputs),
        "error": error_object(job.failure, cause) if job.state is JobState.FAILED and job.failure else None,
        "metrics": metrics_of(job),
        "urls": {"self": address, "events": f"{address}/events", "cancel": f"{address}/cancel"},
        **_labelled(job),
        "comfygen": {"state": job.state, "message": message_of(job), "notes": list(job.notes), "engine": job.engine},
    }


def listed_object(told: Mapping[str, Any], job: Job) -> dict[str, Any]:
    """Return a job for a list, in which clients look for its times under other names."""
    return {
        **told,
        "create_time": moment(job.created),
        "update_time": moment(job.ended or job.started or job.queued),
    }


def progress_object(fraction: float | None, report: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far a job is, of what it reported last."""
    step, steps, class_type = report.get("step"), report.get("steps"), report.get("class_type")
    counted = f" {step}/{steps}" if step is not None and steps is not None else ""
    return {
        "value": min(max(fraction or 0.0, 0.0), 1.0),
        "nodes_done": report.get("nodes_done", 0),
        "nodes_total": report.get("nodes_total", 0),
        "current_node": report.get("node_id"),
        "current_node_class": class_type,
        "step": step,
        "steps": steps,
        "message": f"{class_type}{counted}" if class_type else None,
    }


def output_object(artifact: Artifact, *, url: str, until: float) -> dict[str, Any]:
    """Return an output, which can be fetched until a moment."""
    return {
        "node_id": artifact.node_id,
        "name": artifact.filename,
        "type": type_of(artifact),
        "content_type": artifact.media_type,
        "size_bytes": artifact.size,
        "id": artifact.artifact_id,
        "hash": hash_of_output(artifact),
        "url": url,
        "url_expires_at": moment(until),
        "job_id": artifact.job_id,
    }


def type_of(artifact: Artifact) -> str:
    """Return the dialect's word for a kind of file."""
    if artifact.filename.lower().endswith(".latent"):
        return "latent"
    return artifact.kind if artifact.kind in _TYPES else "file"


def error_object(failure: JobFailure, cause: JobFailure | None = None) -> dict[str, Any]:
    """Return why a job failed, with the node at which its last attempt did; where that is none, our code stays."""
    facts = failure.details if cause is None else cause.details
    node_id, lines = facts.get("node_id"), facts.get("traceback")
    return {
        "code": "node_execution_error" if node_id else failure.code,
        "message": failure.message,
        "node_id": node_id,
        "class_type": facts.get("node_type"),
        "traceback": "".join(map(str, lines)) if lines else None,
        "details": {"code": failure.code, "hint": failure.hint},
    }


def metrics_of(job: Job) -> dict[str, int | None]:
    """Return how long a job waited and ran, in milliseconds; None where that is not over."""
    return {
        "queue_ms": _between(job.created, job.started),
        "execution_ms": _between(job.started, job.ended),
    }


def _between(begin: float | None, end: float | None) -> int | None:
    return None if begin is None or end is None else max(round((end - begin) * 1000), 0)


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else moment(seconds)


def _labelled(job: Job) -> dict[str, Any]:
    """Return what a client said of a job, where it said something: strict ones know none of it."""
    labels = labels_of(job.metadata)
    return {**({"metadata": labels} if labels else {}), **({"priority": job.priority} if job.priority else {})}
