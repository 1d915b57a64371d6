"""The access rules of a bucket, as S3 writes them: what they let everybody do, and how that is changed. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

VERSION = "2012-10-17"
"""Of the language; there is no later one."""
READ = "s3:GetObject"


def readable_by_all(bucket: str) -> dict[str, Any]:
    """Return the policy that lets everybody read single objects, but neither list nor write."""
    return {"Version": VERSION, "Statement": [_reading(bucket)]}


def opened(policy: Mapping[str, Any] | None, bucket: str) -> dict[str, Any]:
    """Return a policy by which everybody may read single objects and do nothing else; other rules stay."""
    kept = closed(policy) or {}
    return {"Version": VERSION, **kept, "Statement": [*kept.get("Statement", ()), _reading(bucket)]}


def closed(policy: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a policy without anything that it allows everybody; None where nothing is left of it."""
    kept = [one for one in _statements(policy) if not _is_for_all(one)]
    return {"Version": VERSION, **(policy or {}), "Statement": kept} if kept else None


def allowed_to_all(policy: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the actions that a policy allows everybody, at some objects at least and under some conditions."""
    allowed = (one for one in _statements(policy) if _is_for_all(one))
    return tuple(sorted({action for one in allowed for action in _actions(one)}))


def allows_reading(actions: Iterable[str]) -> bool:
    """Tell whether one of these actions is to read objects; an action may stand for several, as ``s3:*`` does."""
    return any(fnmatchcase(READ, action) for action in actions)


def _reading(bucket: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": [READ],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }


def _statements(policy: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Return the rules; a single one need not be in a list."""
    return _several((policy or {}).get("Statement"))


def _is_for_all(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    principal: Any = statement.get("Principal") or {}
    named = _several(principal if isinstance(principal, str | list) else principal.get("AWS"))
    return "*" in named or "NotPrincipal" in statement  # the latter is everybody but some


def _actions(statement: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(action) for action in _several(statement.get("Action")))
    yield from (f"all but {action}" for action in _several(statement.get("NotAction")))


def _several(value: Any) -> list[Any]:
    """Return as a list what may be one thing, several or none."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # JSON of a server
