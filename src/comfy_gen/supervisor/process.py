"""Processes that are known again: a number is given to others later, a number with its start is not."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_LOOK = 0.05
_SAMPLE = 0.1
"""Seconds over which is measured what a process takes."""
_LAST_GRACE = 5.0
"""Seconds in which the kernel ends what was killed, unless a driver holds it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, and no other that gets its number later."""

    pid: int
    started: str
    """When, on a clock that nobody sets: which boot of the machine, and how long after it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and all that it started take."""

    cpu: float
    """Percent of one core."""
    memory: int
    """Bytes."""


def identity_of(pid: int) -> Identity | None:
    """Return who has a number now; None where nobody has it, or only the dead."""
    started = _started(pid)
    return None if started is None else Identity(pid, started)


def is_alive(identity: Identity) -> bool:
    """Tell whether it is this very process that runs under its number, and not a dead one that nobody fetched."""
    return _started(identity.pid) == identity.started


def terminate(identity: Identity, patience: float) -> bool:
    """End a process and all that it started: they are told to, and killed after ``patience`` seconds.

    Returns:
        Whether all are gone. Whoever has its number now instead is left alone.

    Raises:
        PermissionError: it is not this user's.
    """
    tree = tree_of(identity)
    send(tree, signal.SIGTERM)
    if wait_gone(tree, patience):
        return True
    left = {*tree, *tree_of(identity)}  # it may have started others meanwhile
    send(left, signal.SIGKILL)
    return wait_gone(left, _LAST_GRACE)


def send(processes: Iterable[Identity], number: signal.Signals) -> None:
    """Send a signal to those that are alive.

    Raises:
        PermissionError: one is not this user's.
    """
    for one in processes:
        if is_alive(one):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, number)


def wait_gone(processes: Iterable[Identity], patience: float) -> bool:
    """Wait until none of them runs any more, and tell whether that came to be."""
    deadline = time.monotonic() + patience
    left = list(processes)
    while left := [one for one in left if is_alive(one)]:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK)
    return True


def tree_of(identity: Identity) -> list[Identity]:
    """Return a process and all that it started, also those whose own parent has ended; none if it is not alive."""
    if not is_alive(identity):
        return []
    found = {identity.pid, *_children(identity.pid), *_session(identity.pid)}
    return [one for pid in sorted(found) if (one := identity_of(pid)) is not None]


def usage_of(identity: Identity) -> Usage | None:
    """Return what a process and all that it started take now; None if it is not alive. It takes a moment."""
    running = list(_processes(tree_of(identity)))
    for one in running:
        _or_nothing(functools.partial(one.cpu_percent, None))
    if not running:
        return None
    time.sleep(_SAMPLE)
    cpu = sum(_or_nothing(functools.partial(one.cpu_percent, None)) for one in running)
    return Usage(round(cpu, 1), int(sum(_or_nothing(lambda one=one: one.memory_info().rss) for one in running)))


def is_listening(identity: Identity, port: int) -> bool:
    """Tell whether it is this process, or one that it started, that listens on a port.

    Where the system does not tell, it is believed: on a Mac, only root is told of others' connections.
    """
    try:
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for one in _processes(tree_of(identity))
            for connection in one.net_connections("tcp")
        )
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False


def _started(pid: int) -> str | None:
    """Return when a process began; None where there is none, or only a dead one.

    psutil's time of creation will not do for what is kept in a file: it moves whenever the clock is set.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{_boot()}+{_ticks(pid)}" if psutil.LINUX else f"{process.create_time():.2f}"
    except (psutil.Error, OSError):
        return None


@functools.cache
def _boot() -> str:
    return _BOOT.read_text().strip()


def _ticks(pid: int) -> str:
    """Return the 22nd field of its line, counted from behind its name, which may have blanks and brackets (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _session(leader: int) -> Iterator[int]:
    """Yield the processes of the session that a process leads, if it leads one."""
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == leader:
                yield pid


def _processes(identities: Iterable[Identity]) -> Iterator[psutil.Process]:
    for one in identities:
        with contextlib.suppress(psutil.Error):
            yield psutil.Process(one.pid)


def _or_nothing(measure: Callable[[], float]) -> float:
    """Return a measure of a process; 0 where it has just ended."""
    try:
        return measure()
    except psutil.Error:
        return 0
