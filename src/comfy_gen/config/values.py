"""A value of the configuration and where it came from. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.config.masks import MASK, masked, masked_address

if TYPE_CHECKING:
    from comfy_gen.config.keys import Key


class Source(IntEnum):
    """Who may set a value; a greater one overrides a smaller."""

    DEFAULT = 0
    FILE = 1
    ENVIRONMENT = 2
    FLAG = 3


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from."""

    source: Source = Source.DEFAULT
    place: str = ""
    """The file's or the variable's name."""
    line: int | None = None

    def __str__(self) -> str:
        place = self.place or self.source.name.lower()
        return place if self.line is None else f"{place}:{self.line}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that has been checked."""

    key: Key
    value: Any = field(repr=False)
    origin: Origin = Origin()

    @property
    def is_default(self) -> bool:
        """Whether nobody set it."""
        return self.origin.source is Source.DEFAULT

    @property
    def shown(self) -> object:
        """The value as people and programs may see it: without secrets, and with nothing that JSON has not."""
        if self.key.is_secret and self.value:
            return MASK
        if isinstance(self.value, tuple):
            return tuple(map(_shown, cast("tuple[object, ...]", self.value)))
        return _shown(self.value)


def _shown(value: object) -> object:
    if isinstance(value, Path):
        return masked(str(value))
    return masked_address(value) if isinstance(value, str) else value
