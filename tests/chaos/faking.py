"""A clock that jumps: faketime's library gives one process the time that a file says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.troubles import of_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.chaos.troubles import Trouble

INSTALL = "apt-get install faketime"
_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
_NOW, _AHEAD, _BACK = "+0\n", "+3600\n", "-3600\n"


def library() -> Path | None:
    """Return faketime's library for programs with threads; None where it is not installed."""
    found = [path for pattern in _LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))]
    return found[0] if found else None


def in_faked_time(clock: Path) -> Mapping[str, str]:
    """Return the environment in which a program has the time of a file, which is made and says the right one.

    What a program measures with stays as it is: when a machine's clock is set, its monotonic clock goes on.
    """
    clock.write_text(_NOW)
    return {
        "LD_PRELOAD": str(library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }


def clock_troubles(clock: Path) -> dict[str, Trouble]:
    """Return the ways in which such a clock goes wrong."""
    return {
        "clock: an hour ahead": of_file(clock, during=_AHEAD, after=_NOW),
        "clock: an hour back": of_file(clock, during=_BACK, after=_NOW),
    }
