"""Runs measurements, each in a process of its own: what fails or takes too long costs no other, and leaves nothing."""

from __future__ import annotations

import contextlib
import ctypes
import json
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks import machine
from benchmarks.child import read
from benchmarks.measurements import LIMITS, described
from benchmarks.report import Section

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from benchmarks.conditions import Conditions

PATIENCE = 15.0
"""Seconds that a measurement has to end its servers when it is told to stop."""
LAST = 6_000
"""Characters of what a failed one said at last."""
_ADOPTING = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2)."""


def run_all(names: list[str], conditions: Conditions) -> Iterator[Section]:
    """Yield what came of each, one after the other."""
    best = machine.loop()
    for name in names:
        before = machine.loop()
        with _adopting():
            section = run(name, conditions, limit=LIMITS[name])
        after = machine.loop()
        best = min(best, before, after)
        yield Section(**{**_fields(section), "quiet": max(before, after) / best})


def _fields(section: Section) -> dict[str, object]:
    return {name: getattr(section, name) for name in Section.__slots__}


def run(name: str, conditions: Conditions, *, limit: float) -> Section:
    """Run one for so many seconds at most."""
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder) / "found", Path(folder) / "said"
        out.touch()
        began = time.perf_counter()
        failure = _carried_out(name, conditions, out, log, limit)
        findings, left_out = read(out.read_text(encoding="utf-8"))
        last = log.read_text(errors="replace")[-LAST:]
    if failure:
        print(last, file=sys.stderr)
    seconds = time.perf_counter() - began
    return Section(name, *described(name), findings, left_out, seconds, failure=failure and _because(failure, last))


def _because(failure: str, log: str) -> str:
    return f"{failure}. At last it said: `{(log.strip().splitlines() or ['nothing'])[-1]}`"


def _carried_out(name: str, conditions: Conditions, out: Path, log: Path, limit: float) -> str:
    """Return why a measurement did not come to its end; nothing if it did."""
    command = [sys.executable, "-m", "benchmarks.child", name, str(out), json.dumps(asdict(conditions))]
    others = set(psutil.Process().children(recursive=True))
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said, cwd=machine.PROJECT) as child:
        try:
            code = child.wait(limit)
        except subprocess.TimeoutExpired:
            return f"It took longer than {limit:.0f} s"
        finally:
            _stop(child)
            end_all(set(psutil.Process().children(recursive=True)) - others)
    return f"It ended with code {code}" if code else ""


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Have it end its servers; what is left of it ends with them."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE)


def end_all(processes: set[psutil.Process]) -> None:
    """Kill processes, and see them off."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=PATIENCE)


@contextlib.contextmanager
def _adopting() -> Generator[None]:
    """Have whatever a measurement leaves behind become a child of ours, so that it is found; Linux does that."""
    try:
        _adopt(True)
        yield
    finally:
        _adopt(False)


def _adopt(is_wanted: bool) -> None:  # noqa: FBT001  # what prctl takes
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_ADOPTING, int(is_wanted), 0, 0, 0)
