"""One job in the hands of a worker, from its claim to its end, or until it waits again.

Everything that is written carries the attempt's number. Where the store says no, a newer attempt has the job, and
this one stops without a trace.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.comfyui.messages import is_picture
from comfy_gen.comfyui.tracker import Ending, Previewed
from comfy_gen.composition.tier import Tier
from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.need import need_of
from comfy_gen.errors import ComfyGenError, EngineError, StuckPromptError
from comfy_gen.jobs.history import history_of
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Report, Taken
from comfy_gen.jobs.work.keeping import Keeping
from comfy_gen.jobs.work.progress import Progress
from comfy_gen.jobs.work.ruling import Again, Circumstances, Failed, rule
from comfy_gen.jobs.work.taking import Taking
from comfy_gen.pipeline.inputs import deliver, gather

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from comfy_gen.comfyui.messages import Frame
    from comfy_gen.comfyui.tracker import Event, Outcome
    from comfy_gen.engines.lease import Lease
    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.job import JobId
    from comfy_gen.jobs.records import Claimed
    from comfy_gen.jobs.work.bench import Bench
    from comfy_gen.pipeline.record import GenerationRecord
    from comfy_gen.validation.takes import Take
    from comfy_gen.workflows.graph import Workflow

T = TypeVar("T")
log = logging.getLogger(__name__)


class _FencedError(Exception):
    """A newer attempt has the job."""


class _CancelledError(Exception):
    """Somebody wants the job no more."""


class JobRun:
    """One attempt at one job. Make one for each."""

    def __init__(self, bench: Bench, claimed: Claimed, lease: Lease, *, is_taken_over: bool = False) -> None:
        """Prepare it for a job that is claimed, with the engine and the prompt's id in the store.

        ``is_taken_over`` says that the engine may have the prompt, from a worker before us.
        """
        self.job = claimed.job
        self.lease = lease
        self.progress = Progress(time.monotonic())
        self._bench = bench
        self.is_over = False
        """Whether the job is in nobody's hands any more; else it waits again, or a newer attempt has it."""
        self._claimed = claimed
        self._request = claimed.request
        self._taking: Taking | None = None
        self._number = claimed.attempt
        self._state = claimed.job.state
        self._prompt_id = claimed.job.prompt_id or str(uuid.uuid4())
        self._is_taken_over = is_taken_over
        self._timings: dict[str, Any] = {"waited": round(max(bench.now() - claimed.job.queued, 0.0), 3)}
        is_checked = bench.safety is not None and claimed.request.tier == Tier.GENERAL
        self._safety = bench.safety if is_checked else None
        self._keeping = Keeping(bench, claimed, self._safety)
        self._attempt: Attempt | None = None
        self._step: asyncio.Task[Any] | None = None
        self._reason: Exception | None = None

    @property
    def job_id(self) -> JobId:
        """Whose attempt it is."""
        return self.job.job_id

    @property
    def is_generating(self) -> bool:
        """Whether the engine has its prompt, as far as we know."""
        return self.lease.is_running

    def cancel(self) -> None:
        """Have it stop, and the job with it: somebody wants it no more."""
        self.call_off(_CancelledError())

    def call_off(self, reason: Exception) -> None:
        """Have it stop: the engine is told to drop the prompt, and ``reason`` is how the attempt failed."""
        if self._reason is None:
            self._reason = reason
            if self._step is not None:
                self._step.cancel()

    async def run(self) -> None:
        """Bring the job to its end, or have it wait again.

        Being cancelled, it leaves all as it is: the prompt goes on, and whoever takes the job over finds it.
        """
        with self._bench.relay.following(self.job, self._request.workflow):
            await self._bring_on()

    async def _bring_on(self) -> None:
        try:
            done = await self._work()
            await (self._finish(done) if isinstance(done, Finish) else self._take_again(done))
        except _FencedError:
            log.info("job %s is in newer hands than attempt %d", self.job_id, self._number)
        except _CancelledError:
            await self._finish(Finish(JobState.CANCELLED, self._keeping.made, timings=self._timings))
        except Exception as error:  # noqa: BLE001  # a bug of ours, too, costs one job and no other
            await self._fail(error)

    # --- the way of a job

    async def _work(self) -> Finish | Taken:
        taking = self._taking = self._keeping.taking = await self._begun()
        workflow = await self._do("preprocess", self._prepared())
        is_changed = bool(taking and taking.changes)
        async with self._bench.recorder.recording(self._request, self.lease.engine, is_changed=is_changed) as recording:
            outcome = await self._generate(workflow)
            await self._postprocess(outcome, workflow)
            record = await recording.finished()
        if taking is not None and taking.take is not None and taking.goes_on:
            return self._taken(taking.take, record)
        return self._with_take(self._finish_of(outcome, record))

    async def _begun(self) -> Taking | None:
        """Return the take that this attempt is to make, if the job's pictures are judged."""
        quality = self._request.quality
        if quality is None:
            return None
        taking = await asyncio.to_thread(Taking, self._bench.gate, self._claimed, quality)
        taking.prepare()
        self._request = taking.request
        return taking

    def _finish_of(self, outcome: Outcome, record: GenerationRecord | None) -> Finish:
        """Return how a job ended that made something."""
        found = self._keeping.inspection
        is_partial = outcome.ending is Ending.PARTIAL or (found is not None and found.withheld)
        return Finish(
            JobState.PARTIAL if is_partial else JobState.COMPLETED,
            self._keeping.kept,
            timings=self._timings,
            notes=[*outcome.problems, *(found.notes if found else ())],
            record=record if self._keeping.kept else None,
            verdicts=found.verdicts if found else (),
        )

    async def _prepared(self) -> Workflow:
        """Return the workflow with its inputs on the engine. A prompt that is there already has had them."""
        if self._is_taken_over and await self.lease.client.find_prompt(self._prompt_id) is not None:
            return self._request.workflow
        return await self._preprocess()

    async def _preprocess(self) -> Workflow:
        async with self._bench.pools.preprocess:
            return await self._bench.with_room(self.job_id, self._prepare)

    async def _prepare(self) -> Workflow:
        bench = self._bench
        prepared = await gather(self._request.workflow, bench.cache, bench.options.gathering, store=bench.artifacts)
        return await deliver(self.lease.client, prepared)

    async def _generate(self, workflow: Workflow) -> Outcome:
        """Send the prompt and follow it, or follow the one that a worker before us has sent under this id."""
        attempt = self._attempt = Attempt(
            self.lease.client,
            workflow,
            prompt_id=self._prompt_id,
            earlier=(*((self._prompt_id,) if self._is_taken_over else ()), *self.lease.earlier),
            observe=self._observe,
            targets=self._request.targets,
            extra_data=self._request.extra_data and self._bench.sealed_extra.opened(self._request.extra_data),
            previews=self._safety is None,  # nobody looks at those
            heard=self._pass_on,
        )
        try:
            async with self._moving(JobState.GENERATING):
                return await self._do("generate", self.lease.run(attempt))
        except Exception:
            if self._reason is not None and await self._is_unwanted():
                await self.lease.cancel()
            raise
        finally:
            self._timings |= self.progress.timings

    async def _postprocess(self, outcome: Outcome, workflow: Workflow) -> None:
        try:
            async with self._moving(JobState.POSTPROCESSING):
                await self._do("postprocess", self._keeping.keep(self.lease, outcome, workflow))
        except EngineError as error:
            self.lease.engine.fail(error)
            raise

    # --- the end

    async def _fail(self, error: Exception) -> None:
        if not isinstance(error, ComfyGenError):
            log.error("job %s met a bug", self.job_id, exc_info=error)
        ruling = rule(error, await self._circumstances(), self._bench.options.retry)
        match ruling:
            case Failed(failure):
                await self._finish(await self._failed(error, failure))
            case Again():
                if isinstance(error, StuckPromptError):
                    await self._free()
                await self._wait_again(ruling)

    async def _failed(self, error: Exception, failure: JobFailure) -> Finish:
        """Return how the job ends whose attempt failed for good: what an earlier take made is a result, too."""
        taking = self._taking
        if taking is not None and taking.has_earlier:
            with contextlib.suppress(ComfyGenError, _FencedError):
                for state in (JobState.GENERATING, JobState.POSTPROCESSING):
                    await self._move(state)
                await self._keeping.keep_earlier()
                if self._keeping.kept:
                    return replace(taking.fallback(failure, self._keeping.kept), timings=self._timings)
        ending = Finish(JobState.FAILED, self._keeping.kept, failure=failure, timings=self._timings)
        return self._with_take(ending) if isinstance(error, ComfyGenError) else ending

    def _with_take(self, ending: Finish) -> Finish:
        """Return how the job ends with the take that it had made already, if it had."""
        taking = self._taking
        if taking is None or taking.take is None:
            return ending
        return taking.ending(ending, self._taken(taking.take, ending.record))

    def _taken(self, take: Take, record: GenerationRecord | None) -> Taken:
        written = replace(take, at=self._bench.now())  # who counts takes goes by that
        return Taken(written, self._keeping.made, record, self._timings)

    async def _free(self) -> None:
        """Have the engine free its memory, which may be what it is stuck for."""
        with contextlib.suppress(EngineError):
            await self.lease.engine.free()

    async def _circumstances(self) -> Circumstances:
        attempts = await self._bench.persist(lambda _: self._bench.store.attempts(self.job_id))
        request = self._request
        capable = self._bench.fleet.can_run(need_of(request.workflow, request.tags, request.targets))
        return Circumstances(
            job_id=self.job_id,
            engine=self.lease.engine.name,
            strikes=self.job.strikes,
            failed_on=[one.engine or "" for one in attempts if one.ending == "failed"],
            attempt=self._number - (self._taking.number - 1 if self._taking else 0),
            has_started=self.progress.started is not None,
            has_others=bool(capable - self.job.avoided - {self.lease.engine.name}),
        )

    async def _finish(self, finish: Finish) -> None:
        store, finish = self._bench.store, replace(finish, history=self._history(finish))
        self._bench.previews.drop(self.job_id)
        self._bench.reports.drop(self.job_id)
        if await self._bench.persist(lambda now: store.finish(self.job_id, self._number, finish, now=now)):
            self.is_over = True
            self._bench.relay.end(self.job_id, finish)
            why = f": {finish.failure.message}" if finish.failure else ""
            if finish.quality is not None:
                why += (
                    f", take {finish.quality['take']} of {finish.quality['takes']} passed: {finish.quality['passed']}"
                )
            log.info("job %s on %s: %s%s", self.job_id, self.lease.engine.name, finish.state, why)
        else:
            await self._step_back()

    def _history(self, finish: Finish) -> History | None:
        """Return what the engine said of the prompt; None if it never began it."""
        run = self._attempt and self._attempt.run_handle
        if run is None or not (run.tracker.told or self.progress.started is not None or self._is_taken_over):
            return None
        is_cancelled, take = finish.state is JobState.CANCELLED, 1 if self._taking is None else self._taking.number
        return history_of(run.tracker, self.progress, is_cancelled=is_cancelled, take=take, now=self._bench.now())

    async def _wait_again(self, ruling: Again) -> None:
        name, why = self.lease.engine.name, ruling.failure.message
        log.info("job %s on %s: it waits for another attempt: %s", self.job_id, name, why)
        store = self._bench.store
        is_ours = await self._bench.persist(
            lambda now: store.requeue(
                self.job_id,
                self._number,
                ruling.failure,
                now=now,
                not_before=now + ruling.delay if ruling.delay else 0.0,
                strike=ruling.is_strike,
                avoid=ruling.avoided,
            )
        )
        if not is_ours:
            await self._step_back()

    async def _take_again(self, taken: Taken) -> None:
        """Have another take follow, from the place in the line that the job has."""
        take = taken.take
        log.info("job %s on %s: take %d did not do: %s", self.job_id, self.lease.engine.name, take.number, take.reason)
        self._bench.previews.drop(self.job_id)
        store = self._bench.store
        if not await self._bench.persist(
            lambda now: store.requeue(self.job_id, self._number, None, now=now, taken=taken)
        ):
            await self._step_back()

    async def _step_back(self) -> None:
        """Leave the prompt to the newer attempt, if it follows the very same: it is not to be cleared away."""
        if not await self._is_unwanted():
            self.lease.engine.drop_strays([self._prompt_id])

    # --- how

    async def _do(self, name: str, step: Coroutine[Any, Any, T]) -> T:
        """Do one step, which `call_off` ends.

        Raises:
            Exception: what the step raises, or the reason for which it was called off.
        """
        began = time.monotonic()
        self._step = asyncio.ensure_future(step)
        if self._reason is not None:
            self._step.cancel()
        try:
            return await self._step
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._reason is None or (task is not None and task.cancelling()):  # the worker stops
                raise
            raise self._reason from None
        finally:
            self._step = None
            self._timings[name] = round(time.monotonic() - began, 3)

    @asynccontextmanager
    async def _moving(self, state: JobState) -> AsyncGenerator[None]:
        """Have the store move the job on while the block works; the block ends where a newer attempt has the job."""
        moving = asyncio.create_task(self._move(state))
        try:
            yield
        except asyncio.CancelledError:
            moving.cancel()
            raise
        finally:
            if not moving.cancelled():
                await moving

    async def _move(self, state: JobState) -> None:
        if _ORDER.index(self._state) >= _ORDER.index(state):  # it was there when it was taken over
            return
        store = self._bench.store
        if await self._bench.persist(lambda now: store.advance(self.job_id, self._number, state, now=now)):
            self._state = state
            return
        self.call_off(_FencedError())
        raise _FencedError

    async def _is_unwanted(self) -> bool:
        """Tell whether nobody waits for the prompt: a newer attempt may follow the very same."""
        current = await self._bench.persist(lambda _: self._bench.store.get(self.job_id))
        return current.attempt == self._number or current.state.is_end or current.prompt_id != self._prompt_id

    def _pass_on(self, frame: Frame) -> None:
        if self._safety is None or not is_picture(frame):
            self._bench.relay.say(self.job_id, frame)

    def _observe(self, event: Event) -> None:
        if isinstance(event, Previewed):
            self._bench.previews.put(self.job_id, event.image, event.mime, event.node_id or "")
        if self.progress.feed(event, now=time.monotonic()):
            report = Report(self.job_id, self._number, self.progress.fraction, self.progress.facts)
            self._bench.reports.put(report)


_ORDER = (JobState.PREPROCESSING, JobState.GENERATING, JobState.POSTPROCESSING)
