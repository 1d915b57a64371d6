"""Says what a composition did, step by step, and what it did not take, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

Phase = Literal["parsing", "policy", "selection", "workflow", "composition", "loras", "settings", "recipe"]
PHASES: tuple[Phase, ...] = get_args(Phase)
"""In the order in which they are told."""
Thing = Literal["category", "fragment", "lora", "setting", "workflow", "model"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done."""

    phase: Phase
    action: str
    """In one word for programs: ``tag_extraction``, ``prompt_merge``."""
    detail: str
    """In words for people."""
    source: str
    """Who wanted it: a category's id, or the part that did it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One thing that could have been taken, and was not."""

    what: str
    kind: Thing
    reason: str
    source: str
    """Who wanted it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two wishes that cannot both be met."""

    kept: str
    """The category, or ``you``, whose wish was met."""
    dropped: str
    """The category whose wish was not; ``you``, where your words say two things."""
    about: str
    """What they do not agree on: ``category``, or the name of a setting or fragment."""
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a recipe came about."""

    summary: str
    steps: tuple[Step, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "summary": self.summary,
            "steps": [asdict(step) for step in self.steps],
            "rejected": [asdict(one) for one in self.rejected],
        }


@dataclass(slots=True)
class Account:
    """What is noted of a composition while it is made; what is noted twice counts once."""

    _steps: dict[Step, None] = field(default_factory=dict[Step, None])
    _rejected: dict[Rejected, None] = field(default_factory=dict[Rejected, None])
    _conflicts: dict[Conflict, None] = field(default_factory=dict[Conflict, None])

    def step(self, phase: Phase, action: str, detail: str, source: str) -> None:
        """Note what was done."""
        self._steps[Step(phase, action, detail, source)] = None

    def reject(self, what: str, kind: Thing, reason: str, source: str) -> None:
        """Note what was not taken."""
        self._rejected[Rejected(what, kind, reason, source)] = None

    def conflict(self, *, kept: str, dropped: str, about: str, reason: str) -> None:
        """Note who gave way to whom."""
        self._conflicts[Conflict(kept, dropped, about, reason)] = None

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """All that was not taken."""
        return tuple(self._rejected)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Who gave way to whom."""
        return tuple(self._conflicts)

    def explanation(self, summary: str) -> Explanation:
        """Return all that was noted, the steps in the order of their phases."""
        steps = sorted(self._steps, key=lambda step: PHASES.index(step.phase))
        return Explanation(summary, tuple(steps), self.rejected)


def conjoined(names: Sequence[str]) -> str:
    """Return names as a sentence has them: ``a``, ``a and b``, ``a, b and c``."""
    *first, last = names or ("nothing",)
    return f"{', '.join(first)} and {last}" if first else last
