"""The last words on a prompt that no engine has said: of jobs that failed elsewhere, or were cancelled. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.jobs.failure import JobFailure


def succeeded(prompt_id: str, *, timestamp: int) -> dict[str, Any]:
    """Return the data of an ``execution_success``."""
    return {"prompt_id": prompt_id, "timestamp": timestamp}


def failed(
    prompt_id: str, failure: JobFailure | None, *, node_id: str = "", executed: Sequence[str] = (), timestamp: int
) -> dict[str, Any]:
    """Return the data of an ``execution_error``. What failed at a node says at which; others name the last that ran."""
    details: Mapping[str, Any] = failure.details if failure else {}
    return {
        "prompt_id": prompt_id,
        "node_id": str(details.get("node_id") or node_id),
        "node_type": str(details.get("node_type") or ""),
        "executed": list(executed),
        "exception_message": _said(failure),
        "exception_type": failure.code if failure else "internal",
        "traceback": list(details.get("traceback") or ()),
        "current_inputs": {},
        "current_outputs": [],
        "timestamp": timestamp,
    }


def interrupted(
    prompt_id: str, *, node_id: str = "", node_type: str = "", executed: Sequence[str] = (), timestamp: int
) -> dict[str, Any]:
    """Return the data of an ``execution_interrupted``."""
    facts = {"node_id": node_id, "node_type": node_type, "executed": list(executed)}
    return {"prompt_id": prompt_id, **facts, "timestamp": timestamp}


def _said(failure: JobFailure | None) -> str:
    return "\n".join(filter(None, [failure.message, failure.hint])) if failure else "it failed"
