"""How the dialect writes a moment: ISO 8601 in UTC, with a ``Z``, which is all that strict clients take. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

NEVER = "9999-12-31T23:59:59Z"
"""Where a moment must be told of what has no end: jobs are kept until somebody deletes them."""


def moment(seconds: float) -> str:
    """Return a moment, given in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
