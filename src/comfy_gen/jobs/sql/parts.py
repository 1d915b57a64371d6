"""Cuts long lists into parts that fit a statement. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

MOST = 500
"""Values in one list of a statement, and jobs that one transaction changes: others want to write in between."""


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Return the values in parts of at most `MOST`."""
    return (values[start : start + MOST] for start in range(0, len(values), MOST))
