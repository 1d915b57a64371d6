"""One request to an endpoint, from what it asks for to what it is answered."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request

from comfy_gen.api.answers import Key, end_of
from comfy_gen.api.context import Generator, Reader, TheResults, TheService
from comfy_gen.api.dialects.runpod.bodies import run_body
from comfy_gen.api.dialects.runpod.orders import ENDPOINT, Order, failed_before, take
from comfy_gen.api.dialects.runpod.outputs import Teller
from comfy_gen.api.tiers import TierHeader
from comfy_gen.errors import JobNotFoundError, JobStateError
from comfy_gen.jobs.endpoint import status_of
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.jobs.records import JobFilter, Selection
from comfy_gen.jobs.result import result_of

if TYPE_CHECKING:
    from comfy_gen.api.dialects.runpod.deadlines import Deadlines
    from comfy_gen.app.caller import Caller

WAIT = 90_000
LONGEST = 300_000
"""Milliseconds that an answer is waited for, unless somebody says for how long; and at most."""
_PURGED_AT_A_TIME = 500

Wait = Annotated[float, Query(allow_inf_nan=False)]


class _Seen:
    """A request about jobs."""

    def __init__(self, caller: Reader, service: TheService, results: TheResults, request: Request) -> None:
        self.caller: Caller = caller
        self.service = service
        self.results = results
        self.request = request
        self.teller = Teller(service, results, request)

    @property
    def endpoint(self) -> str:
        """The endpoint that was asked; empty where the path names none."""
        return self.request.path_params.get("endpoint", "")

    async def job(self, job_id: str) -> Job:
        """Return a job of the caller's.

        Raises:
            JobNotFoundError: there is none of this id, or it is somebody else's.
        """
        return await self.results.job(self.caller, job_id)

    async def status(self, job_id: str) -> dict[str, Any]:
        """Return how a job is: also one that was not accepted, for a while.

        Raises:
            JobNotFoundError: there is none of this id, or it is somebody else's.
        """
        try:
            return await self.teller.told(await self.job(job_id))
        except JobNotFoundError:
            if told := await failed_before(self.service, self.caller, job_id):
                return told
            raise

    async def ended(self, job_id: str, wait: float) -> dict[str, Any]:
        """Return how a job is once it has ended, or after so many milliseconds."""
        with suppress(JobNotFoundError):
            job = await self.job(job_id)
            await end_of(job.job_id, self.service.queue.watching, self.request, patience=patience_of(wait))
        return await self.status(job_id)


class _Wanted(_Seen):
    """A request that changes something."""

    def __init__(
        self,
        caller: Generator,
        service: TheService,
        results: TheResults,
        request: Request,
        key: Key = None,
        tier: TierHeader = None,
    ) -> None:
        super().__init__(caller, service, results, request)
        self._order = Order(caller, self.endpoint, key, tier)

    async def run(self) -> Job | dict[str, Any]:
        """Accept the job that was sent; or return what is told of one that failed at once.

        Raises:
            RequestValidationError: the body is none.
            ComfyGenError: what stands against any job.
        """
        content = await self.request.body()
        body = run_body(content)
        taken = await take(self.service, self._order, body, content)
        if body.bounds:
            deadlines: Deadlines = self.request.app.state.runpod
            deadlines.note()
        return taken

    async def cancel(self, job_id: str) -> dict[str, Any]:
        """Cancel a job: what runs ends as soon as its engine lets go of it. One that has ended stays as it is."""
        job = await self.job(job_id)
        with suppress(JobStateError):
            await self.service.queue.store.cancel(Selection([job.job_id]), now=time.time())
            return {"id": job.job_id, "status": "CANCELLED"}
        return {"id": job.job_id, "status": status_of(result_of(await self.job(job_id)))}

    async def retry(self, job_id: str) -> dict[str, Any]:
        """Begin a job afresh that failed.

        Raises:
            JobNotFoundError: there is none of this id, or it is somebody else's.
            JobStateError: it did not fail.
        """
        job = await self.job(job_id)
        await self.service.queue.store.retry(Selection([job.job_id]), now=time.time())
        return {"id": job.job_id, "status": "IN_QUEUE"}

    async def purge(self) -> dict[str, Any]:
        """Cancel the caller's jobs that wait, and were sent to this endpoint."""
        store = self.service.queue.store
        wanted = JobFilter((JobState.QUEUED,), self.caller.owner, labels={ENDPOINT: self.endpoint})
        removed = 0
        while jobs := (await store.list(wanted, _PURGED_AT_A_TIME)).jobs:
            changed = await store.cancel(Selection([one.job_id for one in jobs]), now=time.time())
            removed += len(changed)
            if not changed:
                break
        return {"removed": removed, "status": "completed"}


Seen = Annotated[_Seen, Depends()]
Wanted = Annotated[_Wanted, Depends()]


def patience_of(wait: float) -> float:
    """Return for how many seconds somebody waits, within RunPod's bounds."""
    return min(max(wait, 1_000), LONGEST) / 1_000
