"""The disk of the service, to be filled and emptied: one of its own where this process may mount, else a pretence."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.chaos.processes import Process

_PIECE = bytes(64 * 1024)
_LEFT = 4096
"""Bytes: what a file may still grow to where a full disk is pretended."""


class Disk(Protocol):
    """What the service keeps is on it."""

    def fill(self) -> None:
        """Leave no room on it."""
        ...

    def free(self) -> None:
        """Have room again."""
        ...


class SmallDisk:
    """A file system in memory, mounted over a folder. For a process with mounts of its own, which end with it."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self._ballast = folder / "ballast"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)

    def fill(self) -> None:
        """Fill it to the last block."""
        with contextlib.suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(_PIECE)

    def free(self) -> None:
        """Make room."""
        self._ballast.unlink(missing_ok=True)


class PretendedDisk:
    """Has the writes of processes fail, as they do on a full disk, by limiting how large a file of theirs may be."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    def fill(self) -> None:
        """Have files grow no more."""
        for process in self._processes:
            process.limit_files(_LEFT)

    def free(self) -> None:
        """Let them grow."""
        for process in self._processes:
            process.limit_files(None)
