"""The engines to measure with: sandboxes, each in a process of its own, and a real ComfyUI where there is one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.parts.graphs import CHECKPOINT, picture, sampled
from benchmarks.parts.raw import raw
from tests.live.comfyui.install import default_directory, is_installed
from tests.live.comfyui.server import ComfyUI

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from benchmarks.conditions import Conditions

IDLE, BUSY, COMFYUI = "sandbox, 0 ms", "sandbox, 50 ms", "ComfyUI"
JOB = 0.05
"""Seconds that a sandbox is busy with a job which takes it any time."""
STEPS = 4
"""Of a picture on a real ComfyUI, which takes about 90 ms on a processor of two cores."""
SERVE = """
import asyncio, sys
from comfy_gen.sandbox import Sandbox, SandboxOptions

async def main():
    async with Sandbox(SandboxOptions(step_time=float(sys.argv[1]), previews=sys.argv[2] == "previews")) as sandbox:
        print(sandbox.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that runs, and what it is given to do."""

    name: str
    url: str
    graph: Callable[[], dict[str, Any]]
    is_real: bool = False


@contextmanager
def sandboxes(count: int, *, step_time: float = 0.0, previews: bool = False) -> Generator[list[str]]:
    """Give the addresses of so many sandboxes, which live as long as the block; a step takes so many seconds."""
    command = [sys.executable, "-c", SERVE, str(step_time), "previews" if previews else ""]
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        running = [
            stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)) for _ in range(count)
        ]
        try:
            yield [_said(one) for one in running]
        finally:
            for one in running:
                one.kill()


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def engines(conditions: Conditions, *names: str) -> Iterator[Engine]:
    """Yield an engine after the other, each alone on the machine: all of them, or those with such names."""
    for name, serving in ((IDLE, _idle), (BUSY, _busy), (COMFYUI, _real)):
        if not names or name in names:
            with serving(conditions) as found:
                yield from found


@contextmanager
def _idle(_: Conditions) -> Generator[list[Engine]]:
    with sandboxes(1) as (url,):
        yield [Engine(IDLE, url, picture)]


@contextmanager
def _busy(_: Conditions) -> Generator[list[Engine]]:
    with sandboxes(1, step_time=tuned(JOB)) as (url,):
        yield [Engine(BUSY, url, sampled)]


@contextmanager
def _real(conditions: Conditions) -> Generator[list[Engine]]:
    if conditions.engine:
        yield [_real_at(conditions.engine)]
    elif is_installed(default_directory()):
        with ComfyUI(default_directory(), flags=()) as server:
            yield [_real_at(server.url)]
    else:  # the report says so
        yield []


def _real_at(url: str) -> Engine:
    version, checkpoint = asyncio.run(_known(url))
    return Engine(f"{COMFYUI} {version}", url, lambda: sampled(steps=STEPS, checkpoint=checkpoint), is_real=True)


async def _known(url: str) -> tuple[str, str]:
    """Return an engine's version, and the first of its checkpoints."""
    async with raw(url) as peer:
        stats, found = await peer.get("/system_stats"), await peer.get("/models/checkpoints")
    return stats["system"]["comfyui_version"], found[0] if found else CHECKPOINT


def tuned(job: float) -> float:
    """Return the step with which a sandbox is busy for just as long as a job shall take, its own work included."""
    with sandboxes(1, step_time=job) as (url,):
        return 2 * job - asyncio.run(_each(url, 20))


async def _each(url: str, count: int) -> float:
    async with raw(url) as peer:
        await peer.run_all([sampled()])
        began = time.perf_counter()
        await peer.run_all([sampled() for _ in range(count)], files=False)
        return (time.perf_counter() - began) / count
