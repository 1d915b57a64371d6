"""Feeds any number of workers on one PostgreSQL through procrastinate: a job of ours is a job of its queue."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import IntegrityError, OperationalError

from comfy_gen.errors import MissingExtraError
from comfy_gen.jobs.database import connection_of
from comfy_gen.jobs.dispatch.ranks import priority_of
from comfy_gen.jobs.dispatch.rows import CALL, QUEUE_NAME, REORDER, SETTINGS, TASK_NAME, WITHDRAW
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.signals.postgres import conninfo_of

try:
    import psycopg
    from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
    from procrastinate.jobs import Job as Row
    from procrastinate.manager import JobManager

    from comfy_gen.jobs.dispatch.installing import install
    from comfy_gen.jobs.dispatch.ledger import Ledger
except ModuleNotFoundError as error:
    raise MissingExtraError("PostgreSQL", "postgres") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.database import Database
    from comfy_gen.jobs.dispatch.dispatcher import Hand

log = logging.getLogger(__name__)

_MOST_IN_HAND = 100_000
"""Of one worker. Not what limits it: that is the hand's ``room``."""
_PATIENCE = 5.0
"""Seconds that a question waits for a connection."""
_FORGOTTEN_AFTER = 3600.0
"""Seconds without a heartbeat after which a worker's own row is deleted."""


@dataclass(frozen=True, slots=True)
class PostgresOptions:
    """How soon a dead worker's jobs are given to others; times in seconds."""

    heartbeat_every: float = 3.0
    dead_after: float = 9.0
    """Without a heartbeat. Its jobs are with others that long and one ``sweep_every`` later."""
    sweep_every: float = 2.0
    """Between two looks for the jobs of dead workers and for jobs without a row."""
    look_every: float = 1.0
    """Between two looks for jobs though nobody told of any: one became due, or its rest is over."""
    rest: float = 1.0
    """Before a job comes back that a hand let go of while it still waits."""


class PostgresDispatcher:
    """A dispatcher for a PostgreSQL that any number of workers share. Made by `open`."""

    def __init__(self, database: Database, *, options: PostgresOptions | None = None) -> None:
        self._options = options or PostgresOptions()
        self._conninfo = conninfo_of(database.url)
        self._rows = JobManager(SyncPsycopgConnector())  # never opened: it works on connections that it is given

    @classmethod
    async def open(cls, database: Database, *, options: PostgresOptions | None = None) -> Self:
        """Return one, with procrastinate's tables beside ours.

        Raises:
            DatabaseUnavailableError: they cannot be made.
        """
        await database.write(lambda connection: install(connection_of(connection)))
        return cls(database, options=options)

    def enqueue(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        """Give each job a row, on the same connection and in the same transaction as the job itself."""
        have_one = set(connection.exec_driver_sql(CALL, {"job_ids": [job_id for job_id, _ in jobs]}).scalars())
        rows = [_row_of(job_id, rank) for job_id, rank in jobs if job_id not in have_one]
        if rows:
            self._defer(connection_of(connection), rows)

    def reorder(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        """Give rows that wait another priority."""
        ids, priorities = [job_id for job_id, _ in jobs], [priority_of(rank) for _, rank in jobs]
        connection.exec_driver_sql(REORDER, {"job_ids": ids, "priorities": priorities})

    def withdraw(self, connection: Connection, job_ids: Sequence[JobId]) -> None:
        """Delete rows that wait."""
        connection.exec_driver_sql(WITHDRAW, {"job_ids": list(job_ids)})

    async def feed(self, hand: Hand) -> None:
        """Keep a hand filled, until cancelled."""
        feeding = asyncio.create_task(self._keep_feeding(hand))
        try:
            await asyncio.wait([feeding])
        finally:
            await end(feeding, again_after=3 * _PATIENCE)
        feeding.result()

    async def _keep_feeding(self, hand: Hand) -> None:
        while True:
            try:
                await self._feed_once(hand)
            except (ConnectorException, psycopg.Error, OSError) as error:
                log.warning("no jobs for now: %s", error.__cause__ or error)
            await asyncio.sleep(self._options.look_every)

    def _defer(self, connection: psycopg.Connection, rows: list[Row]) -> None:
        """Insert rows. What goes wrong is said in the words of the other statements of the transaction."""
        try:
            self._rows.batch_defer_jobs(rows, connection=connection)
        except AlreadyEnqueued as error:
            raise IntegrityError(None, None, error) from error
        except ConnectorException as error:
            cause = error.__cause__ or error
            raise OperationalError(None, None, cause, connection_invalidated=connection.closed) from error

    async def _feed_once(self, hand: Hand) -> None:
        """Feed as one registered worker, which ends when it is no longer known."""
        options = self._options
        connector = PsycopgConnector(
            conninfo=self._conninfo,
            min_size=1,
            max_size=4,
            timeout=_PATIENCE,
            configure=_set_up,
        )
        app = App(connector=connector)
        ledger = app.job_manager = Ledger(connector, hand, rest=options.rest)

        @app.task(name=TASK_NAME, queue=QUEUE_NAME)
        async def run(job_id: str) -> None:
            await hand.take(JobId(job_id))

        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE_NAME],
                    concurrency=_MOST_IN_HAND,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=options.look_every,
                    abort_job_polling_interval=_FORGOTTEN_AFTER,  # nobody aborts rows: a job is cancelled in our table
                    shutdown_graceful_timeout=0,
                    update_heartbeat_interval=options.heartbeat_every,
                    stalled_worker_timeout=_FORGOTTEN_AFTER,
                )
            )
            sweeping = asyncio.create_task(self._sweep(ledger))
            try:
                await asyncio.wait([working, sweeping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                await end(sweeping)
                await end(working, again_after=_PATIENCE)  # it gives the jobs in hand back first
                with contextlib.suppress(ConnectorException):
                    await ledger.nudge()
            for task in (working, sweeping):
                if not task.cancelled():
                    task.result()

    async def _sweep(self, ledger: Ledger) -> None:
        """Put right what dead workers left, until this one is no longer known."""
        restore_at = 0.0
        while True:
            await asyncio.sleep(self._options.sweep_every)
            try:
                if not await ledger.is_registered():
                    return
                await ledger.revive(dead_after=self._options.dead_after)
                if time.monotonic() >= restore_at:
                    restore_at = await self._restore(ledger)
            except ConnectorException as error:
                log.warning("not looking after dead workers for now: %s", error.__cause__ or error)

    async def _restore(self, ledger: Ledger) -> float:
        """Look at all the jobs that wait, and return when to do so again: it shall take a fiftieth of the time."""
        began = time.monotonic()
        count = await ledger.restore()
        if count:
            log.warning("%d jobs had got lost on their way to a worker", count)
        ended = time.monotonic()
        return ended + 50 * (ended - began)


def _row_of(job_id: JobId, rank: float) -> Row:
    return Row(
        queue=QUEUE_NAME,
        task_name=TASK_NAME,
        priority=priority_of(rank),
        lock=None,
        queueing_lock=job_id,
        task_kwargs={"job_id": job_id},
    )


async def _set_up(connection: psycopg.AsyncConnection) -> None:
    await connection.set_autocommit(True)  # all that procrastinate and we say on it are single statements
    for setting in SETTINGS:
        await connection.execute(setting.encode())
