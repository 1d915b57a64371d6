"""What the monkey will do and when, from a seed. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Trick(StrEnum):
    """A kind of mischief."""

    KILL_WORKER = "kill a worker"
    FREEZE_WORKER = "freeze a worker"
    KILL_ENGINE = "kill an engine"
    WIPE_ENGINE = "kill an engine, and its disk"
    FREEZE_ENGINE = "freeze an engine"
    HANG_ENGINE = "have a prompt hang for good"
    TROUBLE_ENGINE = "have an engine misbehave"
    FILL_DISK = "fill the disk"
    CANCEL = "cancel jobs"
    KILL_SUBMITTER = "kill a submitter"


FAULTS: Sequence[Mapping[str, Any]] = (
    {"kind": "drop_socket", "step": 2, "times": 4},
    {"kind": "error_500", "route": "*", "times": 8},
    {"kind": "error_500", "route": "POST /prompt", "times": 3},
    {"kind": "error_500", "route": "GET /view", "times": 4},
    {"kind": "refuse", "route": "*", "times": 8},
    {"kind": "lose_answer", "route": "POST /prompt", "times": 3},
    {"kind": "lose_answer", "route": "*", "times": 5},
    {"kind": "slow_answer", "route": "POST /prompt", "seconds": 1.0, "times": 3},
    {"kind": "silent", "step": 1, "times": 3},
    {"kind": "slow", "seconds": 0.3, "times": 2},
    {"kind": "forget", "step": 2},
    {"kind": "die", "step": 2, "seconds": 2.0},
    {"kind": "gpu_error", "step": 1},
    {"kind": "out_of_memory", "step": 1},
    {"kind": "corrupt_output"},
    {"kind": "nan_blocks", "times": 12},
)


@dataclass(frozen=True, slots=True)
class Mischief:
    """One thing that the monkey does."""

    at: float
    """Seconds from the beginning."""
    trick: Trick
    target: int = 0
    """Which worker, engine or submitter; how many jobs, to cancel."""
    seconds: float = 0.0
    """How long it lasts."""
    fault: Mapping[str, Any] | None = None
    """How an engine misbehaves."""

    def __str__(self) -> str:
        how = f" ({self.fault['kind']})" if self.fault else ""
        return f"{self.at:6.1f} s  {self.trick} {self.target}{how} for {self.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class Field:
    """What there is to play with."""

    engines: int
    workers: int
    submitters: int
    has_takeover: bool
    """Whether other workers take the jobs of one that is silent."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a trick lasts, at least and at most."""

    least: float
    most: float


_LASTING: Mapping[Trick, Lasting] = {
    Trick.KILL_WORKER: Lasting(0.1, 4.0),
    Trick.FREEZE_WORKER: Lasting(2.0, 6.0),
    Trick.KILL_ENGINE: Lasting(0.1, 6.0),
    Trick.WIPE_ENGINE: Lasting(0.1, 2.0),
    Trick.FREEZE_ENGINE: Lasting(2.0, 14.0),
    Trick.HANG_ENGINE: Lasting(12.0, 18.0),
    Trick.TROUBLE_ENGINE: Lasting(0.0, 0.0),
    Trick.FILL_DISK: Lasting(1.5, 5.0),
    Trick.CANCEL: Lasting(0.0, 0.0),
    Trick.KILL_SUBMITTER: Lasting(0.1, 1.0),
}
_LONG_AWAY = Lasting(11.0, 16.0)
"""Longer than a heartbeat is waited for."""

_WEIGHTS: Mapping[Trick, float] = {
    Trick.KILL_WORKER: 4,
    Trick.FREEZE_WORKER: 2,
    Trick.KILL_ENGINE: 4,
    Trick.WIPE_ENGINE: 1,
    Trick.FREEZE_ENGINE: 3,
    Trick.HANG_ENGINE: 1,
    Trick.TROUBLE_ENGINE: 10,
    Trick.FILL_DISK: 3,
    Trick.CANCEL: 3,
    Trick.KILL_SUBMITTER: 2,
}


def plan(seed: int, field: Field, *, seconds: float, every: float) -> Sequence[Mischief]:
    """Return what to do in so many seconds, one thing ``every`` so often on average, and each trick at least once."""
    chance = random.Random(f"mischief {seed}")
    count = max(round(seconds / every), len(Trick))
    tricks = [*Trick, *chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=count - len(Trick))]
    made = [_mischief(chance, trick, field, chance.uniform(1.0, seconds)) for trick in tricks]
    return sorted(made, key=lambda one: one.at)


def _mischief(chance: random.Random, trick: Trick, field: Field, at: float) -> Mischief:
    counts = {
        Trick.KILL_WORKER: field.workers,
        Trick.FREEZE_WORKER: field.workers,
        Trick.KILL_SUBMITTER: field.submitters,
        Trick.FILL_DISK: 1,
    }
    target = chance.randint(1, 12) if trick is Trick.CANCEL else chance.randrange(counts.get(trick, field.engines))
    lasting = _LASTING[trick]
    if field.has_takeover and (trick is Trick.FREEZE_WORKER or (trick is Trick.KILL_WORKER and chance.random() < 0.3)):
        lasting = _LONG_AWAY
    fault = chance.choice(FAULTS) if trick is Trick.TROUBLE_ENGINE else None
    return Mischief(at, trick, target, chance.uniform(lasting.least, lasting.most), fault)
