"""Gives waiting jobs to engines and takes back what becomes of them. What it does is decided elsewhere.

`schedule` says which job goes where, `verdict` whose fault a failure is, `health` when an engine gets jobs again.

Nothing that befalls one job or one engine may reach another: each attempt is a task of its own, and an engine that
fails is rested while the others go on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from comfy_gen.batch.backlog import Backlog
from comfy_gen.batch.engine import Stray
from comfy_gen.batch.job import JobStatus
from comfy_gen.batch.schedule import Seat, gives_up_at, place
from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.verdict import Verdict, backoff, is_out_of_memory, judge
from comfy_gen.errors import EngineLostError, EngineUnreachableError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from comfy_gen.batch.engine import Engine, Sleep
    from comfy_gen.batch.job import Job
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.tracker import Outcome

    Collect = Callable[[Job, Outcome, AsyncComfyUIClient], Awaitable[Any]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """How patient a queue is; times in seconds."""

    retry_delay: float = 1.0
    """Before a job is tried again; twice as long after each further failure."""
    retry_delay_max: float = 60.0
    rest: float = 1.0
    """How long an engine that failed gets no job; twice as long after each further failure."""
    rest_max: float = 15.0
    patience: float = 60.0
    """When no engine has answered for so long, the jobs that wait fail."""
    look_every: float = 0.5
    """While an engine's socket is down, this often it is looked whether anybody listens there."""
    grace: float = 2.0
    """An engine that refuses connections for so long has lost the jobs it had."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the queue's caller wants."""

    max_retries: int = 3
    timeout: float | None = None
    options: QueueOptions = QueueOptions()


class _Why(Enum):
    """Why an attempt is called off."""

    CANCELLED = auto()
    STOPPED = auto()
    LOST = auto()


_EVENTS = {
    JobStatus.COMPLETED: "job_completed",
    JobStatus.FAILED: "job_failed",
    JobStatus.CANCELLED: "job_cancelled",
}


