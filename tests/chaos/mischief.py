"""What the monkey will do and when, from a seed. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


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
    TROUBLE_PART = "have a part fail"


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


ALL: Sequence[Trick] = tuple(trick for trick in Trick if trick is not Trick.TROUBLE_PART)
"""What can be done to any queue; what parts there are around it is for each scene to say."""


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
    trouble: str = ""
    """Which part fails, and how: ``redis: killed``."""

    @property
    def part(self) -> str:
        """What fails."""
        return self.trouble.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Field:
    """What there is to play with."""

    engines: int
    workers: int
    submitters: int
    has_takeover: bool
    """Whether other workers take the jobs of one that is silent."""
    tricks: Sequence[Trick] = ALL
    troubles: Sequence[str] = ()
    """How the parts around the queue may fail."""


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
    Trick.TROUBLE_PART: Lasting(1.5, 4.0),
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


_TROUBLE_WEIGHT = 3.0
"""Of all the troubles of all parts together."""


def plan(seed: int, field: Field, *, seconds: float, every: float) -> Sequence[Mischief]:
    """Return what to do in so many seconds, one thing ``every`` so often on average, and each at least once."""
    chance = random.Random(f"mischief {seed}")
    kinds = [*((trick, "") for trick in field.tricks), *((Trick.TROUBLE_PART, name) for name in field.troubles)]
    weights = [_WEIGHTS.get(trick, _TROUBLE_WEIGHT / max(len(field.troubles), 1)) for trick, _ in kinds]
    count = max(round(seconds / every), len(kinds))
    chosen = [*kinds, *chance.choices(kinds, weights, k=count - len(kinds))]
    made = [_mischief(chance, trick, field, chance.uniform(1.0, seconds), trouble) for trick, trouble in chosen]
    return sorted(_apart(made, seconds), key=lambda one: one.at)


def _apart(made: Sequence[Mischief], seconds: float) -> Iterator[Mischief]:
    """Yield them, with the troubles of each part one after the other: a part is in one trouble at a time."""
    parts: dict[str, list[Mischief]] = {}
    for one in made:
        parts.setdefault(one.part, []).append(one)
    yield from parts.pop("", [])
    for troubles in parts.values():
        room = (seconds - 1.0) / len(troubles)
        for place, one in enumerate(troubles):
            yield replace(one, at=1.0 + place * room, seconds=min(one.seconds, 0.7 * room))


def _mischief(chance: random.Random, trick: Trick, field: Field, at: float, trouble: str) -> Mischief:
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
    return Mischief(at, trick, target, chance.uniform(lasting.least, lasting.most), fault, trouble)
