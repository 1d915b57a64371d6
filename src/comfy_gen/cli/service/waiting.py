"""Shows, on a terminal, that something goes on and what it said last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from types import TracebackType

ROOM = 12
"""Columns that the spinner and what is around a line take."""


class Waiting:
    """A line on stderr while the block lasts, gone afterwards; nothing where nobody looks."""

    def __init__(self, what: str, *, is_silent: bool = False) -> None:
        self._what = what
        self._console = Console(stderr=True, quiet=is_silent)
        self._status = self._console.status(f"{escape(what)} …")

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._status.stop()

    def tell(self, line: str) -> None:
        """Write a line that stays, above the one that does not."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def show(self, line: str) -> None:
        """Show a line of what goes on, as much of it as there is room for."""
        room = max(self._console.width - len(self._what) - ROOM, 0)
        self._status.update(f"{escape(self._what)} …  [dim]{escape(line.strip()[:room])}[/dim]")
