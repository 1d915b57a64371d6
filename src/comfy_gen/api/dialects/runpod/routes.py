"""The operations of an endpoint, each bare and below the endpoint's id: that may be any, for all are this service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from comfy_gen.api.dialects.runpod import health as endpoint_health
from comfy_gen.api.dialects.runpod import streaming
from comfy_gen.api.dialects.runpod.visits import WAIT, Seen, Wait, Wanted

PREFIX = "/v2/{endpoint}"
BARE = ("/run", "/runsync", "/status", "/status-sync", "/stream", "/cancel", "/retry", "/purge-queue")

router = APIRouter()


@router.post("/run")
@router.post(f"{PREFIX}/run")
async def run(wanted: Wanted) -> dict[str, Any]:
    """Accept a job, and answer at once."""
    job = await wanted.run()
    return job if isinstance(job, dict) else {"id": job.job_id, "status": "IN_QUEUE"}


@router.post("/runsync")
@router.post(f"{PREFIX}/runsync")
async def run_and_wait(wanted: Wanted, wait: Wait = WAIT) -> dict[str, Any]:
    """Accept a job, and answer once it has ended, or after a while."""
    job = await wanted.run()
    return job if isinstance(job, dict) else await wanted.ended(job.job_id, wait)


@router.api_route("/status/{job_id}", methods=["GET", "POST"])
@router.api_route(f"{PREFIX}/status/{{job_id}}", methods=["GET", "POST"])
async def status(job_id: str, seen: Seen) -> dict[str, Any]:
    """Tell how a job is."""
    return await seen.status(job_id)


@router.api_route("/status-sync/{job_id}", methods=["GET", "POST"])
@router.api_route(f"{PREFIX}/status-sync/{{job_id}}", methods=["GET", "POST"])
async def status_once_ended(job_id: str, seen: Seen, wait: Wait = WAIT) -> dict[str, Any]:
    """Tell how a job is once it has ended, or after a while."""
    return await seen.ended(job_id, wait)


@router.api_route("/stream/{job_id}", methods=["GET", "POST"])
@router.api_route(f"{PREFIX}/stream/{{job_id}}", methods=["GET", "POST"])
async def stream(job_id: str, seen: Seen) -> dict[str, Any]:
    """Tell what is new of a job."""
    return await streaming.next_part(seen.service, seen.teller, await seen.job(job_id))


@router.post("/cancel/{job_id}")
@router.post(f"{PREFIX}/cancel/{{job_id}}")
async def cancel(job_id: str, wanted: Wanted) -> dict[str, Any]:
    """Cancel a job."""
    return await wanted.cancel(job_id)


@router.post("/retry/{job_id}")
@router.post(f"{PREFIX}/retry/{{job_id}}")
async def retry(job_id: str, wanted: Wanted) -> dict[str, Any]:
    """Begin a job afresh that failed."""
    return await wanted.retry(job_id)


@router.post("/purge-queue")
@router.post(f"{PREFIX}/purge-queue")
async def purge(wanted: Wanted) -> dict[str, Any]:
    """Cancel the jobs that wait."""
    return await wanted.purge()


@router.get(f"{PREFIX}/health")
async def health(seen: Seen) -> dict[str, Any]:
    """Tell how the service is; its own `/health` tells more."""
    return await endpoint_health.health(seen.service, seen.results)
