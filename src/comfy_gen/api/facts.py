"""Jobs, their attempts and what they were asked, as this service tells them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.results import links_of
from comfy_gen.jobs.result import STATUSES, message_of, percent_of

if TYPE_CHECKING:
    from comfy_gen.app.caller import Caller
    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.job import Attempt, Job


def summary_of(job: Job, caller: Caller) -> dict[str, Any]:
    """Return a job for a list."""
    names = ("title", "priority", "is_held", "engine", "attempt", "created", "started", "ended")
    return {
        "id": job.job_id,
        "status": STATUSES[job.state],
        "state": job.state.value,
        "message": message_of(job),
        "progress": percent_of(job),
        "owner": job.owner if caller.is_admin else None,
        "links": links_of(job.job_id),
        **{name: getattr(job, name) for name in names},
    }


def standing_of(job: Job, caller: Caller, *, position: int | None, eta: Estimate | None) -> dict[str, Any]:
    """Return what is told of one job beyond its result, but for its attempts."""
    return {
        "priority": job.priority,
        "is_held": job.is_held,
        "is_cancelling": job.is_cancelling,
        "owner": job.owner if caller.is_admin else None,
        "position": position,
        "eta": eta_of(eta),
    }


def eta_of(eta: Estimate | None) -> dict[str, Any] | None:
    """Return in how many seconds a job ends."""
    return eta and {"median": eta.median, "p90": eta.p90, "samples": eta.samples}


def attempt_of(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt."""
    names = ("number", "engine", "prompt_id", "started", "ended", "ending")
    return {
        **{name: getattr(attempt, name) for name in names},
        "failure": attempt.failure and attempt.failure.as_json(),
        "timings": dict(attempt.timings),
    }
