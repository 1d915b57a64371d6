"""A queue of jobs over one engine or several, as documented.

    queue_mgr = QueueManager(client, max_concurrent=3)
    queue_mgr.on("job_completed", lambda job: print(job.job_id))
    queue_mgr.add_job("job_1", workflow)
    queue_mgr.start()
    queue_mgr.wait_for_completion()
    queue_mgr.stop()

`comfy_gen.batch.queue.AsyncQueueManager` does the work, on a loop in a background thread; this class decides nothing.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self, TypeVar

from comfy_gen.batch.callbacks import notify
from comfy_gen.batch.dispatch import QueueOptions
from comfy_gen.batch.engine import Engine
from comfy_gen.batch.job import Job, JobStatus, make_job
from comfy_gen.batch.queue import AsyncQueueManager
from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from comfy_gen.batch.engine import Sleep
    from comfy_gen.comfyui.client import ComfyUIClient
    from comfy_gen.workflows.graph import Workflow

__all__ = ["Job", "JobStatus", "QueueManager", "QueueOptions"]

T = TypeVar("T")


class QueueManager:
    """Runs jobs on the engine of a client, or of several; see `AsyncQueueManager` for what the methods do.

    It may be used by several threads at once. Callbacks run one after the other on a thread of their own, and may
    use the queue.
    """

    def __init__(
        self,
        client: ComfyUIClient | Sequence[ComfyUIClient],
        max_concurrent: int = 3,
        retry_on_failure: bool = True,  # noqa: FBT001, FBT002  # the documented signature
        max_retries: int = 3,
        *,
        timeout: float | None = None,
        options: QueueOptions | None = None,
        clock: Callable[[], float] | None = None,
        sleep: Sleep | None = None,
    ) -> None:
        clients = client if isinstance(client, Sequence) else [client]
        if not clients:
            raise InvalidParameterError("client", [], "a client, or several")
        given: dict[str, Any] = {"clock": clock, "sleep": sleep}
        make = functools.partial(
            AsyncQueueManager,
            [Engine(one.aio, _loop_of(one)) for one in clients],
            max_concurrent,
            retry_on_failure,
            max_retries,
            timeout=timeout,
            options=options,
            **{name: value for name, value in given.items() if value is not None},
        )
        self._clients = tuple(clients)  # one that nobody held would be closed
        self._loop = clients[0].loop  # it lives as long as the client, so that nothing is left to close here
        self._callers = ThreadPoolExecutor(1, thread_name_prefix="comfygen-queue-callbacks")
        self._caller: threading.Thread | None = None
        self._queue = self._there(make)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop(wait=error is None)

    # --- jobs

    def add_job(
        self,
        job_id: str,
        workflow: Workflow,
        metadata: Mapping[str, Any] | None = None,
        *,
        priority: int = 0,
    ) -> Job:
        """Add a job; the workflow is copied at once.

        Raises:
            DuplicateJobError: there is a job of this id.
            InvalidParameterError: the workflow is not JSON data.
        """
        job = make_job(job_id, workflow, metadata, priority=priority)  # here: packing thousands must not hold the loop
        return self._there(self._queue.add, job)

    def add_jobs_from_list(self, workflows: Sequence[Workflow], job_prefix: str = "job") -> list[Job]:
        """Add a job for each workflow, named ``job_0`` and so on; numbers that are in use are passed over."""
        return self._there(self._queue.add_jobs_from_list, workflows, job_prefix)

    def get_job(self, job_id: str) -> Job | None:
        """Return the job of this id, if there is one."""
        return self._queue.get_job(job_id)

    def get_job_status(self, job_id: str) -> JobStatus | None:
        """Return where a job is; None if there is none of this id."""
        return self._queue.get_job_status(job_id)

    def get_all_jobs(self) -> list[Job]:
        """Return all jobs, in the order in which they were added."""
        return self._queue.get_all_jobs()

    def get_jobs_by_status(self, status: str) -> list[Job]:
        """Return the jobs that are there now: queued, running, completed, failed or cancelled.

        Raises:
            InvalidParameterError: there is no such status.
        """
        return self._queue.get_jobs_by_status(status)

    def cancel_job(self, job_id: str) -> bool:
        """Cancel a job that waits or runs, and nobody else's; tell whether it was cancelled."""
        return self._loop.run(self._queue.cancel_job(job_id))

    def clear_completed(self, *, all_ended: bool = False) -> int:
        """Forget the completed jobs, with ``all_ended`` the failed and cancelled ones too; return how many."""
        return self._there(functools.partial(self._queue.clear_completed, all_ended=all_ended))

    # --- processing

    @property
    def is_processing(self) -> bool:
        """Whether it was started and not stopped."""
        return self._queue.is_processing

    @property
    def is_paused(self) -> bool:
        """Whether no further job is begun."""
        return self._queue.is_paused

    def start(self, num_workers: int | None = None) -> None:
        """Begin to give jobs to the engines: ``num_workers`` at a time to each, or ``max_concurrent``."""
        self._there(self._queue.start, num_workers)

    def stop(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002  # the documented signature
        """Begin no further job. Those that run end first; without ``wait`` they are cancelled on their engines."""
        self._loop.run(self._queue.stop(wait))
        self._await_callbacks()

    def pause(self) -> None:
        """Begin no further job; those that run go on."""
        self._there(self._queue.pause)

    def resume(self) -> None:
        """Go on after a pause."""
        self._there(self._queue.resume)

    def wait_for_completion(self, timeout: float | None = None) -> bool:
        """Wait until every job has ended and every callback has returned.

        Returns False where that is not so in time, or where nothing is being processed.
        """
        began = time.monotonic()
        is_complete = self._loop.run(self._queue.wait_for_completion(timeout))
        left = None if timeout is None else max(0.0, timeout - (time.monotonic() - began))
        return self._await_callbacks(left) and is_complete

    def get_statistics(self) -> dict[str, Any]:
        """Return how many jobs are where, how fast it goes, and how the engines are."""
        return self._queue.get_statistics()

    @property
    def left_behind(self) -> list[tuple[str, str]]:
        """Engine and id of each prompt that may run there still, though it is not wanted any more."""
        return self._queue.left_behind

    def on(self, event_type: str, callback: Callable[..., object]) -> None:
        """Call back with the job when something happens to it; see `AsyncQueueManager.on`."""

        def hand_over(subject: Any) -> None:
            self._callers.submit(self._notify, callback, event_type, subject)

        self._there(self._queue.on, event_type, hand_over)

    # --- inside

    def _there(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function where the queue lives, which is what makes this class safe for threads."""

        async def call() -> T:
            return function(*args)

        return self._loop.run(call())

    def _await_callbacks(self, patience: float | None = None) -> bool:
        """Wait for the callbacks of what has happened, unless one of them is who waits; False if they take longer."""
        if threading.current_thread() is not self._caller:
            try:
                self._callers.submit(lambda: None).result(patience)
            except TimeoutError:
                return False
        return True

    def _notify(self, callback: Callable[..., object], event: str, subject: Any) -> None:
        self._caller = threading.current_thread()
        notify(callback, event, subject)


def _loop_of(client: ComfyUIClient) -> asyncio.AbstractEventLoop:
    async def running() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    return client.loop.run(running())
