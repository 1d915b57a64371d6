"""The library: what was made, made again, and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from comfy_gen.api.answers import headers_of, told
from comfy_gen.api.context import Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.library import check_again, generation_json, seen_by
from comfy_gen.api.orders import TheOrder, take_altered
from comfy_gen.api.wanted import Wanted
from comfy_gen.api.wire.library import Differences, Generation, Generations, RerunBody
from comfy_gen.api.wire.results import Result
from comfy_gen.app.accepting import Taken
from comfy_gen.app.planner import Raw
from comfy_gen.jobs.ids import JobId
from comfy_gen.library.diff import diff, is_same_outcome
from comfy_gen.library.generations import again, workflow_of

router = APIRouter(prefix="/library", tags=["library"])

GenerationPath = Annotated[
    str, Path(max_length=100, description="The generation's id, the beginning of it, or that of its run in MLflow.")
]


_AS_IT_WAS = RerunBody()
"""What a body says that is left out."""


@router.get("", response_model=Generations, responses=problems())
async def generations(
    *,
    wanted: Wanted,
    service: TheService,
    results: TheResults,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="So many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=100, description="The `next` of the page before.")] = None,
) -> dict[str, Any]:
    """Find generations, the newest first: one's own; an administrator's list has everybody's."""
    page = await service.library.search(wanted, limit, cursor)
    shown = [await generation_json(one, results, request) for one in page.generations]
    return {"generations": shown, "next": page.next}


@router.get("/{generation_id}", response_model=Generation, responses=problems(404))
async def generation(
    generation_id: GenerationPath, caller: Reader, service: TheService, results: TheResults, request: Request
) -> dict[str, Any]:
    """Tell how a picture was made: all that is needed to make it again."""
    return await generation_json(await service.library.get(generation_id, seen_by(caller)), results, request)


@router.post("/{generation_id}/rerun", status_code=202, response_model=Result, responses=problems(404, 409))
async def rerun(
    *,
    generation_id: GenerationPath,
    order: TheOrder,
    service: TheService,
    results: TheResults,
    request: Request,
    response: Response,
    body: RerunBody = _AS_IT_WAS,
) -> dict[str, Any]:
    """Make the same once more: the same workflow, with the same seed, models and inputs; or with what the body says."""
    found = await service.library.get(generation_id, seen_by(order.caller))
    check_again(service, order.caller, found)
    if body.model_fields_set <= {"request_id"}:
        repeated = again(found, await service.queue.store.request(found.generation_id))
        await service.planner.plan(Raw(repeated.workflow), tags=[*repeated.tags])
        job_id = body.request_id and JobId(str(body.request_id))
        accepted = await service.submit(order.caller, replace(repeated, idempotency_key=order.key, job_id=job_id))
        taken = Taken(accepted.job, accepted.is_replay, ())
    else:
        taken = await take_altered(service, order, body, found)
    response.headers.update(headers_of(taken))
    return await told(taken, results, order.caller, request)


@router.get("/{generation_id}/diff/{other_id}", response_model=Differences, responses=problems(404))
async def difference(
    generation_id: GenerationPath,
    other_id: Annotated[str, Path(max_length=100, description="The other generation's id.")],
    caller: Reader,
    service: TheService,
) -> dict[str, Any]:
    """Tell what is not the same in two generations."""
    owner = seen_by(caller)
    a, b = await service.library.get(generation_id, owner), await service.library.get(other_id, owner)
    store = service.queue.store
    requests = await store.request(a.generation_id), await store.request(b.generation_id)
    graphs = workflow_of(a, requests[0]), workflow_of(b, requests[1])
    return {
        "a": a.generation_id,
        "b": b.generation_id,
        "is_same_outcome": is_same_outcome(a, b),
        "differences": [one.as_json() for one in diff(a, b, graphs)],
    }
