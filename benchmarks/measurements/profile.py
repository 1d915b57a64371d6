"""Where the time goes: the stages of one job through the HTTP service, now and at an earlier commit.

`POST /generate/sync` of a small graph on a sandbox that takes no time; both services work before the same engine, in
turns. Nothing is instrumented: the stages lie between what the service and the engine note of each job anyway.

- *read*: from the request's first byte until the job has its time of acceptance
- *accept, claim*: committed, given to the worker, an engine chosen, until the attempt has its time of claim
- *submit*: the claim committed, the graph sent, until the engine begins
- *run*: the engine's own work
- *hear*: until the worker knows of the end, and what files there are
- *fetch, store*: until the files are kept and the job has its time of end
- *answer*: the end committed, the result written, read by the caller

At last: which parts of the code the service's loop computes in, by a profiler, which slows small functions most.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.finding import Finding, LeftOut
from benchmarks.parts.connection import Connection
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.graphs import sampled
from benchmarks.parts.profiled import begin, end, profiled, shares
from benchmarks.parts.serving import served
from benchmarks.parts.ways import in_sync

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from benchmarks.conditions import Conditions
    from benchmarks.parts.serving import Served

SINCE = "de97221"
"""The commit before the largest costs were mended."""
STAGES = ("read", "accept, claim", "submit", "run", "hear", "fetch, store", "answer")
NOW, BEFORE = "now", f"before, at {SINCE}"
PROJECT = Path(__file__).parents[2]
WARM_UP = 10

Stages = list[tuple[float, ...]]
"""Of each job, the milliseconds of each stage."""


def measure(conditions: Conditions) -> Iterator[Finding | LeftOut]:
    """Yield each stage, what the service computes for a job, and where."""
    rounds = conditions.count(150, quick=5)
    with sandboxes(1) as (engine,):
        with checked_out(SINCE) as earlier, served(engine) as now:
            if earlier is None:
                yield LeftOut(f"the service at {SINCE}", "this clone does not have the commit")
                yield from asyncio.run(compare(engine, {NOW: now}, rounds))
            else:
                with served(engine, python=[sys.executable, "-m", "comfy_gen"], PYTHONPATH=str(earlier)) as before:
                    yield from asyncio.run(compare(engine, {BEFORE: before, NOW: now}, rounds))
        yield computing(engine, conditions.count(200, quick=5))


@contextmanager
def checked_out(commit: str) -> Generator[Path | None]:
    """Give the sources of a commit; None where there is no such."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["git", "archive", commit, "src"], check=False, capture_output=True, cwd=PROJECT)
        if packed.returncode:
            yield None
            return
        subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
        yield Path(folder) / "src"


async def compare(engine: str, services: Mapping[str, Served], rounds: int) -> list[Finding]:
    """Return what each stage takes in each service; they take turns."""
    connections = {name: await Connection.open(service.port) for name, service in services.items()}
    taken: dict[str, Stages] = {name: [] for name in services}
    spent = dict.fromkeys(services, 0.0)
    async with aiohttp.ClientSession() as session:
        for number in range(WARM_UP + rounds):
            for name, service in services.items():
                before = service.computed()
                stages = await one(connections[name], service, engine, session)
                if number >= WARM_UP:
                    spent[name] += service.computed() - before
                    taken[name].append(stages)
    computed = {name: [1000 * seconds / rounds] for name, seconds in spent.items()}
    return [*findings(taken), Finding("computed by the service for a job", "ms", computed, beside=[BEFORE])]


async def one(
    connection: Connection, service: Served, engine: str, session: aiohttp.ClientSession
) -> tuple[float, ...]:
    """Have one job done, and return the milliseconds of its stages."""
    sent = time.time()
    result = await in_sync(connection, sampled(), files=False)
    answered = time.time()
    at = await _states(session, f"{service.url}/jobs/{result['id']}/events")
    job = await connection.wanted(200, "GET", f"/jobs/{result['id']}")
    prompt = job["attempts"][-1]["prompt_id"]
    async with session.get(f"{engine}/history/{prompt}") as answer:
        messages = (await answer.json())[prompt]["status"]["messages"]
    began, ended = (_stamp(messages, f"execution_{name}") for name in ("start", "success"))
    moments = (sent, job["created"], job["started"], began, ended, at["postprocessing"], job["ended"], answered)
    # The engine's clock has whole milliseconds, so that a stage of nothing may come out as less.
    return tuple(1000 * max(later - earlier, 0.0) for earlier, later in itertools.pairwise(moments))


async def _states(session: aiohttp.ClientSession, url: str) -> dict[str, float]:
    async with session.get(url) as stream:
        lines = (line async for line in stream.content)
        found = [json.loads(line[6:]) async for line in lines if line.startswith(b'data: {"job_id"')]
    return {event["state"]: event["at"] for event in found if "state" in event}


def _stamp(messages: list[Any], wanted: str) -> float:
    return next(said["timestamp"] / 1000 for name, said in messages if name == wanted)


def findings(taken: Mapping[str, Stages]) -> Iterator[Finding]:
    """Yield the whole, its stages, and what part of the whole each of them is."""
    whole = {name: [sum(stages) for stages in jobs] for name, jobs in taken.items()}
    yield Finding("one job, whole", "ms", whole, beside=[BEFORE])
    ofs = {stage: {name: [job[at] for job in jobs] for name, jobs in taken.items()} for at, stage in enumerate(STAGES)}
    for stage, of_ways in ofs.items():
        yield Finding(stage, "ms", of_ways, beside=[BEFORE])
    total = sum(whole[NOW])
    parts = {stage: [100 * sum(of_ways[NOW]) / total] for stage, of_ways in ofs.items()}
    yield Finding("of the whole, now", "%", parts, better="")


def computing(engine: str, jobs: int) -> Finding:
    """Return which parts of the code the loop of a service computes in."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "profile"
        with served(engine, python=profiled(kept), PYTHONPATH=str(PROJECT)) as service:
            asyncio.run(_profile(service, jobs, kept))
        found = {name: [share] for name, share in shares(kept).items()}
    return Finding("computed in the loop's thread, by part", "% of it", found, better="")


async def _profile(service: Served, jobs: int, kept: Path) -> None:
    connection = await Connection.open(service.port)
    for number in range(WARM_UP + jobs):
        if number == WARM_UP:
            begin(service.pid)
        await in_sync(connection, sampled())
    await asyncio.to_thread(end, service.pid, kept)
