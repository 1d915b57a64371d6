"""The store of jobs: what is accepted is committed, and what a worker writes is fenced.

Everybody meets here: those who submit, those who watch, and the workers. All times come in as ``now``, in seconds
since 1970. Methods that write raise `DatabaseUnavailableError` when the database cannot be written, as do those that
read when it cannot be read.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.intake import Intake, prepare_all
from comfy_gen.jobs.job import ENDS, RETRIABLE, JobState
from comfy_gen.jobs.records import JobFilter
from comfy_gen.jobs.request import PRIORITIES
from comfy_gen.jobs.roster import Roster
from comfy_gen.jobs.sql import acceptance, claims, control, line, queries, switches, takes
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from comfy_gen.jobs.database import Database
    from comfy_gen.jobs.dispatch.dispatcher import Dispatcher
    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Artifact, Attempt, Event, Job
    from comfy_gen.jobs.records import Accepted, Claimed, Finish, News, Page, Report, Selection, Taken, Waiting
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.jobs.signals import Signals
    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.validation.takes import Take


class JobStore:
    """Keeps jobs in a database, tells the dispatcher which of them wait, and signals what changed."""

    def __init__(
        self, database: Database, dispatcher: Dispatcher, signals: Signals, *, max_waiting: int = 100_000
    ) -> None:
        self.transactions = Transactions(database, dispatcher, signals)
        self._read, self._write = self.transactions.read, self.transactions.write
        self.roster = Roster(self.transactions)
        self._room = line.Room(max_waiting)
        self._intake = Intake(self._accept_all)

    # --- accepting

    async def accept(self, request: JobRequest, *, now: float) -> Accepted:
        """Make a job of a request. Once this returns, the job is safe.

        Raises:
            InvalidParameterError: a value of the request is outside what can work.
            WorkflowFormatError: its workflow is no graph in API format.
            IdempotencyConflictError: its key or id was used before, for something else.
            QueueFullError: too many jobs wait.
        """
        (prepared,) = await prepare_all([request], now=now)
        return await self._intake.accept(prepared)

    async def known(self, *, owner: str, key: str | None, job_id: str | None, digest: str) -> Job | None:
        """Return the job that was accepted before under this key or id; None if none was.

        Raises:
            IdempotencyConflictError: something else was accepted under it.
        """
        return await self._read(
            lambda connection: acceptance.known(connection, owner=owner, key=key, job_id=job_id, digest=digest)
        )

    async def accept_all(self, requests: Sequence[JobRequest], *, now: float) -> Sequence[Accepted]:
        """Make jobs of requests, all or none.

        Raises:
            ComfyGenError: as `accept`.
        """
        return await self._accept_all(await prepare_all(requests, now=now))

    # --- asking

    async def get(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            JobNotFoundError: there is none of this id.
        """
        return await self._read(lambda connection: queries.get(connection, job_id), is_brief=True)

    async def state(self, job_id: str) -> JobState:
        """Return the state of a job, which is had sooner than the job.

        Raises:
            JobNotFoundError: there is none of this id.
        """
        return await self._read(lambda connection: queries.state(connection, job_id), is_brief=True)

    async def find(self, prefix: str) -> Job:
        """Return the job whose id begins so.

        Raises:
            JobNotFoundError: none does, or several do.
        """
        return await self._read(lambda connection: queries.find(connection, prefix))

    async def request(self, job_id: str) -> JobRequest:
        """Return what a job was asked to do.

        Raises:
            JobNotFoundError: there is no such job.
        """
        return await self._read(lambda connection: queries.request(connection, job_id), is_brief=True)

    async def list(self, wanted: JobFilter | None = None, limit: int = 50, cursor: str | None = None) -> Page:
        """Return some of the jobs, newest first; ``cursor`` is what the page before said comes next.

        Raises:
            InvalidParameterError: the cursor is none of ours.
        """
        return await self._read(lambda connection: queries.page(connection, wanted or JobFilter(), limit, cursor))

    async def count(self) -> dict[JobState, int]:
        """Return how many jobs are in each state."""
        return await self._read(queries.count)

    async def attempts(self, job_id: str) -> Sequence[Attempt]:
        """Return the attempts at a job, oldest first."""
        return await self._read(lambda connection: queries.attempts_of(connection, job_id))

    async def events(self, job_id: str, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """Return the events of a job with higher numbers than ``after``, oldest first."""
        return await self._read(lambda connection: queries.events_of(connection, job_id, after=after, limit=limit))

    async def news(self, job_id: str, after: int) -> News:
        """Return the events of a job with higher numbers than ``after``, and how the job is since the last of them.

        Raises:
            JobNotFoundError: there is no such job.
        """
        return await self._read(lambda connection: queries.news(connection, job_id, after=after), is_brief=True)

    async def artifacts(self, job_id: str, *, every_take: bool = False) -> Sequence[Artifact]:
        """Return the artifacts of a job, in their order: those that are its result, or of all its takes."""
        return await self._read(
            lambda connection: queries.artifacts_of(connection, job_id, every_take=every_take), is_brief=True
        )

    async def takes(self, job_id: str) -> Sequence[Take]:
        """Return the takes of a job whose pictures are judged, in their order."""
        return await self._read(lambda connection: takes.takes_of(connection, job_id))

    async def artifact(self, artifact_id: str) -> tuple[Artifact, str]:
        """Return an artifact, and who owns its job.

        Raises:
            ArtifactNotFoundError: there is none of this id.
        """
        return await self._read(lambda connection: queries.artifact(connection, artifact_id), is_brief=True)

    async def count_waiting(self, owner: str) -> int:
        """Return how many jobs of an owner are in the line."""
        return await self._read(lambda connection: line.count_of(connection, owner))

    async def ended_after(self, ended: float, job_id: str = "", limit: int = 1000) -> Sequence[Job]:
        """Return the jobs that ended after that moment, or at it with a higher id; in the order in which they did."""
        return await self._read(lambda connection: queries.ended_after(connection, ended, job_id, limit))

    async def position(self, job_id: str) -> int | None:
        """Return a job's place in the line, 1 for the next; None for one that does not wait, or is held.

        Raises:
            JobNotFoundError: there is no such job.
        """
        return await self._read(lambda connection: line.position(connection, job_id))

    async def durations(
        self, likeness: str | None = None, engine: str | None = None, limit: int = 100
    ) -> Sequence[float]:
        """Return how many seconds engines, or one of them, took for like jobs, or for any; newest first."""
        return await self._read(lambda connection: queries.durations(connection, likeness, engine, limit))

    # --- working

    async def window(self, limit: int, *, now: float) -> Sequence[Waiting]:
        """Return the first in the line; those that are not to start yet come after all others."""
        return await self._read(lambda connection: line.window(connection, limit, now=now))

    async def waiting(self, job_id: str) -> Waiting | None:
        """Return what a scheduler is told of a job; None if it is not in the line."""
        return next(iter(await self.waiting_among([job_id])), None)

    async def waiting_among(self, job_ids: Sequence[str]) -> Sequence[Waiting]:
        """Return those of these jobs that are in the line, in their order there."""
        is_brief = len(job_ids) == 1
        return await self._read(lambda connection: line.waiting(connection, job_ids), is_brief=is_brief)

    async def active(self, worker: str | None = None) -> Sequence[Job]:
        """Return the jobs that workers have, or one of them; oldest first."""
        return await self._read(lambda connection: queries.active(connection, worker))

    async def wishes(self, worker: str) -> Sequence[JobId]:
        """Return the jobs that a worker has and is to cancel."""
        return await self._read(lambda connection: queries.wishes(connection, worker), is_brief=True)

    async def claim(
        self,
        job_id: str,
        *,
        worker: str,
        now: float,
        engine: str | None = None,
        prompt_id: str | None = None,
        take_over: bool = False,
        attempt: int | None = None,
    ) -> Claimed | None:
        """Make a new attempt at a job that waits, or take over one that another worker has.

        ``engine`` and ``prompt_id`` say where it will be found, before anything is sent there; a job that is taken
        over keeps those that it has.

        None if it cannot be had: it does not wait, is held, the queue is paused; or, to be taken over, it is not
        active, or ``attempt``, if given, is not its newest any more because yet another worker was faster.
        """
        if take_over:
            return await self._write(
                lambda change: claims.take_over(change, job_id, worker=worker, attempt=attempt, now=now)
            )
        return await self._write(
            lambda change: claims.claim(change, job_id, worker=worker, engine=engine, prompt_id=prompt_id, now=now)
        )

    async def advance(self, job_id: str, attempt: int, state: JobState, *, now: float) -> bool:
        """Move a job on to the next stage. False: the attempt is not the newest, or the state cannot follow."""
        # Not durable, like the next: what was claimed is found on its engine again, whatever stage it is said to be in.
        return await self._write(
            lambda change: claims.advance(change, job_id, attempt, state, now=now), is_durable=False
        )

    async def report(self, reports: Sequence[Report], *, now: float) -> None:
        """Write how far jobs are; what is reported of attempts that are not the newest is dropped."""
        await self._write(lambda change: claims.report(change, reports, now=now), is_durable=False)

    async def finish(self, job_id: str, attempt: int, ending: Finish, *, now: float) -> bool:
        """End a job: its state, its artifacts and its webhook at once. False: the attempt is not the newest."""
        return await self._write(lambda change: claims.finish(change, job_id, attempt, ending, now=now))

    async def requeue(
        self,
        job_id: str,
        attempt: int,
        failure: JobFailure | None,
        *,
        now: float,
        not_before: float = 0.0,
        strike: bool = False,
        avoid: str | None = None,
        taken: Taken | None = None,
    ) -> bool:
        """Put a job back into the line, where it was; one that is to be cancelled ends instead.

        ``taken`` is what the attempt made, where another take is to follow. False: the attempt is not the newest.
        """
        requeue = partial(claims.requeue, job_id=job_id, attempt=attempt, failure=failure, now=now, taken=taken)

        def work(change: Change) -> bool:
            job = requeue(change, not_before=not_before, strike=strike, avoid=avoid)
            if job is not None and job.is_cancelling:
                control.cancel_waiting(change, [job.job_id], now=now)
            return job is not None

        return await self._write(work)

    # --- controlling

    async def cancel(self, selection: Selection, *, now: float) -> Sequence[Job]:
        """Cancel jobs: those that wait at once; the workers of the others are asked to. Returns those it changed.

        Raises:
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named has ended.
        """
        return await self._control(
            selection, "cancel", control.STOPPABLE, lambda change, ids: control.cancel(change, ids, now=now)
        )

    async def hold(self, selection: Selection, *, now: float) -> Sequence[Job]:
        """Have jobs that wait not start until they are released.

        Raises:
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named does not wait.
        """
        return await self._control(
            selection, "hold", control.WAITING, lambda change, ids: control.hold(change, ids, now=now)
        )

    async def release(self, selection: Selection, *, now: float) -> Sequence[Job]:
        """Let jobs that are held start again.

        Raises:
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named does not wait.
        """
        return await self._control(
            selection, "release", control.WAITING, lambda change, ids: control.release(change, ids, now=now)
        )

    async def retry(self, selection: Selection, *, now: float) -> Sequence[Job]:
        """Begin jobs afresh that failed, were cancelled or gave only a part of what was asked.

        Raises:
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named is in another state.
            FavoriteKeptError: the only one that is named is a favorite; among several, favorites are left as they are.
            QueueFullError: too many jobs wait.
        """
        return await self._control(
            selection, "retry", RETRIABLE, lambda change, ids: control.retry(change, self._room, ids, now=now)
        )

    async def ended(self, selection: Selection) -> Sequence[JobId]:
        """Return those of the selected jobs that may be deleted: they have ended, and are no favorites.

        Raises:
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named has not ended.
            FavoriteKeptError: the only one that is named is a favorite.
        """
        return await self._read(lambda connection: control.select_jobs(connection, selection, "delete", ENDS))

    async def favorites(self, selection: Selection, states: frozenset[JobState] = ENDS) -> Sequence[JobId]:
        """Return the favorites among the jobs that are named, or among the selected ones in these states.

        Raises:
            JobNotFoundError: a job that is named does not exist.
        """
        return await self._read(lambda connection: control.select_favorites(connection, selection, states))

    async def let_go(self, job_id: JobId) -> bool:
        """Take a job that has ended out of the library, before its files go; False if it is a favorite, and stays."""
        return await self._write(lambda change: control.let_go(change, job_id))

    async def delete(self, selection: Selection) -> Sequence[Job]:
        """Forget jobs that have ended, with all that is known of them; their files are the caller's to delete before.

        Favorites are kept.

        Raises:
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named has not ended.
            FavoriteKeptError: the only one that is named is a favorite.
        """
        return await self._control(selection, "delete", ENDS, control.delete)

    async def reprioritise(self, selection: Selection, priority: int, *, now: float) -> Sequence[Job]:
        """Give jobs that wait another priority.

        Raises:
            InvalidParameterError: it is none from -100 to 100.
            JobNotFoundError: a job that is named does not exist.
            JobStateError: the only one that is named does not wait.
        """
        if priority not in PRIORITIES:
            raise InvalidParameterError("priority", priority, "a whole number from -100 to 100")
        return await self._control(
            selection,
            "reprioritise",
            control.WAITING,
            lambda change, ids: control.reprioritise(change, ids, priority, now=now),
        )

    async def set_paused(self, is_wanted: bool) -> None:  # noqa: FBT001  # a switch has two positions
        """Have no job start, or have them start again. Those that run go on."""
        await self._write(lambda change: switches.set_paused(change, is_wanted=is_wanted))

    async def is_paused(self) -> bool:
        """Tell whether no job starts."""
        return await self._read(switches.is_paused, is_brief=True)

    # --- how

    async def _accept_all(self, batch: Sequence[acceptance.Prepared]) -> Sequence[Accepted]:
        return await self._write(lambda change: acceptance.accept(change, self._room, batch))

    async def _control(
        self,
        selection: Selection,
        verb: str,
        allowed: frozenset[JobState],
        work: Callable[[Change, Sequence[JobId]], list[Job]],
    ) -> Sequence[Job]:
        ids = await self._read(lambda connection: control.select_jobs(connection, selection, verb, allowed))
        changed: list[Job] = []
        for some in parts(ids):
            changed += await self._write(lambda change, some=some: work(change, some))
        return changed