class Dispatcher:
    """The jobs that are open, and the engines. Lives on one loop; ``tell`` is called with each event and its job."""

    def __init__(
        self,
        engines: Sequence[Engine],
        rules: Rules,
        tell: Callable[[str, Job | None], None],
        *,
        collect: Collect | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.engines = {engine.url: engine for engine in engines}
        self.capacity = 1
        """How many jobs one engine has at a time."""
        self.is_paused = False
        self.open = 0
        """How many jobs have not ended."""
        self.retries = 0
        self._rules = rules
        self._tell = tell
        self._collect = collect
        self._clock = clock
        self._sleep = sleep
        self._backlog = Backlog()
        self._attempts: dict[str, asyncio.Task[None]] = {}
        self._why: dict[str, _Why] = {}
        self._chores: set[asyncio.Task[Any]] = set()
        self._wake = asyncio.Event()

    @property
    def running(self) -> int:
        """How many jobs the engines have now."""
        return len(self._attempts)

    def wake(self) -> None:
        """Have another look: something has changed."""
        self._wake.set()

    def add(self, job: Job) -> None:
        """Have a job wait for its turn."""
        self.open += 1
        self._backlog.add(job)
        self.wake()

    async def run(self) -> None:
        """Give jobs to engines until cancelled; those that run then go on."""
        while True:
            self._wake.clear()
            now = self._clock()
            if not self.is_paused:
                self._give_up_on_all(now)
                self._ask_doubted(now)
                while (placement := place(self._backlog, self._seats(), now=now)) is not None:
                    self._begin(placement.job, self.engines[placement.url])
            await self._wait_until(self._next_moment(now), now)

    async def cancel(self, job: Job) -> bool:
        """Cancel a job that waits or runs; tell whether it was."""
        if job.status is JobStatus.QUEUED:
            self._backlog.remove(job)
            self._end(job, JobStatus.CANCELLED)
        elif (task := self._attempts.get(job.job_id)) is not None:
            self._call_off(job.job_id, _Why.CANCELLED)
            await asyncio.wait({task})
        else:
            return False
        return job.status is JobStatus.CANCELLED

    async def finish(self) -> None:
        """Wait for the jobs that run, then cancel what engines may still have of those that went elsewhere."""
        while self._attempts:
            await asyncio.wait(set(self._attempts.values()))
        for task in self._chores:
            task.cancel()
        await asyncio.gather(*(engine.is_ready() for engine in self.engines.values() if engine.strays))

    async def halt(self) -> None:
        """Cancel on the engines the jobs that run; they wait again."""
        for job_id in self._attempts:
            self._call_off(job_id, _Why.STOPPED)
        await self.finish()

    # --- placing

    def _seats(self) -> list[Seat]:
        return [Seat(one.url, one.health, len(one.attempts), self.capacity) for one in self.engines.values()]

    def _begin(self, job: Job, engine: Engine) -> None:
        is_first = job.started is None
        attempt = Attempt(engine.client, job.workflow, timeout=self._rules.timeout, earlier=engine.earlier(job))
        job.move(JobStatus.RUNNING)
        job.attempts += 1
        job.engine, job.prompt_id = engine.url, attempt.prompt_id
        job.started = time.time() if is_first else job.started
        engine.attempts[job.job_id] = attempt
        self._attempts[job.job_id] = asyncio.create_task(self._follow(job, engine, attempt))
        if not engine.is_watched:
            engine.is_watched = True
            self._do(self._watch(engine))
        self._tell("job_started" if is_first else "job_retried", job)

    def _ask_doubted(self, now: float) -> None:
        """Ask the engines whose rest is over whether they are back, if anybody waits for them."""
        for engine in self.engines.values() if len(self._backlog) else ():
            if engine.health.is_doubted and engine.health.resting_until <= now and not engine.is_asked:
                engine.is_asked = True
                self._do(self._ask(engine))

    async def _ask(self, engine: Engine) -> None:
        try:
            if await engine.is_ready():
                engine.health = engine.health.answered()
            else:
                self._strike(engine, engine.error, is_gone=True)
        finally:
            engine.is_asked = False
            self.wake()

    def _give_up_on_all(self, now: float) -> None:
        """Fail the jobs that wait where no engine has answered for too long."""
        moment = gives_up_at(self._seats(), patience=self._patience)
        if moment is None or moment > now or not len(self._backlog):
            return
        for job in self._backlog.drain():
            job.error = self._absence()
            self._end(job, JobStatus.FAILED)
        for engine in self.engines.values():
            engine.health = engine.health.excused(now)

    def _absence(self) -> EngineUnreachableError:
        """Return why no engine takes a job."""
        engine = next(iter(self.engines.values()))
        if isinstance(engine.error, EngineUnreachableError):
            return engine.error
        return EngineUnreachableError(engine.url, str(engine.error or "no answer"))

    @property
    def _patience(self) -> float:
        return self._rules.options.patience if self._rules.max_retries else 0.0

    def _next_moment(self, now: float) -> float | None:
        """Return when something changes by itself."""
        if self.is_paused or not len(self._backlog):
            return None
        rests = [one.health.resting_until for one in self.engines.values() if one.health.is_doubted]
        moments = [*rests, self._backlog.next_moment(), gives_up_at(self._seats(), patience=self._patience)]
        return min((moment for moment in moments if moment is not None and moment > now), default=None)

    async def _wait_until(self, moment: float | None, now: float) -> None:
        woken = asyncio.ensure_future(self._wake.wait())
        waits: set[asyncio.Future[Any]] = {woken}
        if moment is not None:
            waits.add(asyncio.ensure_future(self._sleep(moment - now)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    # --- following

    async def _follow(self, job: Job, engine: Engine, attempt: Attempt) -> None:
        try:
            outcome, collected = await engine.call(self._run(job, attempt))
        except asyncio.CancelledError:
            await self._take_back(job, engine, attempt)
        except Exception as error:  # noqa: BLE001  # a bug too, of ours or of `collect`, may cost its job and no other
            job.prompt_id = attempt.prompt_id
            self._fail(job, engine, attempt, error)
        else:
            self._complete(job, engine, attempt, outcome)
            job.collected = collected
            self._end(job, JobStatus.COMPLETED)
        finally:
            engine.attempts.pop(job.job_id, None)
            self._attempts.pop(job.job_id, None)
            self._why.pop(job.job_id, None)
            self.wake()

    async def _run(self, job: Job, attempt: Attempt) -> tuple[Outcome, Any]:
        outcome = await attempt.run()
        return outcome, await self._collect(job, outcome, attempt.client) if self._collect else None

    def _complete(self, job: Job, engine: Engine, attempt: Attempt, outcome: Outcome) -> None:
        engine.health = engine.health.recovered()
        engine.completed += 1
        job.outcome, job.prompt_id, job.error = outcome, attempt.prompt_id, None

    def _fail(self, job: Job, engine: Engine, attempt: Attempt, error: Exception) -> None:
        verdict = judge(error)
        engine.failed += 1
        job.error = error
        if verdict is not Verdict.REQUEST:
            self._blame(job, engine, attempt, error)
        if verdict is Verdict.NOT_SENT:
            job.attempts -= 1
            self._requeue(job, not_before=self._clock())
        elif verdict is Verdict.ENGINE and job.attempts <= self._rules.max_retries:
            job.avoided |= {engine.url}
            self.retries += 1
            self._requeue(job, not_before=self._clock() + self._delay(job))
        else:
            self._end(job, JobStatus.FAILED)

    def _blame(self, job: Job, engine: Engine, attempt: Attempt, error: Exception) -> None:
        """Rest the engine, and note what it may still have of the job."""
        is_gone = isinstance(error, EngineUnreachableError | EngineLostError)
        if not engine.health.is_doubted:  # three jobs that one crash took are one failure
            self._strike(engine, error, is_gone=is_gone)
        if isinstance(error, WaitTimeoutError):
            engine.strays[attempt.prompt_id] = Stray(job, is_welcome=False)
            self._do(engine.call(attempt.cancel()))
        elif is_gone and judge(error) is not Verdict.NOT_SENT:
            engine.strays[attempt.prompt_id] = Stray(job, is_welcome=True)
        elif is_out_of_memory(error):
            self._do(engine.free())

    def _strike(self, engine: Engine, error: Exception | None, *, is_gone: bool) -> None:
        options = self._rules.options
        engine.error = error
        engine.health = engine.health.struck(
            self._clock(), is_gone=is_gone, first=options.rest, longest=options.rest_max
        )
        log.info("%s rests after failure %d: %s", engine.url, engine.health.failures, error)

    def _delay(self, job: Job) -> float:
        options = self._rules.options
        return backoff(job.attempts, first=options.retry_delay, longest=options.retry_delay_max)

    def _requeue(self, job: Job, *, not_before: float) -> None:
        job.move(JobStatus.QUEUED)
        self._backlog.add(job, not_before=not_before)

    def _end(self, job: Job, status: JobStatus) -> None:
        job.move(status)
        job.ended = time.time()
        self._backlog.forget(job)
        self.open -= 1
        self._tell(_EVENTS[status], job)
        if not self.open:
            self._tell("queue_empty", None)

    # --- calling off

    def _call_off(self, job_id: str, why: _Why) -> None:
        if job_id not in self._why:  # the first reason counts, and is being carried out
            self._why[job_id] = why
            self._attempts[job_id].cancel()

    async def _take_back(self, job: Job, engine: Engine, attempt: Attempt) -> None:
        """Clean up after an attempt that was called off."""
        why = self._why.get(job.job_id, _Why.STOPPED)
        if why is _Why.LOST:
            error = EngineLostError(engine.url, attempt.prompt_id, "nobody listens there any more")
            self._fail(job, engine, attempt, error)
            return
        await engine.cancel(job, attempt)
        if why is _Why.CANCELLED:
            self._end(job, JobStatus.CANCELLED)
        else:
            job.attempts -= 1
            self._requeue(job, not_before=self._clock())

    async def _watch(self, engine: Engine) -> None:
        """Take its jobs from an engine that is gone."""
        options = self._rules.options
        try:
            is_gone = await engine.watch(
                every=options.look_every, grace=options.grace, clock=self._clock, sleep=self._sleep
            )
        finally:
            engine.is_watched = False
        for job_id in engine.attempts if is_gone else ():
            self._call_off(job_id, _Why.LOST)

    # --- chores

    def _do(self, chore: Coroutine[Any, Any, Any]) -> None:
        """Do something beside; what it raises is our bug, and logged."""
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._chores.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a chore of the queue failed", exc_info=error)
