"""Jobs as the API tells them, made into what tools answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.mcp.answers import Composed, Failure, Job, NextCall, Output, ProgressUpdate, Quality, status_of
from comfy_gen.mcp.service import NOT_OURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comfy_gen.errors import ServiceProblemError
    from comfy_gen.mcp.following import Followed

ARTIFACTS = "comfygen://artifacts/"
"""What begins the address of a file, for as long as its job is kept."""
ENDS = frozenset({"completed", "failed", "cancelled"})

_ENGINES = frozenset({"no_engine", "engine_lost", "engine_unreachable", "timeout", "gpu_error", "out_of_memory"})
_AFTER_FAILURE = {
    "missing_model": ("list_models", "it says which models there are."),
    "missing_node": ("validate_workflow", "it says all that stands against a workflow."),
    **dict.fromkeys(_ENGINES, ("service_status", "it says how the engines are.")),
}


def is_unknown(error: ServiceProblemError) -> bool:
    """Tell whether a job is not known: an id that is none is refused before it is looked for.

    What is no ComfyGen service knows nothing, not even that.
    """
    if error.service_code == NOT_OURS:
        return False
    return error.status == 404 or (error.status == 422 and error.service_code == "invalid_request")


def job_of(followed: Followed, *, has_updates: bool = False) -> Job:
    """Return what is told of a job that was followed."""
    job = followed.job
    status = status_of(job)
    facts: dict[str, Any] = {
        "status": status,
        "prompt_id": job["id"],
        "job_id": job["id"],
        "message": job.get("message", ""),
        "percent": job.get("progress"),
        "position": position_of(job),
        "eta_seconds": eta_of(job),
        "url": job.get("output_url"),
        "outputs": outputs_of(job.get("output", ())),
        "progress_updates": [ProgressUpdate.model_validate(one) for one in followed.updates] if has_updates else None,
        "error": failure_of(job) if status in ENDS else None,
        "quality": quality_of(job),
        "notes": [*job.get("notes", ()), *_setback(job)],
        "next": next_after(job),
    }
    if followed.trouble is not None:
        facts["notes"].append(f"{followed.trouble.message}. {followed.trouble.hint}")
    if status == "unknown":
        facts["message"] = "the service could not be asked; the job may well go on"
    return Job.model_validate(facts)


def _setback(job: Mapping[str, Any]) -> list[str]:
    """Return what befell a job that goes on all the same: whoever took it for its end would have it made twice."""
    failure = failure_of(job)
    if failure is None or status_of(job) in ENDS:
        return []
    return [f"an attempt failed, and the job goes on by itself: {failure.message}"]


def next_after(job: Mapping[str, Any]) -> NextCall | None:
    """Return what to call once this is known of a job."""
    status, arguments = status_of(job), {"prompt_id": job["id"]}
    if status in {"pending", "running"}:
        return NextCall(tool="wait", arguments=arguments, reason="the job goes on; this answers once it has ended.")
    if status == "unknown":
        return NextCall(tool="get_progress", arguments=arguments, reason="the service may answer again.")
    failure = failure_of(job)
    if failure is not None and (found := _AFTER_FAILURE.get(failure.code)):
        return NextCall(tool=found[0], reason=found[1])
    return None


def position_of(job: Mapping[str, Any]) -> str | int | None:
    """Return where a job stands: ``current`` while it runs, or its place in the line."""
    return "current" if status_of(job) == "running" else job.get("position")


def eta_of(job: Mapping[str, Any]) -> float | None:
    """Return in how many seconds a job should have ended."""
    eta: dict[str, float] | None = job.get("eta")
    return eta["median"] if eta and status_of(job) not in ENDS else None


def failure_of(job: Mapping[str, Any]) -> Failure | None:
    """Return why a job failed."""
    error = job.get("error")
    return error and Failure(code=error["code"], message=error["message"], hint=error.get("hint", ""))


def quality_of(job: Mapping[str, Any]) -> Quality | None:
    """Return what was found of a job's pictures."""
    return Quality.model_validate(job["quality"]) if job.get("quality") else None


def outputs_of(told: Iterable[Mapping[str, Any]]) -> list[Output]:
    """Return the files of a job."""
    names = ("id", "url", "filename", "media_type", "size", "width", "height")
    return [
        Output.model_validate({**{name: one.get(name) for name in names}, "resource": ARTIFACTS + one["id"]})
        for one in told
    ]


def composed_of(job: Job, answer: Mapping[str, Any]) -> Composed:
    """Return what is told of a picture that was composed: its job, and its recipe."""
    return Composed.model_validate({**job.model_dump(), **_recipe_of(answer)})


def dry_run_of(answer: Mapping[str, Any], asked: Mapping[str, Any]) -> Composed:
    """Return what is told of a recipe that nothing was made of; ``asked`` is what it was composed of."""
    following = NextCall(tool="compose", arguments=dict(asked), reason="makes the picture.")
    facts = {"status": "composed", "notes": answer["notes"], "next": following.model_dump()}
    return Composed.model_validate({**facts, **_recipe_of(answer)})


def _recipe_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    names = ("recipe", "recipe_id", "categories_used", "conflicts")
    explanation = answer["explanation"]
    lines = [explanation["summary"], *(step["detail"] for step in explanation["steps"])]
    left_out = [f"not taken: {one['what']} ({one['reason']})" for one in explanation["rejected"]]
    return {**{name: answer[name] for name in names}, "explanation": ". ".join([*lines, *left_out])}
