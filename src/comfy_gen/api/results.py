"""Results as this service tells them: whose they are, where their outputs can be fetched, and how it goes meanwhile."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from comfy_gen.app.service import cache_key
from comfy_gen.errors import JobNotFoundError
from comfy_gen.jobs.job import ENDS, Artifact, JobState
from comfy_gen.jobs.result import QUEUES, STATUSES, message_of, output_of, percent_of, result_of
from comfy_gen.storage.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Job

COUNTS_FRESH = 0.25
"""Seconds for which the lengths of the queues are not counted again: every stream tells them."""


class Results:
    """Tells of jobs. One for each service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._counted: tuple[float, dict[JobState, int]] = (-COUNTS_FRESH, {})

    async def job(self, caller: Caller, job_id: str) -> Job:
        """Return a job of the caller's.

        Raises:
            JobNotFoundError: there is none of this id, or it is somebody else's.
        """
        job = await self._service.queue.store.get(job_id)
        if not caller.owns(job.owner):
            raise JobNotFoundError(job_id)
        return job

    async def get(self, caller: Caller, job_id: str, request: Request) -> dict[str, Any]:
        """Return the result of a job of the caller's; one that will not change any more comes from the cache.

        Raises:
            JobNotFoundError: there is none of this id, or it is somebody else's.
        """
        kept = await self._service.cache.get(cache_key(job_id))
        # Another process may have deleted the job, and given its id to another one.
        if kept is not None and await self._service.queue.store.state(job_id) is JobState.COMPLETED:
            facts = json.loads(kept)
            if not caller.owns(facts["owner"]):
                raise JobNotFoundError(job_id)
            return await self._dress(facts["result"], facts["keys"], caller, request)
        return await self.of(await self.job(caller, job_id), caller, request)

    async def of(self, job: Job, caller: Caller, request: Request) -> dict[str, Any]:
        """Return the result of a job."""
        artifacts = await self._service.queue.store.artifacts(job.job_id) if job.state in ENDS else ()
        result, keys = result_of(job, artifacts), [one.key for one in artifacts]
        if job.state is JobState.COMPLETED:  # the one end that nothing undoes
            facts = json.dumps({"owner": job.owner, "result": result, "keys": keys}).encode()
            await self._service.cache.put(cache_key(job.job_id), facts, self._service.settings.cache.ttl)
        return await self._dress(result, keys, caller, request)

    async def url(self, artifact: Artifact, request: Request) -> str:
        """Return where an output can be fetched for a while."""
        return artifact.url or await self._address(artifact.artifact_id, artifact.key, artifact.filename, request)

    async def output(self, artifact: Artifact, caller: Caller, request: Request) -> dict[str, Any]:
        """Return one output, with where it can be fetched for a while."""
        return output_of(artifact, url=await self.url(artifact, request), path=self._path(artifact.key, caller))

    async def counts(self) -> Mapping[JobState, int]:
        """Return how many jobs are in each state, as of a moment ago."""
        at, counts = self._counted
        if time.monotonic() - at > COUNTS_FRESH:
            counts = await self._service.queue.store.count()
            self._counted = time.monotonic(), counts
        return counts

    async def update(self, job: Job) -> dict[str, Any]:
        """Return how it goes with a job that has not ended, as the documented stream tells it."""
        counts = await self.counts()
        return {
            "request_id": job.job_id,
            "status": STATUSES[job.state],
            "message": message_of(job),
            "progress": percent_of(job),
            "elapsed_time": round(max(time.time() - job.created, 0.0), 3),
            "queue_position": await self._position(job, counts),
            "queue_info": queue_info(counts),
        }

    async def _position(self, job: Job, counts: Mapping[JobState, int]) -> dict[str, Any]:
        if job.state.is_end:
            return {}
        queue = self._service.queue
        estimate = await queue.eta(job)
        position = await queue.store.position(job.job_id) if job.state is JobState.QUEUED else 0
        return {
            "current_queue": QUEUES[job.state],
            "position": position,
            "queue_size": queue_info(counts)[_SIZES[QUEUES[job.state]]],
            "estimated_wait_time": None if estimate is None else round(estimate.median, 1),
        }

    async def _dress(
        self, result: dict[str, Any], keys: Sequence[str], caller: Caller, request: Request
    ) -> dict[str, Any]:
        """Add what differs from one request to the next: addresses that expire, and what only some may know."""
        for one, key in zip(result["output"], keys, strict=True):
            one["url"] = one["url"] or await self._address(one["id"], key, one["filename"], request)
            one["local_path"] = self._path(key, caller)
        result["output_url"] = next((one["url"] for one in result["output"]), None)
        return result | {"links": links_of(result["id"])}

    async def _address(self, artifact_id: str, key: str, filename: str, request: Request) -> str:
        service = self._service
        lifetime = service.settings.api.link_lifetime
        url = await service.artifacts.url(key, seconds=lifetime, filename=filename)
        if url is not None:
            return url
        link = service.links.sign(artifact_id)
        return f"{str(request.base_url).rstrip('/')}{link}" if link.startswith("/") else link

    def _path(self, key: str, caller: Caller) -> str | None:
        store = self._service.artifacts
        return str(store.path(key).absolute()) if caller.is_admin and isinstance(store, LocalStore) else None


_SIZES = {
    "preprocessing": "preprocess_queue_size",
    "generation": "generation_queue_size",
    "postprocessing": "postprocess_queue_size",
}


def queue_info(counts: Mapping[JobState, int]) -> dict[str, int]:
    """Return the lengths of the documented queues."""
    return {
        "preprocess_queue_size": counts[JobState.PREPROCESSING],
        "generation_queue_size": counts[JobState.QUEUED] + counts[JobState.GENERATING],
        "postprocess_queue_size": counts[JobState.POSTPROCESSING],
    }


def links_of(job_id: str) -> dict[str, str]:
    """Return where to go on from a job's result."""
    return {
        "self": f"/jobs/{job_id}",
        "events": f"/jobs/{job_id}/events",
        "stream": f"/generate/{job_id}/stream",
        "cancel": f"/jobs/{job_id}/cancel",
    }
