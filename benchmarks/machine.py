"""The machine of a run: what it is, what is installed on it, and how quiet it was."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).parent.parent
LIBRARIES = ("aiohttp", "fastapi", "uvicorn", "uvloop", "sqlalchemy", "pydantic", "comfy-api-proxy", "comfy-sdk")
_LOOPS, _TRIES = 100_000, 10


def facts() -> Mapping[str, str]:
    """Return what a reader has to know of the machine."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": commit(),
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{_system()}, Linux {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
        "PostgreSQL": _said("psql", "--version") or "not installed: apt-get install postgresql",
        "Chromium": _said("chromium", "--version") or "not installed: apt-get install chromium",
    }


def commit() -> str:
    """Return the commit that is measured, and whether there is more than that."""
    changed = _said("git", "status", "--porcelain", "--", "src", "benchmarks/*.py")
    return (_said("git", "rev-parse", "--short", "HEAD") or "none") + (" and changes" if changed else "")


def loop() -> float:
    """Return the milliseconds of a loop that does nothing else, at the median: the longer, the busier the machine."""
    return sorted(_loop() for _ in range(_TRIES))[_TRIES // 2]


def _loop() -> float:
    began = time.perf_counter()
    for _ in range(_LOOPS):
        pass
    return 1000 * (time.perf_counter() - began)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
