"""procrastinate's manager of jobs, as a worker of ours needs it: patient with the database, and never trusting a row.

What procrastinate does on its own is right for tasks that are nothing but its rows. Our jobs live in our own table,
so that a row that ended counts for nothing: the table says whether the job wants another. A worker that was frozen
and wakes up finds rows that others have now, and must not end those.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, LiteralString, cast

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from comfy_gen.jobs.dispatch.rows import BEST, HELD, IS_REGISTERED, NUDGE, RESTORE, REVIVE, SETTLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procrastinate.connector import BaseConnector
    from procrastinate.jobs import Job, Notification
    from procrastinate.manager import NotificationCallback

    from comfy_gen.jobs.dispatch.dispatcher import Hand

log = logging.getLogger(__name__)

RECONNECT_EVERY = 1.0


class Ledger(JobManager):
    """Which rows are in one hand. Made once for each time that a worker is registered."""

    def __init__(self, connector: BaseConnector, hand: Hand, *, rest: float) -> None:
        super().__init__(connector)
        self._hand = hand
        self._rest = rest
        self._held: dict[int, int] = {}
        """The priorities of the rows in the hand."""
        self._suspects: frozenset[int] = frozenset()
        self._worker_id = 0
        self._on_notification: NotificationCallback | None = None
        self._told = 0
        """How often it was said that there may be jobs."""

    # --- what procrastinate's worker asks for

    async def register_worker(self) -> int:
        """Note the number that this worker gets."""
        self._worker_id = await super().register_worker()
        return self._worker_id

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Return the next job for the hand, if it has room for it; one that belongs before those in it always has."""
        job, told = None, -1
        # procrastinate's worker forgets what it is told of meanwhile, and would find that job a `look_every` later.
        while job is None and told != self._told:
            told = self._told
            try:
                job = await self._fetch(queues, worker_id)
            except ConnectorException as error:
                log.warning("no jobs for now: %s", error.__cause__ or error)
                return None
        return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001  # not our signature
        """Have the row go, or wait again where its job does."""
        del delete_job
        rest = 0.0 if status is Status.ABORTED else self._rest
        try:
            await self._run(SETTLE, id=job.id, worker_id=self._worker_id, attempts=job.attempts, rest=rest)
        except ConnectorException as error:  # it is found among the dropped ones soon
            log.warning("procrastinate's job %s could not be settled: %s", job.id, error.__cause__ or error)
        finally:
            self._held.pop(job.id or 0, None)
            await self._look_again()

    async def update_heartbeat(self, worker_id: int) -> None:
        """Say that this worker lives; where that cannot be said, the jobs in hand go on."""
        try:
            await super().update_heartbeat(worker_id)
        except ConnectorException as error:
            log.warning("no heartbeat: %s", error.__cause__ or error)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Listen, however often the server goes away."""
        self._on_notification = on_notification
        while True:
            try:
                await super().listen_for_jobs(on_notification=self._pass_on, queues=queues)
            except ConnectorException as error:
                log.warning("not told of new jobs for now: %s", error.__cause__ or error)
            await asyncio.sleep(RECONNECT_EVERY)

    # --- what goes wrong, and is put right

    async def is_registered(self) -> bool:
        """Tell whether this worker is still known, or about to be; one that was silent for long is not."""
        if not self._worker_id:
            return True
        row = await self.connector.execute_query_one_async(IS_REGISTERED, worker_id=self._worker_id)
        return bool(row["is_registered"])

    async def revive(self, *, dead_after: float) -> int:
        """Have the rows of dead workers wait again, and those of this one that it does not hold; return how many."""
        await super().update_heartbeat(self._worker_id)  # a worker that was frozen is alive again, and says so first
        held = await self.connector.execute_query_all_async(HELD, worker_id=self._worker_id)
        # A row that was fetched a moment ago may not have been told to us yet: only what is missing twice is dropped.
        missing = frozenset(row["id"] for row in held) - self._held.keys()
        dropped, self._suspects = missing & self._suspects, missing
        count = await self._run(
            REVIVE, dead_after=dead_after, dropped=list(dropped), worker_id=self._worker_id, rest=0.0
        )
        if count:
            await self.nudge()
        return count

    async def restore(self) -> int:
        """Give a row to each job that should have one; return to how many."""
        return len(await self.connector.execute_query_all_async(cast("LiteralString", RESTORE)))

    async def nudge(self) -> None:
        """Have all workers look for jobs."""
        await self.connector.execute_query_async(NUDGE)

    # --- how

    async def _fetch(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        if self._hand.room() <= 0 and not await self._has_better():
            return None
        job = await super().fetch_job(queues, worker_id)
        if job is not None and job.id is not None:
            self._held[job.id] = job.priority
        return job

    async def _has_better(self) -> bool:
        worst = min(self._held.values(), default=None)
        best = await self.connector.execute_query_all_async(BEST)
        return bool(best) and (worst is None or best[0]["priority"] > worst)

    async def _look_again(self) -> None:
        """Have this worker look for jobs: the hand has room."""
        await self._pass_on(channel="", notification={"type": "job_inserted", "job_id": 0})

    async def _pass_on(self, *, channel: str, notification: Notification) -> None:
        self._told += 1
        if self._on_notification is not None:
            await self._on_notification(channel=channel, notification=notification)

    async def _run(self, query: Any, **arguments: Any) -> int:
        row = await self.connector.execute_query_one_async(query, **arguments)
        return row["count"]
