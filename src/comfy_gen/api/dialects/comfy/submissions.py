"""What a client sends to have a workflow run. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.api.dialects.comfy.labels import metadata_in
from comfy_gen.errors import InvalidParameterError, WorkflowFormatError, WorkflowIsUiFormatError
from comfy_gen.jobs.request import PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.graph import Workflow

FURTHEST = 1_000_000
"""From 0: priorities may be so, of which `PRIORITIES` are told apart."""
LONGEST_KEY = 255
_EXTRA = "api_key_comfy_org"
"""What alone may be sent for the engine beside a workflow: a key for paid nodes."""
_BODY = "the body"
_RESERVED = ("webhook_url", "inputs")


@dataclass(frozen=True, slots=True)
class Submission:
    """A workflow to run, as it was sent."""

    workflow: Workflow = field(repr=False)
    """Files in it may be named in the dialect's ways."""
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    priority: int = 0
    """One of `PRIORITIES`."""
    extra_data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    def digest(self, owner: str) -> str:
        """Return a hash of what was sent and by whom. Keys of paid nodes do not count: they may be renewed."""
        sent = json.dumps([owner, self.workflow, self.metadata, self.priority], sort_keys=True)
        return hashlib.sha256(sent.encode()).hexdigest()


def submission_in(body: object) -> Submission:
    """Return what somebody sent.

    Raises:
        WorkflowError: there is no workflow in it, or one that only the editor can read.
        InvalidParameterError: something in it cannot be.
    """
    if not isinstance(body, dict):
        raise InvalidParameterError(_BODY, repr(body)[:60], "a JSON object")
    said = cast("dict[str, object]", body)
    if reserved := [name for name in _RESERVED if said.get(name) is not None]:
        raise WorkflowFormatError(_BODY, f"{reserved[0]!r} is reserved, and not taken")
    workflow = _workflow(said.get("workflow"))
    return Submission(
        workflow, metadata_in(said.get("metadata")), _priority(said.get("priority")), _extra(said.get("extra_data"))
    )


def key_in(header: str | None) -> str | None:
    """Return the idempotency key that a header says; None where there is none.

    Raises:
        InvalidParameterError: it is empty, or too long.
    """
    if header is not None and not 1 <= len(header) <= LONGEST_KEY:
        raise InvalidParameterError("Idempotency-Key", header[:50], f"a text of 1 to {LONGEST_KEY} characters")
    return header


def _workflow(said: object) -> Workflow:
    if not isinstance(said, dict):
        raise WorkflowFormatError("`workflow`", "it is no JSON object")
    workflow = cast("dict[str, Any]", said)
    if isinstance(workflow.get("nodes"), list):
        raise WorkflowIsUiFormatError("`workflow`")
    return workflow


def _priority(said: object) -> int:
    if said is None:
        return 0
    if type(said) is not int or abs(said) > FURTHEST:
        raise InvalidParameterError("priority", repr(said)[:60], f"a whole number from -{FURTHEST} to {FURTHEST}")
    return min(max(said, PRIORITIES[0]), PRIORITIES[-1])


def _extra(said: object) -> dict[str, Any]:
    """Return the data for the engine. Nothing else than a key is taken, and what is refused is not repeated."""
    if said is None:
        return {}
    extra = cast("dict[str, object]", said) if isinstance(said, dict) else {"": None}
    if set(extra) - {_EXTRA} or not all(isinstance(value, str) for value in extra.values()):
        raise InvalidParameterError("extra_data", "…", f"an object with {_EXTRA!r}, a text, and nothing else")
    return extra
