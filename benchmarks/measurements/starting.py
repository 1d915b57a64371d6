"""How soon after its start a server answers its first request, and a worker has done a job that waited for it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

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
    rounds = conditions.count(5, quick=1)
    with sandboxes(1) as (engine,):
        ways = {SERVE: [*_startups(lambda: served(engine), rounds)], PROXY: [*_startups(lambda: proxy(engine), rounds)]}
        yield Finding("from the start to the first answer", "s", ways, beside=[PROXY])
        drained = [drain(engine) for _ in range(rounds)]
        way = "comfygen worker --drain"
        yield Finding("start, one job that waits, end", "s", {way: drained})


def _startups(serve: Callable[[], AbstractContextManager[Served]], rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        with serve() as server:
            yield server.startup


def drain(engine: str) -> float:
    """Return the seconds from a worker's start to its end, when the one job that waits is done."""
    with tempfile.TemporaryDirectory() as folder:
        place = ["--data-dir", folder, "--engine", engine]
        subprocess.run(
            [*comfygen(), "jobs", "submit", "--data-dir", folder, "sdxl"], check=True, capture_output=True, cwd=folder
        )
        began = time.perf_counter()
        subprocess.run(
            [*comfygen(), "worker", *place, "--drain", "--quiet"], check=True, capture_output=True, cwd=folder
        )
        return time.perf_counter() - began
