"""What befalls the parts around the queue: each trouble is begun, lasts a while, and is ended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.chaos.wire import Weather, Wire


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way in which a part fails. Its name begins with that of the part: ``redis: killed``."""

    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which a part was in trouble; in seconds since 1970."""

    name: str
    began: float
    ended: float


def of_server(stop: Callable[[], None], start: Callable[[], None]) -> Trouble:
    """Return the trouble that a server is stopped, and started again at the end."""

    async def begin() -> None:
        await asyncio.to_thread(stop)

    async def end() -> None:
        await asyncio.to_thread(start)

    return Trouble(begin, end)


def of_wire(wire: Wire, **changes: float | bytes) -> Trouble:
    """Return the trouble that a wire is otherwise than it usually is. Where it is down, what is open is cut, too."""
    usual = wire.weather

    async def begin() -> None:
        wire.weather = _changed(usual, changes)
        if wire.weather.is_down or wire.weather.answer:
            wire.cut()

    async def end() -> None:
        wire.weather = usual

    return Trouble(begin, end)


def of_file(path: Path, *, during: str, after: str) -> Trouble:
    """Return the trouble that a file says something else."""

    async def begin() -> None:
        path.write_text(during)

    async def end() -> None:
        path.write_text(after)

    return Trouble(begin, end)


_HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def of_lock(database: Path) -> Trouble:
    """Return the trouble that another process has an SQLite database for itself, as one that copies it may."""
    holders: list[subprocess.Popen[bytes]] = []

    def lock() -> None:
        command = [sys.executable, "-c", _HOLD, str(database)]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holders.append(holder)
        assert holder.stdout is not None
        holder.stdout.readline()

    def unlock() -> None:
        holders.pop().communicate()

    return of_server(lock, unlock)


def _changed(usual: Weather, changes: dict[str, float | bytes]) -> Weather:
    return replace(usual, **changes)  # pyright: ignore[reportArgumentType]  # the fields are those of a weather
