"""A queue of jobs over one engine or several, for code with a loop; `comfy_gen.queue_manager` is the same without one.

queue = AsyncQueueManager([AsyncComfyUIClient(url=url) for url in urls])
queue.add_jobs_from_list(workflows)
queue.start()
await queue.wait_for_completion()
await queue.stop()
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.batch.callbacks import Callbacks
from comfy_gen.batch.dispatch import Dispatcher, QueueOptions, Rules
from comfy_gen.batch.engine import Engine
from comfy_gen.batch.job import Job, JobStatus, make_job, status_named
from comfy_gen.errors import DuplicateJobError, InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from comfy_gen.batch.dispatch import Collect
    from comfy_gen.batch.engine import Sleep
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.workflows.graph import Workflow


class AsyncQueueManager:
    """Runs jobs, so many at a time on each engine, and tries again where an engine is to blame.

    Jobs may be added, looked at and cancelled at any time, before `start` too.
    """

    def __init__(
        self,
        client: AsyncComfyUIClient | Engine | Sequence[AsyncComfyUIClient | Engine],
        max_concurrent: int = 3,
        retry_on_failure: bool = True,  # noqa: FBT001, FBT002  # the documented signature
        max_retries: int = 3,
        *,
        timeout: float | None = None,
        collect: Collect | None = None,
        options: QueueOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Make a queue.

        Args:
            client: of the engine, or several of as many engines. The queue closes none of them.
            max_concurrent: how many jobs one engine has at a time: one that it works on, and some that wait there.
            retry_on_failure: whether to try again where the engine is to blame.
            max_retries: how often at most.
            timeout: seconds that a job may run, or stand still in an engine's queue.
            collect: is awaited with the job, its outcome and the client before the job counts as completed; what it
                raises is a failure of the attempt. Its result becomes ``job.collected``.
            options: how patient to be.
            clock: tells the time, in seconds.
            sleep: waits so many seconds.

        Raises:
            InvalidParameterError: there is no client, or a number is too low.
        """
        self._capacity = _at_least("max_concurrent", max_concurrent, 1)
        rules = Rules(
            max_retries=_at_least("max_retries", max_retries, 0) if retry_on_failure else 0,
            timeout=timeout,
            options=options or QueueOptions(),
        )
        self._jobs: dict[str, Job] = {}
        self._callbacks = Callbacks()
        self._ended: Counter[JobStatus] = Counter()
        self._seconds = 0.0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._began: float | None = None
        self._dispatcher = Dispatcher(_engines(client), rules, self._tell, collect=collect, clock=clock, sleep=sleep)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop(wait=error is None)

    # --- jobs

    def add_job(
        self,
        job_id: str,
        workflow: Workflow,
        metadata: Mapping[str, Any] | None = None,
        *,
        priority: int = 0,
    ) -> Job:
        """Add a job. The workflow is copied at once: what is done to it later does not reach the job.

        Raises:
            DuplicateJobError: there is a job of this id.
            InvalidParameterError: the workflow is not JSON data.
        """
        return self.add(make_job(job_id, workflow, metadata, priority=priority))

    def add(self, job: Job) -> Job:
        """Add a job that `make_job` made.

        Raises:
            DuplicateJobError: there is a job of its id.
        """
        if job.job_id in self._jobs:
            raise DuplicateJobError(job.job_id)
        self._jobs[job.job_id] = job
        self._dispatcher.add(job)
        return job

    def add_jobs_from_list(self, workflows: Sequence[Workflow], job_prefix: str = "job") -> list[Job]:
        """Add a job for each workflow, named ``job_0`` and so on; numbers that are in use are passed over.

        Raises:
            InvalidParameterError: a workflow is not JSON data; none has been added then.
        """
        packed = [make_job("", workflow) for workflow in workflows]
        return [self.add(job) for job in self._named(packed, job_prefix)]

    def get_job(self, job_id: str) -> Job | None:
        """Return the job of this id, if there is one."""
        return self._jobs.get(job_id)

    def get_job_status(self, job_id: str) -> JobStatus | None:
        """Return where a job is: queued, running, completed, failed or cancelled; None if there is none."""
        job = self._jobs.get(job_id)
        return job.status if job else None

    def get_all_jobs(self) -> list[Job]:
        """Return all jobs, in the order in which they were added."""
        return list(self._jobs.values())

    def get_jobs_by_status(self, status: str) -> list[Job]:
        """Return the jobs that are there now.

        Raises:
            InvalidParameterError: there is no such status.
        """
        wanted = status_named(status)
        return [job for job in self.get_all_jobs() if job.status is wanted]

    async def cancel_job(self, job_id: str) -> bool:
        """Cancel a job that waits or runs, and nobody else's; tell whether it was cancelled."""
        job = self._jobs.get(job_id)
        return job is not None and await self._dispatcher.cancel(job)

    def clear_completed(self, *, all_ended: bool = False) -> int:
        """Forget the completed jobs, with ``all_ended`` the failed and cancelled ones too; return how many."""
        cleared = {status for status in JobStatus if status.is_end} if all_ended else {JobStatus.COMPLETED}
        gone = [job for job in self._jobs.values() if job.status in cleared]
        for job in gone:
            del self._jobs[job.job_id]
        return len(gone)

    # --- processing

    @property
    def is_processing(self) -> bool:
        """Whether it was started and not stopped."""
        return self._task is not None and not self._task.done()

    @property
    def is_paused(self) -> bool:
        """Whether no further job is begun."""
        return self._dispatcher.is_paused

    def start(self, num_workers: int | None = None) -> None:
        """Begin to give jobs to the engines: ``num_workers`` at a time to each, or ``max_concurrent``.

        Raises:
            InvalidParameterError: the number is below 1.
        """
        self._dispatcher.capacity = _at_least("num_workers", self._capacity if num_workers is None else num_workers, 1)
        self._dispatcher.is_paused = False
        if not self.is_processing:
            self._began = self._began or time.time()
            self._task = asyncio.create_task(self._dispatcher.run(), name="queue of jobs")
        self._dispatcher.wake()

    async def stop(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002  # the documented signature
        """Begin no further job. Those that run end first; without ``wait`` they are cancelled on their engines.

        What has not ended waits for another `start`.
        """
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await (self._dispatcher.finish() if wait else self._dispatcher.halt())
        self._changed.set()

    def pause(self) -> None:
        """Begin no further job; those that run go on."""
        self._dispatcher.is_paused = True

    def resume(self) -> None:
        """Go on after a pause."""
        self._dispatcher.is_paused = False
        self._dispatcher.wake()

    async def wait_for_completion(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109  # the documented signature
        """Wait until every job has ended; False where that is not so in time, or where nothing is being processed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._dispatcher.open and self.is_processing:
                    self._changed.clear()
                    await self._changed.wait()
        return not self._dispatcher.open

    # --- what happens

    def on(self, event_type: str, callback: Callable[..., object]) -> None:
        """Call back with the job when something happens to it; what the callback raises is logged.

        ``job_started``, ``job_retried``, ``job_completed``, ``job_failed``, ``job_cancelled``, and ``queue_empty``
        when the last open job has ended, which is called with the statistics, or without where it takes nothing.

        Raises:
            InvalidParameterError: there is no such event.
        """
        self._callbacks.on(event_type, callback)

    def get_statistics(self) -> dict[str, Any]:
        """Return how many jobs are where, how fast it goes, and how the engines are.

        ``total`` and the ended ones count those that were cleared too.
        """
        running = self._dispatcher.running
        ended = {status.value: self._ended[status] for status in JobStatus if status.is_end}
        done = sum(ended.values())
        elapsed = time.time() - self._began if self._began else 0.0
        return {
            "total": done + self._dispatcher.open,
            "queued": self._dispatcher.open - running,
            "running": running,
            **ended,
            "retries": self._dispatcher.retries,
            "success_rate": ended["completed"] / done if done else 0.0,
            "average_seconds": self._seconds / ended["completed"] if ended["completed"] else 0.0,
            "elapsed_seconds": elapsed,
            "engines": {engine.url: _state(engine) for engine in self._dispatcher.engines.values()},
        }

    @property
    def left_behind(self) -> list[tuple[str, str]]:
        """Engine and id of each prompt that may run there still, though it is not wanted any more."""
        engines = self._dispatcher.engines.values()
        return [(engine.url, prompt_id) for engine in engines for prompt_id in engine.strays]

    def _tell(self, event: str, job: Job | None) -> None:
        if job is not None and job.status.is_end:
            self._ended[job.status] += 1
            self._seconds += (job.seconds or 0.0) if job.status is JobStatus.COMPLETED else 0.0
        if not self._dispatcher.open:
            self._changed.set()
        self._callbacks.tell(event, self.get_statistics() if job is None else job)

    def _named(self, jobs: Sequence[Job], prefix: str) -> Sequence[Job]:
        number = 0
        for job in jobs:
            while f"{prefix}_{number}" in self._jobs:
                number += 1
            job.job_id = f"{prefix}_{number}"
            number += 1
        return jobs


def _engines(client: AsyncComfyUIClient | Engine | Sequence[AsyncComfyUIClient | Engine]) -> list[Engine]:
    clients = client if isinstance(client, Sequence) else [client]
    if not clients:
        raise InvalidParameterError("client", [], "a client, or several")
    return [one if isinstance(one, Engine) else Engine(one) for one in clients]


def _at_least(name: str, value: int, lowest: int) -> int:
    if value < lowest:
        raise InvalidParameterError(name, value, f"{lowest} or more")
    return value


def _state(engine: Engine) -> dict[str, Any]:
    """Return one engine's part of the statistics."""
    return {
        "running": len(engine.attempts),
        "completed": engine.completed,
        "failed": engine.failed,
        "state": "resting" if engine.health.is_doubted else "trying" if engine.health.failures else "up",
        "error": str(engine.error) if engine.health.failures and engine.error else None,
    }
