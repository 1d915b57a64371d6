"""A result as an endpoint of RunPod's tells of it, for answers and for webhooks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.comfyui.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHAPE = "runpod"
"""What a webhook is called that is told so."""
POLICY = "runpod"
"""What a job's metadata call the bounds that its request set: milliseconds, by RunPod's names."""
BOUNDS = {"ttl": "created", "executionTimeout": "started"}
"""From which moment of a job each of them counts."""

_STATUSES = {
    "queued": "IN_QUEUE",
    "preprocessing": "IN_PROGRESS",
    "generating": "IN_PROGRESS",
    "postprocessing": "IN_PROGRESS",
    "completed": "COMPLETED",
    "partial": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}
_TIMEOUTS = frozenset({Failure.TIMEOUT.value, "stuck"})
_OVERDUE: dict[str, Any] = {
    "code": "timeout",
    "message": "it took longer than its request allowed",
    "hint": "",
    "details": {},
}
_NO_ADDRESS = "ask for the job's status: its service has no api.public_url, and so its files no address to tell here"
ENDS = frozenset({"COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"})


def status_of(result: Mapping[str, Any]) -> str:
    """Return a job's state in RunPod's words, by its result."""
    status, error = _STATUSES[result["state"]], cast("dict[str, Any]", result["error"] or {})
    if status == "FAILED" and error.get("code") in _TIMEOUTS:
        return "TIMED_OUT"
    if status == "CANCELLED" and is_overdue(result, now=result["ended"] or 0.0):
        return "TIMED_OUT"
    return status


def is_overdue(facts: Mapping[str, Any], *, now: float) -> bool:
    """Tell whether a job has taken longer than its request allowed; the facts are those of a result."""
    policy = facts["metadata"].get(POLICY)
    bounds = cast("dict[str, Any]", policy) if isinstance(policy, dict) else {}
    return any(_has_passed(bounds.get(name), facts[since], now) for name, since in BOUNDS.items())


def told(result: Mapping[str, Any], files: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return what is told of a job: ``files`` are those of its outputs that worker-comfyui gives, as it does."""
    status = status_of(result)
    facts: dict[str, Any] = {"id": result["id"], "status": status}
    if status == "IN_QUEUE":
        return facts
    facts |= times_of(result)
    if result["engine"]:
        facts["workerId"] = result["engine"]
    if status == "COMPLETED":
        return facts | {"output": output_of(files, result["notes"])}
    error = _OVERDUE if result["state"] == "cancelled" and status == "TIMED_OUT" else result["error"]
    return facts if error is None or status not in ENDS else facts | {"error": in_words(error), "comfygen": error}


def in_words(error: Mapping[str, Any]) -> str:
    """Return an error in a sentence or two."""
    said = (error["message"], error["hint"])
    return " ".join(f"{one[0].upper()}{one[1:].rstrip('.')}." for one in said if one)


def output_of(files: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> dict[str, Any]:
    """Return the output of a worker: pictures (and films), sounds, and what went wrong besides."""
    sounds = [_bare(one) for one in files if one["kind"] == "audio"]
    pictures = [_bare(one) for one in files if one["kind"] != "audio"]
    found = {"images": pictures, "audio": sounds, "errors": list(notes)}
    return {name: values for name, values in found.items() if values} or {"status": "success_no_output"}


def times_of(result: Mapping[str, Any]) -> dict[str, int]:
    """Return how long a job waited and ran, in milliseconds; what is not known yet is not there."""
    created, started, ended = result["created"], result["started"], result["ended"]
    waited = _milliseconds(created, started if started is not None else ended)
    ran = _milliseconds(started, ended)
    return {name: value for name, value in (("delayTime", waited), ("executionTime", ran)) if value is not None}


def webhook_told(told_of: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a webhook tells of a job: its files by their addresses, as far as these are known."""
    made = [one for one in told_of["output"] if one["output_type"] != "texts"]
    files = [
        {"filename": one["filename"], "kind": one["output_type"], "type": "s3_url", "data": one["url"]}
        for one in made
        if one["url"]
    ]
    lacking = [f"{one['filename']}: {_NO_ADDRESS}" for one in made if not one["url"]]
    return told({**told_of, "notes": [*told_of["notes"], *lacking]}, files)


def _bare(file: Mapping[str, Any]) -> dict[str, Any]:
    return {name: file[name] for name in ("filename", "type", "data")}


def _has_passed(bound: Any, since: float | None, now: float) -> bool:
    return isinstance(bound, (int, float)) and since is not None and now - since >= bound / 1000


def _milliseconds(begin: float | None, end: float | None) -> int | None:
    return None if begin is None or end is None else max(round((end - begin) * 1000), 0)
