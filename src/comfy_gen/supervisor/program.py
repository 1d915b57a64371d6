"""Runs another program to its end and keeps what it said: pip, git, docker, nvidia-smi."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LAST = 12
"""So many of the last lines are shown of a program that failed."""
MISLEADING = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"})
"""What a hook of git is told, and would have every git that it starts work on the wrong repository; and where this
program's own packages are, into which uv would install those of a custom node.
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    code: int
    said: str
    """stdout, and stderr too where they were not kept apart."""
    errors: str = ""

    @property
    def is_well(self) -> bool:
        """Whether it says itself that it did what it should."""
        return self.code == 0

    @property
    def reason(self) -> str:
        """The last that it said, or how it ended where it said nothing."""
        lines = [line.rstrip() for line in f"{self.said}\n{self.errors}".splitlines() if line.strip()]
        return "\n  ".join(lines[-LAST:]) or f"it ended with {self.code}"


def run(
    command: Sequence[str | Path],
    *,
    timeout: float | None = None,
    folder: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program and return what it said; one that takes longer than ``timeout`` seconds is ended.

    Raises:
        OSError: there is no such program, or it may not be run.
        subprocess.TimeoutExpired: it took too long.
    """
    done = subprocess.run(  # noqa: S603  # the programs are named in this package, and no shell reads their arguments
        [str(part) for part in command],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        cwd=folder,
        env={**without_ours(os.environ), **(settings or {})},
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what is meant for this process's own Python, or for a git that called it."""
    names = (name for name in environment if not name.startswith("PYTHON") and name not in MISLEADING)
    return {name: environment[name] for name in names}
