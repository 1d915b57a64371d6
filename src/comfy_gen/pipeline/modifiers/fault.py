"""What may come out of code that is not ours, and how it is told. Pure."""

from __future__ import annotations

FOREIGN = (Exception, SystemExit)
"""What foreign code may raise. That it wants the program to end is its own wish alone."""
_LONGEST = 500


def said(error: BaseException) -> str:
    """Return an error's type and message in one line."""
    message = " ".join(str(error).split())
    words = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
