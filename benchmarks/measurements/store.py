"""How fast the store accepts jobs, and what it answers how fast while 100,000 wait: SQLite, and PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.finding import Bar, Finding, LeftOut
from benchmarks.parts import databases
from comfy_gen.jobs.database import Database
from comfy_gen.jobs.dispatch.local import LocalDispatcher
from comfy_gen.jobs.records import JobFilter
from comfy_gen.jobs.request import JobRequest
from comfy_gen.jobs.signals.local import LocalSignals
from comfy_gen.jobs.store import JobStore
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

    from benchmarks.conditions import Conditions

ACCEPTED = 500.0
"""Jobs a second that SQLite has to take, one by one."""
POSITION = 5.0
"""Milliseconds."""
SUBMITTERS = 32
WINDOW = 300
BATCH = 1000
SINGLY, IN_BATCHES = "one by one", f"in batches of {BATCH:,}"


def measure(conditions: Conditions) -> Iterator[Finding | LeftOut]:
    """Yield the rates and the milliseconds of each database."""
    with databases.sqlite() as url:
        yield from asyncio.run(_measured("SQLite", url, conditions))
    if not databases.has_postgres():
        yield databases.POSTGRES_LEFT_OUT
        return
    with databases.postgres() as url:
        yield from asyncio.run(_measured("PostgreSQL", url, conditions))


async def _measured(name: str, url: str, conditions: Conditions) -> list[Finding]:
    async with opened(url) as store:
        return [one async for one in findings(name, store, conditions)]


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[JobStore]:
    """Give a store as the service has it."""
    async with await Database.open(url) as database:
        if database.dialect == "sqlite":
            signals = LocalSignals(database)
            yield JobStore(database, LocalDispatcher(database, signals), signals, max_waiting=1_000_000)
            return
        from comfy_gen.jobs.dispatch.postgres import PostgresDispatcher  # noqa: PLC0415  # only with its driver
        from comfy_gen.jobs.signals.postgres import PostgresSignals  # noqa: PLC0415

        dispatcher = await PostgresDispatcher.open(database)
        yield JobStore(database, dispatcher, PostgresSignals(database.url), max_waiting=1_000_000)


async def findings(name: str, store: JobStore, conditions: Conditions) -> AsyncIterator[Finding]:
    """Yield what is found of one database."""
    workflow = load_template("wan2.2-t2v").workflow
    waiting = conditions.count(100_000, quick=2_000)
    rates = {
        SINGLY: [await accept_singly(store, workflow, conditions.count(3_000, quick=200))],
        IN_BATCHES: [await fill(store, workflow, waiting)],
    }
    bars = [Bar(SINGLY, ACCEPTED)] if name == "SQLite" else []
    yield Finding(f"accepted, {name}", "jobs/s", rates, better="more", bars=bars)
    bars = [Bar("the place of the last in the line", POSITION)] if name == "SQLite" else []
    yield Finding(f"{waiting:,} jobs wait, {name}", "ms", await answers(store, waiting), bars=bars)


def requested(number: int, workflow: dict[str, Any]) -> JobRequest:
    """Return one of many requests: of 50 owners, no two alike."""
    return JobRequest(
        {**workflow, "0": {"class_type": "Note", "inputs": {"seed": number}}}, owner=f"owner-{number % 50}"
    )


async def accept_singly(store: JobStore, workflow: dict[str, Any], count: int) -> float:
    """Return jobs a second that many submitters get in, each waiting for its answer."""
    numbers = iter(range(count))

    async def submit() -> None:
        for number in numbers:
            await store.accept(requested(number, workflow), now=time.time())

    began = time.perf_counter()
    await asyncio.gather(*(submit() for _ in range(SUBMITTERS)))
    return count / (time.perf_counter() - began)


async def fill(store: JobStore, workflow: dict[str, Any], upto: int) -> float:
    """Accept in batches until so many wait; return jobs a second."""
    there = sum((await store.count()).values())
    began = time.perf_counter()
    for first in range(there, upto, BATCH):
        batch = [requested(number, workflow) for number in range(first, min(first + BATCH, upto))]
        await store.accept_all(batch, now=time.time())
    return (upto - there) / (time.perf_counter() - began)


async def answers(store: JobStore, waiting: int) -> dict[str, list[float]]:
    """Return the milliseconds of questions while so many jobs wait."""
    line = await store.window(waiting, now=time.time())
    last, middle = line[-1].job_id, line[len(line) // 2].job_id
    del line
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "the place of the last in the line": lambda: store.position(last),
        "the place of the middle one": lambda: store.position(middle),
        f"the first {WINDOW} in the line": lambda: store.window(WINDOW, now=time.time()),
        "one job": lambda: store.get(last),
        "a page of 50": lambda: store.list(JobFilter()),
        "how many are in each state": store.count,
    }
    return {name: await milliseconds(question, rounds=30) for name, question in questions.items()}


async def milliseconds(ask: Callable[[], Awaitable[object]], *, rounds: int) -> list[float]:
    """Return how long each of some questions took."""
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        await ask()
        taken.append(1000 * (time.perf_counter() - began))
    return taken
