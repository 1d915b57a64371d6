"""What a look at one part of an installation shows, and what mends it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class State(StrEnum):
    """How a part is, from the best to the worst."""

    OK = "ok"
    NOTE = "note"
    """It is as somebody may want it, and could be otherwise."""
    WARNING = "warning"
    """It works, and will not for long, or not for all."""
    PROBLEM = "problem"
    """Something that is asked for does not work."""

    @property
    def weight(self) -> int:
        """0 for the best."""
        return list(State).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of what the doctor says."""

    area: str
    """The part of the page that it stands in: engines, templates, disk …"""
    subject: str
    state: State
    said: str
    mend: str = ""
    """The command that mends it, or what to do; empty where nothing is to be."""

    def as_json(self) -> dict[str, str]:
        """Return what a program is told."""
        return asdict(self)


def worst(findings: Iterable[Finding]) -> State:
    """Return the state of the whole; that of nothing is fine."""
    return max((one.state for one in findings), key=lambda state: state.weight, default=State.OK)
