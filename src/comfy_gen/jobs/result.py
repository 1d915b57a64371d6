"""What people are told of a job, in the words of the documented results. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import MADE, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comfy_gen.jobs.job import Artifact, Job

STATUSES: Mapping[JobState, str] = {
    JobState.QUEUED: "queued",
    JobState.PREPROCESSING: "processing",
    JobState.GENERATING: "generating",
    JobState.POSTPROCESSING: "processing",
    JobState.COMPLETED: "completed",
    JobState.PARTIAL: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}
"""The documented words and no others, for programs wait until they read one of the last two; ``state`` is exact."""

QUEUES: Mapping[JobState, str] = {
    JobState.QUEUED: "generation",
    JobState.PREPROCESSING: "preprocessing",
    JobState.GENERATING: "generation",
    JobState.POSTPROCESSING: "postprocessing",
}
"""Which of the documented queues a job is in. One that waits does so for an engine."""

_MESSAGES: Mapping[JobState, str] = {
    JobState.QUEUED: "Waiting for an engine",
    JobState.PREPROCESSING: "Preparing the inputs",
    JobState.GENERATING: "Generating",
    JobState.POSTPROCESSING: "Storing the outputs",
    JobState.COMPLETED: "Generation completed",
    JobState.PARTIAL: "Generation completed in part: the engine dropped some outputs",
    JobState.FAILED: "Generation failed",
    JobState.CANCELLED: "Cancelled",
}


def message_of(job: Job) -> str:
    """Return how a job is, as a sentence without a closing stop."""
    if job.failure is not None and job.state is JobState.FAILED:
        return job.failure.message
    if job.is_held:
        return "Held: it waits until it is released"
    if job.is_cancelling and not job.state.is_end:
        return "Being cancelled"
    return f"{_MESSAGES[job.state]}{_found(job)}"


def percent_of(job: Job) -> int:
    """Return how much of a job is done, from 0 to 100."""
    if job.state in MADE:
        return 100
    return round(100 * (job.progress or 0.0))


def result_of(
    job: Job,
    artifacts: Sequence[Artifact] = (),
    *,
    url: Callable[[Artifact], str] = lambda artifact: artifact.url,
    path: Callable[[Artifact], str | None] = lambda _: None,
) -> dict[str, Any]:
    """Return the result object of a job.

    Args:
        job: the job.
        artifacts: its outputs.
        url: returns where anybody who has the result can fetch an output.
        path: returns where an output lies on this machine, for whoever may know that.
    """
    output = [output_of(one, url=url(one), path=path(one)) for one in artifacts]
    return {
        "id": job.job_id,
        "request_id": job.job_id,
        "generation_id": job.job_id,
        "status": STATUSES[job.state],
        "state": job.state.value,
        "message": message_of(job),
        "progress": percent_of(job),
        "output": output,
        "output_url": next((one["url"] for one in output), None),
        "error": error_of(job),
        "quality": None if job.quality is None else dict(job.quality),
        "notes": list(job.notes),
        "title": job.title,
        "metadata": dict(job.metadata),
        "engine": job.engine,
        "attempt": job.attempt,
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "timings": dict(job.timings),
    }


def shortfall_of(quality: Mapping[str, Any] | None) -> str:
    """Return that pictures did not pass, or could not be judged; nothing of others, or before there are any."""
    if quality is None or quality["passed"] or not quality["takes"]:
        return ""
    return "the pictures did not pass" if quality["passed"] is False else "the pictures could not be judged"


def _found(job: Job) -> str:
    """Return what is to be said of a job's pictures: nothing, where they passed or nobody judges them."""
    quality = job.quality or {}
    if not quality.get("takes") or job.state is JobState.CANCELLED:
        return ""
    if not job.state.is_end:
        return f" (take {quality['takes'] + 1})"
    if not (said := shortfall_of(quality)):
        return ""
    return f"; {said}: {quality['reason']}" if quality["reason"] else f"; {said}"


def error_of(job: Job) -> dict[str, Any] | None:
    """Return why a job failed, or last failed; None where it did not."""
    if job.state is JobState.CANCELLED:
        return {"code": "cancelled", "message": "the job was cancelled", "hint": "", "details": {}}
    return job.failure and job.failure.as_json()


def output_of(artifact: Artifact, *, url: str, path: str | None = None) -> dict[str, Any]:
    """Return one output of a result."""
    return {
        "id": artifact.artifact_id,
        "filename": artifact.filename,
        "local_path": path,
        "url": url,
        "type": "output",
        "node_id": artifact.node_id,
        "output_type": f"{artifact.kind}s" if artifact.kind in {"image", "video", "text", "file"} else artifact.kind,
        "media_type": artifact.media_type,
        "size": artifact.size,
        "width": artifact.width,
        "height": artifact.height,
        "sha256": artifact.sha256,
    }
