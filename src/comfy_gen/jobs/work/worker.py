"""The worker: gives the jobs that a dispatcher hands it to engines. What it does is decided elsewhere.

`engines.scheduler` says which job goes where, `ruling` what becomes of a failed attempt, `engines.watchdog` when a
prompt is stuck. Everything it knows is in the store or on the engines: killed at any moment, it is replaced by the
next one, which finds each job where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
import uuid
from typing import TYPE_CHECKING, Any

from comfy_gen.engines.durations import estimate
from comfy_gen.engines.scheduler import Candidate, choose
from comfy_gen.engines.watchdog import is_stuck
from comfy_gen.errors import EngineNotFoundError, NoCapableEngineError, QuarantinedError, StuckPromptError
from comfy_gen.jobs.current import CURRENT_JOB
from comfy_gen.jobs.failure import failure_of
from comfy_gen.jobs.job import JobId, JobState
from comfy_gen.jobs.records import Finish
from comfy_gen.jobs.signals.signals import ANYTHING, ENGINES, WISHES
from comfy_gen.jobs.work.hand import Hand
from comfy_gen.jobs.work.learning import Learnt
from comfy_gen.jobs.work.preloading import Preloading
from comfy_gen.jobs.work.run import JobRun

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from comfy_gen.engines.fleet import Fleet
    from comfy_gen.engines.lease import Lease
    from comfy_gen.jobs.dispatch.dispatcher import Dispatcher
    from comfy_gen.jobs.records import Claimed
    from comfy_gen.jobs.signals.signals import Signals
    from comfy_gen.jobs.work.bench import Bench
    from comfy_gen.jobs.work.deliveries import Deliveries
    from comfy_gen.jobs.work.hand import Held
    from comfy_gen.storage.store import ArtifactStore
    from comfy_gen.validation.gate import Gate

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at what nobody signals: a prompt that is silent, an engine that came back."""


