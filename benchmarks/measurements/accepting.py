"""How many jobs a second the HTTP service accepts from four programs at once: on SQLite, and on PostgreSQL.

Meanwhile its worker is busy with the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.finding import Bar, Finding, LeftOut
from benchmarks.parts import databases
from benchmarks.parts.crowd import CONNECTIONS, PROGRAMS, accepted
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.conditions import Conditions

RATE = 1000.0
"""Jobs a second."""
PROCESSES: Mapping[str, tuple[str, ...]] = {"one process": (), "two processes": ("--workers", "2")}


def measure(conditions: Conditions) -> Iterator[Finding | LeftOut]:
    """Yield the rates of each database."""
    jobs = conditions.count(4_000, quick=400)
    with sandboxes(1, step_time=60) as (engine,):
        yield _finding("SQLite", jobs, {name: _rate(engine, jobs, options) for name, options in PROCESSES.items()})
        if not databases.has_postgres():
            yield databases.POSTGRES_LEFT_OUT
            return
        yield _finding(
            "PostgreSQL", jobs, {name: _shared(engine, jobs, options) for name, options in PROCESSES.items()}
        )


def _finding(name: str, jobs: int, rates: Mapping[str, float]) -> Finding:
    title = f"{jobs:,} jobs from {PROGRAMS} programs of {CONNECTIONS} connections, {name}"
    ways = {way: [rate] for way, rate in rates.items()}
    return Finding(title, "jobs/s", ways, better="more", bars=[Bar(way, RATE) for way in ways])


def _shared(engine: str, jobs: int, options: tuple[str, ...]) -> float:
    with databases.postgres() as url:
        return _rate(engine, jobs, options, database=url)


def _rate(engine: str, jobs: int, options: tuple[str, ...], *, database: str | None = None) -> float:
    with served(engine, *options, database=database) as service:
        return jobs / accepted(service.port, jobs)
