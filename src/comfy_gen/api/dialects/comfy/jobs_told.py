"""Tells of jobs to whoever asks: reads what the dialect's objects have besides the job."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from comfy_gen.api.context import TheResults, TheService
from comfy_gen.api.dialects.comfy.job_objects import job_object, output_object
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.job import Job

_RECENT = 100
"""Events among which the last report of a job that runs is: it takes the place of the one before."""


class Teller:
    """Tells one client of jobs."""

    def __init__(self, service: TheService, results: TheResults, request: Request) -> None:
        self._store = service.queue.store
        self._lifetime = service.settings.api.link_lifetime
        self._results = results
        self._request = request
        self._base: str = request.scope.get("root_path", "")

    def new(self, job: Job) -> dict[str, Any]:
        """Return a job that was accepted just now: nobody has looked yet where it is in the line."""
        return job_object(job, base=self._base)

    async def job(self, job: Job) -> dict[str, Any]:
        """Return a job as it is now."""
        is_waiting = job.state is JobState.QUEUED
        return job_object(
            job,
            base=self._base,
            position=await self._store.position(job.job_id) if is_waiting else None,
            progress=await self.report(job) if job.state.is_active else None,
            outputs=await self.outputs(job),
            cause=await self._cause(job) if job.state is JobState.FAILED else None,
        )

    async def outputs(self, job: Job) -> list[dict[str, Any]]:
        """Return what a job made; of one that has not ended nothing: another attempt may make something else."""
        if not job.state.is_end:
            return []
        until = time.time() + self._lifetime
        return [
            output_object(one, url=await self._results.url(one, self._request), until=until)
            for one in await self._store.artifacts(job.job_id)
        ]

    async def report(self, job: Job) -> Mapping[str, Any]:
        """Return what the newest attempt at a job reported last."""
        events = await self._store.events(job.job_id, after=max(job.last_event - _RECENT, 0))
        reports = [one.data for one in events if one.type == "progress" and one.data["attempt"] == job.attempt]
        return reports[-1] if reports else {}

    async def _cause(self, job: Job) -> JobFailure | None:
        """Return why the last attempt at a job failed, which the job itself says in sum."""
        attempts = await self._store.attempts(job.job_id)
        return attempts[-1].failure if attempts else None


TheTeller = Annotated[Teller, Depends()]
