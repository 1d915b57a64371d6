"""What all errors have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class ComfyGenError(Exception):
    """Base of all errors that ComfyGen raises on purpose."""

    code: ClassVar[str] = "internal"

    @property
    def message(self) -> str:
        """What is wrong, as a sentence without a closing stop."""
        return type(self).__doc__ or type(self).__name__

    @property
    def hint(self) -> str:
        """What to do about it; empty where there is nothing better than the message."""
        return ""

    def as_json(self) -> dict[str, str]:
        """Return what a program is told of it."""
        return {"code": self.code, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        return self.message


class ConfigurationError(ComfyGenError):
    """What was asked for, or how things are set up, cannot work; trying again will not help."""

    code = "configuration"


def listing(names: Sequence[str], *, limit: int = 5) -> str:
    """Return the names as a person would list them, the rest counted: ``a, b, c and 4 more``."""
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown
