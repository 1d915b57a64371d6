"""Tells of jobs as a RunPod endpoint that has worker-comfyui does."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs import endpoint
from comfy_gen.jobs.job import MADE
from comfy_gen.jobs.result import result_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from comfy_gen.api.results import Results
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Artifact, Event, Job

INLINE = 20 * 2**20
"""Bytes of files that are in an answer themselves: RunPod's own limit. Of what is more the address is told."""


class Teller:
    """Tells whoever sent a request of jobs."""

    def __init__(self, service: Service, results: Results, request: Request) -> None:
        self._service = service
        self._results = results
        self._request = request

    async def told(self, job: Job) -> dict[str, Any]:
        """Return how a job is, with what it made, or how far it is.

        Raises:
            ArtifactGoneError, StorageError: a file is not there any more, or cannot be read.
        """
        artifacts = await self._service.queue.store.artifacts(job.job_id) if job.state in MADE else ()
        facts = endpoint.told(result_of(job), [await self._file(one) for one in _within(artifacts)])
        if facts["status"] == "IN_PROGRESS" and (shown := await self.progress(job)):
            facts["output"] = shown
        return facts

    async def progress(self, job: Job) -> dict[str, Any] | None:
        """Return how far a job is; None where nothing is known."""
        events = await self._service.queue.store.events(job.job_id, max(job.last_event - 1, 0))
        return next((progress_of(one) for one in reversed(events) if one.type == "progress"), None)

    async def _file(self, one: tuple[Artifact, bool]) -> dict[str, Any]:
        artifact, is_inline = one
        facts = {"filename": artifact.filename, "kind": artifact.kind}
        if artifact.url or self._service.settings.keeps_in_bucket or not is_inline:
            return {**facts, "type": "s3_url", "data": await self._results.url(artifact, self._request)}
        content = b"".join([chunk async for chunk in self._service.artifacts.read(artifact.key)])
        return {**facts, "type": "base64", "data": base64.b64encode(content).decode()}


def progress_of(event: Event) -> dict[str, Any]:
    """Return how far a job is, as worker-comfyui tells of it."""
    data: Mapping[str, Any] = event.data
    facts: dict[str, Any] = {"type": "progress", "percent": round(100 * (data.get("progress") or 0.0), 1)}
    if "step" in data and "steps" in data:
        facts |= {"value": data["step"], "max": data["steps"]}
    if "node_id" in data:
        facts["node"] = data["node_id"]
    return facts


def _within(artifacts: Any) -> list[tuple[Artifact, bool]]:
    """Return the files that a worker gives, each with whether it is itself within the limit of an answer."""
    found: list[tuple[Artifact, bool]] = []
    left = INLINE
    for one in artifacts:
        if one.kind != "text":
            left -= one.size
            found.append((one, left >= 0))
    return found
