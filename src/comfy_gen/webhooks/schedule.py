"""Decides what an answer to a webhook means, and when the next attempt is made. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

_MINUTE, _HOUR = 60.0, 3600.0
DELAYS = (5.0, 30.0, 2 * _MINUTE, 10 * _MINUTE, *(hours * _HOUR for hours in (1, 2, 3, 4, 6, 8)))
"""Seconds from one attempt to the next: soon for what a restart mends, and for 24 hours in all."""
NEWS_DELAYS = (5.0, 20.0)
"""The same for what is soon out of date."""
SPREAD = 0.1
"""By this part of itself a delay may be longer: what failed together should not come back together."""
MAX_RETRY_AFTER = _HOUR
"""A receiver may ask for more patience than the next delay has, up to this."""
GONE = 410
"""The receiver wants nothing more, ever."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook that is due."""

    delivery_id: str
    """The same in every attempt, so that a receiver can tell that it has it already."""
    job_id: str
    url: str = field(repr=False)
    """It may hold a secret: not for messages or logs."""
    body: bytes = field(repr=False)
    """JSON."""
    attempts: int
    """How many were made before this one."""
    next_at: float
    """Epoch seconds."""
    delays: tuple[float, ...] = DELAYS
    """Seconds from one attempt to the next; after the last of them it is given up."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one attempt."""

    status: int | None
    """What the receiver answered; None where it did not."""
    error: str
    """Why it is not delivered; empty if it is."""
    is_done: bool
    """Whether the receiver has it."""
    next_at: float | None
    """When to try again, in epoch seconds; None where it is done, or given up."""


def judge(delivery: Delivery, status: int, *, retry_after: str = "", now: float) -> Result:
    """Return what an answer means for a delivery."""
    if 200 <= status < 300:
        return Result(status, "", is_done=True, next_at=None)
    if status == GONE:
        return given_up("the receiver answered with status 410: it wants no more", status=status)
    next_at = next_attempt(delivery, retry_after=retry_after, now=now)
    return Result(status, f"the receiver answered with status {status}", is_done=False, next_at=next_at)


def failed(delivery: Delivery, error: str, *, now: float) -> Result:
    """Return what it means for a delivery that nobody answered."""
    return Result(None, error, is_done=False, next_at=next_attempt(delivery, now=now))


def given_up(error: str, *, status: int | None = None) -> Result:
    """Return the end of a delivery for which another attempt would not help."""
    return Result(status, error, is_done=False, next_at=None)


def next_attempt(delivery: Delivery, *, retry_after: str = "", now: float) -> float | None:
    """Return when to try again, in epoch seconds; None once all attempts were made."""
    if delivery.attempts >= len(delivery.delays):
        return None
    delay = delivery.delays[delivery.attempts] * (1 + SPREAD * _share(delivery))
    return now + max(delay, _asked_for(retry_after))


def _asked_for(retry_after: str) -> float:
    """Return the seconds of a ``Retry-After``; its other form, a date, is not read, for clocks differ."""
    return min(float(retry_after), MAX_RETRY_AFTER) if retry_after.isdecimal() else 0.0


def _share(delivery: Delivery) -> float:
    """Return a number from 0 to 1 that differs between deliveries, and is the same each time it is asked for."""
    return zlib.crc32(f"{delivery.delivery_id}/{delivery.attempts}".encode()) / 2**32