class Worker:
    """One worker. `run` it once, as a task; cancelling that stops it and loses nothing."""

    def __init__(
        self,
        bench: Bench,
        *,
        dispatcher: Dispatcher,
        signals: Signals,
        deliveries: Deliveries,
        wake: asyncio.Event,
    ) -> None:
        """``wake`` is set by the fleet whenever an engine may have got room."""
        self._bench = bench
        self._dispatcher = dispatcher
        self._signals = signals
        self._deliveries = deliveries
        self._is_paused = True  # until it is known
        self._runs: dict[JobId, JobRun] = {}
        self._leases: set[Lease] = set()
        self._learnt = Learnt()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._wake = wake
        self.hand = Hand(bench.options.window, find=bench.waiting, take_over=self._take_over, on_change=self._wake.set)

    @property
    def fleet(self) -> Fleet:
        """Its engines."""
        return self._bench.fleet

    @property
    def gate(self) -> Gate:
        """What judges pictures."""
        return self._bench.gate

    @property
    def artifacts(self) -> ArtifactStore:
        """Where it keeps what the jobs make."""
        return self._bench.artifacts

    def wants(self, job_id: str) -> bool:
        """Tell whether a job waits here for an engine."""
        return JobId(job_id) in self.hand.waiting

    async def run(self) -> None:
        """Work until cancelled. Prompts that run then go on, and are found again by the next worker."""
        self._bench.fleet.start()
        try:
            async with asyncio.TaskGroup() as group:
                for part in (self._listen, self._schedule, self._watch, self._bench.reports.run, self._deliveries.run):
                    group.create_task(part())
                group.create_task(self._dispatcher.feed(self.hand))
                if self._bench.options.preload:
                    fleet, wanted = self._bench.fleet, self._bench.options.preload
                    group.create_task(Preloading(fleet, wanted, is_awaited=self._is_awaited).run())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_awaited(self, engine: str) -> bool:
        """Tell whether a job waits that an engine could run."""
        return any(engine in self._bench.fleet.can_run(held.need) for held in self.hand.waiting.values())

    # --- who runs next

    async def _schedule(self) -> None:
        while True:
            self._wake.clear()
            self._place()
            self._let_others_in()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._until_next()):
                    await self._wake.wait()

    def _until_next(self) -> float:
        """Return the seconds until a job may start that may not yet; a second at most, for engines rest, too."""
        now = self._bench.now()
        moments = [at for held in self.hand.waiting.values() if (at := held.waiting.not_before) > now]
        return min(min(moments, default=math.inf) - now, LOOK_EVERY)

    def _place(self) -> None:
        """Give jobs to the engines that have room."""
        seats = self._bench.fleet.seats()
        if self._is_paused or self._bench.without_room or not (self.hand.waiting and any(seat.room for seat in seats)):
            return
        candidates = [self._candidate(held) for held in self.hand.waiting.values()]
        for placement in choose(candidates, seats, now=self._bench.now(), options=self._learnt.options)[
            : self._spare()
        ]:
            self._start(self.hand.start(JobId(placement.job_id)), placement.engine)
        for candidate in candidates:
            if not candidate.can_run:
                self._refuse_if_hopeless(JobId(candidate.job_id))

    def _let_others_in(self) -> None:
        """Let go of jobs that no engine here can run for now, where they leave no room for those behind them."""
        if self.hand.room() > 0:
            return
        up, soon = {seat.name for seat in self._bench.fleet.seats()}, self._bench.now() + LOOK_EVERY
        for held in list(self.hand.waiting.values()):
            if not held.waiting.may_start(soon) or not self._bench.fleet.can_run(held.need) & up:
                self.hand.let_go(held.waiting.job_id)

    def _spare(self) -> int | None:
        """Return how many more jobs may be generating; None for any number."""
        most = self._bench.options.generation_workers
        return None if most is None else max(most - sum(lease.is_seated for lease in self._leases), 0)

    def _candidate(self, held: Held) -> Candidate:
        waiting = held.waiting
        return Candidate(
            job_id=waiting.job_id,
            rank=waiting.rank,
            weights=held.need.weights,
            can_run=self._bench.fleet.can_run(held.need),
            avoided=waiting.avoided,
            not_before=0.0 if waiting.may_start(self._bench.now()) else waiting.not_before,
        )

    def _refuse_if_hopeless(self, job_id: JobId) -> None:
        """Fail a job that no engine can run, once all of them have said what they have."""
        lacking = self._bench.fleet.lacks(self.hand.waiting[job_id].need)
        if lacking:
            self.hand.start(job_id)
            self._do(job_id, self._refuse(job_id, NoCapableEngineError(lacking)))

    async def _refuse(self, job_id: JobId, error: NoCapableEngineError) -> None:
        store = self._bench.store
        claimed = await self._bench.persist(lambda now: store.claim(job_id, worker=self._bench.worker, now=now))
        if claimed is not None:
            finish = Finish(JobState.FAILED, failure=failure_of(error))
            await self._bench.persist(lambda now: store.finish(job_id, claimed.attempt, finish, now=now))
        self.hand.let_go(job_id)

    # --- running

    def _start(self, held: Held, engine: str) -> None:
        job_id, weights = held.waiting.job_id, held.need.weights
        is_warm = set(weights) <= set(self._bench.fleet.engine(engine).loaded)
        lease = self._take(engine, job_id, weights)
        self._do(job_id, self._claim_and_run(job_id, lease, is_warm=is_warm))

    async def _claim_and_run(self, job_id: JobId, lease: Lease, *, is_warm: bool) -> None:
        store, prompt_id, engine = self._bench.store, str(uuid.uuid4()), lease.engine.name
        with self._holding(lease):
            claimed = await self._bench.persist(
                lambda now: store.claim(job_id, worker=self._bench.worker, engine=engine, prompt_id=prompt_id, now=now)
            )
            run = None if claimed is None else JobRun(self._bench, claimed, lease)
            is_over = run is not None and await self._follow(run)
        await self._hand_back(job_id, is_over=is_over)
        if run is not None and lease.weights and (seconds := run.progress.seconds) is not None:
            self._learnt = self._learnt.after(seconds, was_warm=is_warm)

    def _take(self, engine: str, job_id: JobId, weights: tuple[str, ...] = ()) -> Lease:
        """Take a place on an engine. It counts from here on; `_holding` gives it back."""
        lease = self._bench.fleet.take(engine, job_id, weights)
        self._leases.add(lease)
        return lease

    @contextlib.contextmanager
    def _holding(self, lease: Lease) -> Generator[Lease]:
        try:
            yield lease
        finally:
            lease.close()
            self._leases.discard(lease)

    async def _take_over(self, job_id: JobId) -> bool:
        """Take up a job that is active though its worker is gone; tell whether it was one."""
        store = self._bench.store
        claimed = await self._bench.persist(
            lambda now: store.claim(job_id, worker=self._bench.worker, now=now, take_over=True)
        )
        if claimed is None:
            return False
        self._do(job_id, self._go_on(claimed))
        return True

    async def _go_on(self, claimed: Claimed) -> None:
        job, fleet, store = claimed.job, self._bench.fleet, self._bench.store
        spoiled = claimed.attempt - len(claimed.takes)
        if spoiled > self._bench.options.retry.most_attempts:  # it may be what its workers died of
            reason = "worker after worker ended while it had this job"
            ending = Finish(
                JobState.FAILED, failure=failure_of(QuarantinedError(job.job_id, [job.engine or ""], reason))
            )
            await self._bench.persist(lambda now: store.finish(job.job_id, claimed.attempt, ending, now=now))
            is_over = True
        elif job.engine is None or job.engine not in fleet.names:  # it was removed, and its prompts are nobody's
            failure = failure_of(EngineNotFoundError(job.engine or "", fleet.names))
            await self._bench.persist(lambda now: store.requeue(job.job_id, claimed.attempt, failure, now=now))
            is_over = False
        else:
            with self._holding(self._take(job.engine, job.job_id)) as lease:
                run = JobRun(self._bench, claimed, lease, is_taken_over=True)
                if job.is_cancelling:
                    run.cancel()
                is_over = await self._follow(run)
        await self._hand_back(job.job_id, is_over=is_over)

    async def _hand_back(self, job_id: JobId, *, is_over: bool) -> None:
        if is_over:
            self.hand.let_go(job_id)
        else:
            await self.hand.put_back(job_id)

    async def _follow(self, run: JobRun) -> bool:
        """Follow an attempt, and tell whether the job has ended."""
        CURRENT_JOB.set(run.job_id)  # each attempt has a task of its own
        self._runs[run.job_id] = run
        try:
            await run.run()
        finally:
            self._runs.pop(run.job_id, None)
        if run.is_over and run.job.webhook_url:
            self._deliveries.wake()
        return run.is_over

    def _do(self, job_id: JobId, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._done(job_id, task))

    def _done(self, job_id: JobId, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job %s met a bug", job_id, exc_info=error)
            self.hand.let_go(job_id)  # it comes back after a rest
        self._wake.set()

    # --- what others want

    async def _listen(self) -> None:
        async with self._signals.subscribe(WISHES, ENGINES) as topics:
            await self._heed(ANYTHING)  # what was wanted before anybody listened
            async for topic in topics:
                await self._heed(topic)

    async def _heed(self, topic: str) -> None:
        store = self._bench.store
        if topic in (WISHES, ANYTHING):
            for job_id in await self._bench.persist(lambda _: store.wishes(self._bench.worker)):
                if job_id in self._runs:
                    self._runs[job_id].cancel()
            self._is_paused = await self._bench.persist(lambda _: store.is_paused())
            held = list(self.hand.waiting)
            self.hand.refresh(held, await self._bench.persist(lambda _: store.waiting_among(held)))
        if topic in (ENGINES, ANYTHING):
            await self._bench.fleet.reconcile(await self._bench.persist(lambda _: store.roster.engines()))
        self._wake.set()

    async def _watch(self) -> None:
        """Call off what is stuck on its engine."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for run in list(self._runs.values()):
                if run.is_generating:
                    await self._call_off_if_stuck(run)

    async def _call_off_if_stuck(self, run: JobRun) -> None:
        options, silence = self._bench.options.watchdog, time.monotonic() - run.progress.moved
        if silence < options.floor:
            return
        like = estimate(await self._bench.persist(lambda _: self._bench.store.durations(run.job.likeness)))
        if is_stuck(silence, like, is_loading=not run.progress.has_stepped, options=options):
            run.call_off(StuckPromptError(run.job.prompt_id or "", run.lease.engine.name, silence))
