"""A command whose main thread is profiled from one signal to another, and what the profile says of parts of the code.

python -m benchmarks.parts.profiled FILE serve …    # as comfygen, with a profile in FILE at the end
"""

from __future__ import annotations

import cProfile
import os
import pstats
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 12
PATIENCE = 30
_BUILT_IN = "~"
_OTHER = "all else"

Function = tuple[str, int, str]
"""File, line and name."""


def profiled(kept: Path) -> list[str]:
    """Return the command line's command, with a profile."""
    return [sys.executable, "-m", "benchmarks.parts.profiled", str(kept)]


def begin(pid: int) -> None:
    """Have a process profile itself."""
    os.kill(pid, signal.SIGUSR1)


def end(pid: int, kept: Path) -> None:
    """Have it stop that, and write the profile."""
    os.kill(pid, signal.SIGUSR2)
    deadline = time.monotonic() + PATIENCE
    while not kept.exists():
        if time.monotonic() > deadline:
            raise RuntimeError("no profile was written")
        time.sleep(0.05)


def shares(kept: Path) -> Mapping[str, float]:
    """Return the share of each part of the code in a profile, in hundredths, the largest first."""
    spent: Counter[str] = Counter()
    stats: Mapping[Function, Any] = pstats.Stats(str(kept)).stats  # pyright: ignore[reportAttributeAccessIssue]  # undeclared
    for function, (_, _, own, _, callers) in stats.items():
        if function[0] == _BUILT_IN and "uvloop" not in function[2]:  # what is written in C counts for its callers
            for caller, (_, _, for_it, _) in callers.items():
                spent[part_of(caller)] += for_it
        else:
            spent[part_of(function)] += own
    total = spent.total()
    first = {name: 100 * seconds / total for name, seconds in spent.most_common(SHOWN)}
    return first | {_OTHER: 100 - sum(first.values())}


def part_of(function: Function) -> str:
    """Return the part of the code that a function belongs to: our package, or the library."""
    file, _, name = function
    if file == _BUILT_IN:
        return "uvloop" if "uvloop" in name else _OTHER
    parts = Path(file).with_suffix("").parts
    if "comfy_gen" in parts:
        return ".".join(parts[parts.index("comfy_gen") :][:2])
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return f"Python's {next((one for one in parts if one in sys.stdlib_module_names), 'own')}"


def main() -> int:
    """Run the command."""
    kept, sys.argv[1:] = Path(sys.argv[1]), sys.argv[2:]
    profile = cProfile.Profile(time.thread_time)
    signal.signal(signal.SIGUSR1, lambda *_: profile.enable())
    signal.signal(signal.SIGUSR2, lambda *_: _write(profile, kept))
    from comfy_gen.cli import main as comfygen  # noqa: PLC0415  # after the signals

    return comfygen()


def _write(profile: cProfile.Profile, kept: Path) -> None:
    profile.disable()
    unfinished = kept.with_suffix(".unfinished")
    profile.dump_stats(unfinished)
    unfinished.rename(kept)


if __name__ == "__main__":
    sys.exit(main())
