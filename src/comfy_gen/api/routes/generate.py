"""Generating: at once, for later, or watched; and what came of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse

from comfy_gen.api.answers import Patience, end_of, headers_of, told
from comfy_gen.api.context import JobPath, Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.orders import TheOrder, take
from comfy_gen.api.streams import documented, streamed
from comfy_gen.api.wire.requests import GenerateBody
from comfy_gen.api.wire.results import Result

router = APIRouter(tags=["generation"])

_ACCEPTED: dict[str, Any] = {"model": Result, "description": "Accepted: the job is safe, and goes on by itself."}


@router.post("/generate", status_code=202, response_model=Result, responses=problems(400, 404, 409, 415))
async def generate(
    body: GenerateBody,
    order: TheOrder,
    service: TheService,
    results: TheResults,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Accept a job, and answer at once: it survives whatever happens from here on."""
    taken = await take(service, order, body)
    response.headers.update(headers_of(taken))
    return await told(taken, results, order.caller, request)


@router.post(
    "/generate/sync",
    response_model=Result,
    responses=problems(400, 404, 409, 415) | {202: _ACCEPTED},
)
async def generate_and_wait(
    *,
    body: GenerateBody,
    order: TheOrder,
    service: TheService,
    results: TheResults,
    request: Request,
    response: Response,
    timeout: Patience = 300,  # noqa: ASYNC109  # the documented parameter
) -> dict[str, Any]:
    """Accept a job and answer with its result. Nothing is lost where the time does not suffice, or nobody listens."""
    taken = await take(service, order, body)
    response.headers.update(headers_of(taken))
    ended = await end_of(taken.job.job_id, service.queue.watching, request, patience=timeout)
    if ended is None:
        response.status_code = 202
        return await told(taken, results, order.caller, request)
    result = await results.of(ended, order.caller, request)
    return result | {"notes": [*taken.notes, *result["notes"]]}


@router.post(
    "/generate/stream",
    response_class=EventSourceResponse,
    responses=problems(400, 404, 409, 415) | {200: {"content": {"text/event-stream": {}}}},
)
async def generate_and_watch(
    body: GenerateBody,
    order: TheOrder,
    service: TheService,
    results: TheResults,
    request: Request,
) -> EventSourceResponse:
    """Accept a job and stream how it goes, up to an event whose status is `final_result`."""
    taken = await take(service, order, body)
    answer = streamed(documented(service.queue, results, taken.job.job_id, order.caller, request))
    answer.headers.update(headers_of(taken))
    return answer


@router.get(
    "/generate/{job_id}/stream",
    response_class=EventSourceResponse,
    responses=problems(404) | {200: {"content": {"text/event-stream": {}}}},
)
async def watch(
    job_id: JobPath, caller: Reader, service: TheService, results: TheResults, request: Request
) -> EventSourceResponse:
    """Stream how a job goes, in the same words; this one a browser's EventSource can open."""
    job = await results.job(caller, str(job_id))
    return streamed(documented(service.queue, results, job.job_id, caller, request))


@router.get("/generate/{job_id}", response_model=Result, responses=problems(404))
@router.get("/result/{job_id}", response_model=Result, responses=problems(404))
async def result(job_id: JobPath, caller: Reader, results: TheResults, request: Request) -> dict[str, Any]:
    """Return how a job is, and, once it has ended, what came of it."""
    return await results.get(caller, str(job_id), request)
