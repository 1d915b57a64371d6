"""Why a job, or an attempt at it, failed: as data that is kept with it. Pure."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ComfyGenError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 20_000
"""Characters of JSON that the details may take: a traceback fits, an engine's whole log does not."""
_LONGEST_TEXT = 4_000
"""Characters of a message or an advice: an engine may repeat megabytes of what it was sent."""
_NOT_KEPT = frozenset({"url"})
"""An engine's address may hold a login; its name is kept with the attempt."""


@dataclass(frozen=True, slots=True)
class JobFailure:
    """Why something failed, as a person and a program are told."""

    code: str
    """A failure class (see ``comfyui.failures``) or an error's code."""
    message: str
    hint: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "details": dict(self.details)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JobFailure:
        """Return what `as_json` made this of."""
        return cls(data["code"], data["message"], data.get("hint", ""), data.get("details") or {})


def failure_of(error: Exception) -> JobFailure:
    """Return an error as it is kept: with its facts, if it is ours."""
    if not isinstance(error, ComfyGenError):
        return JobFailure("internal", _cut(f"{type(error).__name__}: {error}"), "this is a bug in ComfyGen.")
    return JobFailure(error.code, _cut(error.message), _cut(error.hint), _facts(error))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"


def _facts(error: ComfyGenError) -> dict[str, Any]:
    if not dataclasses.is_dataclass(error):
        return {}
    names = [one.name for one in dataclasses.fields(error) if one.name not in _NOT_KEPT]
    return {name: getattr(error, name) for name in names if _is_plain(getattr(error, name))}


def _is_plain(value: object) -> bool:
    """Tell whether a fact can be kept: small enough, and JSON."""
    try:
        return len(json.dumps(value, allow_nan=False)) <= _LONGEST
    except (TypeError, ValueError, RecursionError):
        return False
