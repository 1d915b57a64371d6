"""How soon after its start a server answers its first request, and a worker has done a job that waited for it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any

from benchmarks.finding import Finding
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.proxy import proxy
from benchmarks.parts.serving import comfygen, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from benchmarks.conditions import Conditions
    from benchmarks.parts.serving import Served

SERVE, PROXY = "comfygen serve", "comfy-api-proxy"


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the seconds, in turns."""
    rounds = conditions.count(3, quick=1)
    with sandboxes(1) as (engine,):
        ways = {SERVE: [*_startups(lambda: served(engine), rounds)], PROXY: [*_startups(lambda: proxy(engine), rounds)]}
        yield Finding("from the start to the first answer", "s", ways, beside=[PROXY])
        drained = {"comfygen worker --drain": [drain(engine) for _ in range(rounds)]}
        yield Finding("start, one job that waits, end", "s", drained)


def _startups(serve: Callable[[], AbstractContextManager[Served]], rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        with serve() as server:
            yield server.startup


def drain(engine: str) -> float:
    """Return the seconds from a worker's start to its end, when the one job that waits is done."""
    with tempfile.TemporaryDirectory() as folder:
        place = {**os.environ, "COMFYGEN_JOBS_DATA_DIR": folder}
        _run("jobs", "submit", "--no-check", "sd15", env=place, cwd=folder)
        began = time.perf_counter()
        _run("worker", "--engine", engine, "--drain", "--quiet", env=place, cwd=folder)
        return time.perf_counter() - began


def _run(*words: str, **place: Any) -> None:
    subprocess.run([*comfygen(), *words], check=True, capture_output=True, **place)
