"""What the command line takes to say something that needs no engine, beside a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.finding import Finding
from benchmarks.parts.serving import comfygen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.conditions import Conditions

NOTHING = "python -c pass"


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the milliseconds of each command; they take turns."""
    commands: Mapping[str, Sequence[str]] = {
        NOTHING: [sys.executable, "-c", "pass"],
        **{f"comfygen {words}": [*comfygen(), *words.split()] for words in ("--version", "--help", "templates")},
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(conditions.count(11, quick=1)):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            taken[name].append(1000 * (time.perf_counter() - began))
    warm = {name: times[1:] or times for name, times in taken.items()}  # the first reads from the disk
    yield Finding("one command", "ms", warm, beside=[NOTHING])
