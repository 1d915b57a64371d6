"""How fast jobs are accepted, and what 100,000 that wait cost: on SQLite, and on PostgreSQL where it is installed."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _engine import verdict

from comfy_gen.jobs.database import Database
from comfy_gen.jobs.dispatch.local import LocalDispatcher
from comfy_gen.jobs.job import JobRequest
from comfy_gen.jobs.records import JobFilter
from comfy_gen.jobs.signals.local import LocalSignals
from comfy_gen.jobs.store import JobStore
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

ACCEPTED = 500.0
"""Jobs a second that SQLite has to take, one by one."""
POSITION = 5.0
"""Milliseconds."""
MEMORY = 500.0
"""Megabytes that the whole process may take."""
SUBMITTERS = 32
WINDOW = 300
BATCH = 1000


def resident() -> float:
    """Return this process's memory in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("Linux tells it")


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


async def milliseconds(ask: Callable[[], Awaitable[object]], *, rounds: int) -> list[float]:
    """Return how long each of some questions took."""
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        await ask()
        taken.append(1000 * (time.perf_counter() - began))
    return taken


async def measure(name: str, url: str, *, singles: int, waiting: int) -> None:
    """Print the figures of one database."""
    workflow = load_template("wan2.2-t2v").workflow
    is_judged = name == "SQLite"
    async with opened(url) as store:
        singly = await accept_singly(store, workflow, singles)
        judged = f"   (at least {ACCEPTED:g}: {verdict(singly >= ACCEPTED)})" if is_judged else ""
        print(f"{name}: {singly:,.0f} jobs/s accepted one by one, {len(json.dumps(workflow)):,} bytes each{judged}")
        in_batches = await fill(store, workflow, waiting)
        print(f"  {in_batches:,.0f} jobs/s in batches of {BATCH:,}")
        await ask(store, waiting=waiting, is_judged=is_judged)
    taken = resident()
    print(f"  {taken:.0f} MB of memory   (at most {MEMORY:g}: {verdict(taken <= MEMORY)})")


async def ask(store: JobStore, *, waiting: int, is_judged: bool) -> None:
    """Print what questions take while so many jobs wait."""
    line = await store.window(waiting, now=time.time())
    last, middle = line[-1].job_id, line[len(line) // 2].job_id
    del line
    places = [*await milliseconds(lambda: store.position(last), rounds=50)]
    halfway = statistics.median(await milliseconds(lambda: store.position(middle), rounds=50))
    median, worst = statistics.median(places), sorted(places)[-3]
    judged = f"   (at most {POSITION:g}: {verdict(median <= POSITION)})" if is_judged else ""
    print(f"  with {waiting:,} waiting, the place of the last: {median:.2f} ms, 95th percentile {worst:.2f}{judged}")
    print(f"  of the middle one: {halfway:.2f} ms")
    for what, question in (
        (f"the first {WINDOW} in the line", lambda: store.window(WINDOW, now=time.time())),
        ("one job", lambda: store.get(last)),
        ("a page of 50", lambda: store.list(JobFilter())),
        ("how many are in each state", store.count),
    ):
        print(f"  {what}: {statistics.median(await milliseconds(question, rounds=20)):.2f} ms")


def main() -> None:
    """Print the figures of each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=3000, help="accepted one by one")
    parser.add_argument("--waiting", type=int, default=100_000, help="in the queue when questions are asked")
    parser.add_argument("--postgres", metavar="URL", help="an empty database; by default a server is started")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        options = {"singles": given.jobs, "waiting": given.waiting}
        asyncio.run(measure("SQLite", f"sqlite:///{folder}/comfygen.db", **options))
        url = given.postgres or own_server(stack)
        if url is None:
            print("PostgreSQL: not installed")
        else:
            asyncio.run(measure("PostgreSQL", url, **options))


def own_server(stack: ExitStack) -> str | None:
    """Start a PostgreSQL with its usual settings; None where it is not installed."""
    sys.path.append(str(Path(__file__).parents[1]))
    from tests.components import find_program  # noqa: PLC0415  # what the tests know of it
    from tests.postgres import FOLDERS, serve_postgres  # noqa: PLC0415

    if find_program("initdb", *FOLDERS) is None:
        return None
    return stack.enter_context(stack.enter_context(serve_postgres(settings={})).database())


if __name__ == "__main__":
    main()
