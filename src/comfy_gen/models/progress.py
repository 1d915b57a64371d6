"""What is told of a file on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["waiting", "fetching", "retrying", "checking", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one file is."""

    file: str
    phase: Phase
    """``waiting`` for another process that fetches the same file; ``checking`` reads what was fetched."""
    done: int = 0
    """Bytes; those that were here before are counted. They may be fewer than a moment ago: it may begin anew."""
    total: int | None = None
    """None where nobody knows."""
    resumed: int = 0
    """Bytes that were here before."""
    note: str = ""
    """Why it is tried again."""
