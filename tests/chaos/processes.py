"""Real processes, to be killed, frozen and started again: engines, workers and submitters."""

from __future__ import annotations

import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECT = Path(__file__).parents[2]
_BUG = re.compile(r"Traceback \(most recent call last\)|was never retrieved|never awaited")
_SECONDS = 20.0
"""In which a process that is told to end must have ended."""


class Process:
    """A program of ours that can be started as often as it was ended; what it says goes into a file."""

    def __init__(self, name: str, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log_file = folder / f"{name}.log"
        self.pids: list[int] = []
        """Of all its lives."""
        self._command = [sys.executable, *arguments]
        self._folder = folder
        self._environment = {**environment, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'src'}"}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended; a frozen one has not."""
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """How its last life ended: its exit status, or minus the signal; None while it lives."""
        return None if self._process is None else self._process.poll()

    @property
    def cries(self) -> list[str]:
        """What it said that only a bug makes a program say: the last line of each traceback, after its name."""
        lines = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        return [f"{self.name}: {_last_line(lines[at:])}" for at, line in enumerate(lines) if _BUG.search(line)]

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.is_running:
            return
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at a terminal is for the harness, which ends them in order
            )
        self.pids.append(self._process.pid)

    def kill(self) -> None:
        """End it at once, also where it is frozen."""
        self._send(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """Have it end in good order."""
        self._send(signal.SIGTERM)
        self._wait()

    def freeze(self) -> None:
        """Have it stand still, with all its connections open."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        self._send(signal.SIGCONT)

    def limit_files(self, size: int | None) -> None:
        """Have every write beyond so many bytes of a file fail; None lifts that."""
        if self._process is not None and self.is_running:
            most = resource.RLIM_INFINITY if size is None else size
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            self._process.send_signal(number)

    def _wait(self) -> None:
        if self._process is not None:
            self._process.wait(_SECONDS)


def _last_line(lines: Sequence[str]) -> str:
    """Return the line that says what a traceback is about: the first that is not indented."""
    bare = (line.strip(" |") for line in lines[1:200] if re.match(r"[ |+]*[A-Za-z_.]+(Error|Exception|Exit)\b", line))
    return next(bare, lines[0])
