"""Has Python look for garbage less often: each full look at a service that is up stops everything for some 100 ms."""

from __future__ import annotations

import atexit
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

THRESHOLDS = (50_000, 20, 100)
"""Objects that are new before the young are looked at, and so many of these looks before the next older ones are."""


@contextmanager
def seldom_collecting() -> Generator[None]:
    """Leave out what there is by now, which is the program itself, and look at the rest less often, in the block."""
    usual = gc.get_threshold()
    gc.collect(1)  # of what is old there is little at a start, and in a test's process very much to look at
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
        leave_the_rest_to_the_system()


def leave_the_rest_to_the_system() -> None:
    """Have Python take nothing apart when it ends: that is 0.7 s of a service's end, and a quarter of most commands."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
