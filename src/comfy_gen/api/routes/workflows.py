"""Workflows by name: what each can be told, a run of one, and one's own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from comfy_gen.api import workflow_inputs
from comfy_gen.api import workflows as told_of
from comfy_gen.api.answers import end_of, headers_of, told
from comfy_gen.api.context import Generator, Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.orders import TheOrder, accept
from comfy_gen.api.tiers import TierHeader
from comfy_gen.api.validating import validated
from comfy_gen.api.wire.examples import GRAPH, INPUT_SCHEMA
from comfy_gen.api.wire.results import Result
from comfy_gen.api.wire.validation import ValidateBody, Validation
from comfy_gen.api.wire.workflows import NamedInputsBody, RunBody, WorkflowDetail, WorkflowInputs, Workflows
from comfy_gen.app.planner import Run
from comfy_gen.errors import ForbiddenError
from comfy_gen.workflows.schema import schema_of

router = APIRouter(tags=["workflows"])

NamePath = Annotated[str, Path(max_length=100, description="The workflow's name.")]
Graph = Annotated[
    dict[str, Any],
    Body(
        description="The workflow, in API format or as the editor saves it.",
        openapi_examples={
            "api": {
                "summary": "API format",
                "value": {"1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}}},
            }
        },
    ),
]


def _like(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}}, "description": "Such as this."}}


_ENDED: dict[int | str, dict[str, Any]] = {200: {"model": Result, "description": "It has ended within `wait`."}}
_REPLACED: dict[int | str, dict[str, Any]] = {200: {"model": WorkflowDetail, "description": "It was there before."}}


@router.get("/workflows", response_model=Workflows, responses=problems())
async def workflows(caller: Reader, service: TheService) -> dict[str, Any]:
    """List the workflows that can be run by name."""
    return {"workflows": await told_of.all_workflows(service, caller)}


@router.post("/workflows/validate", response_model=Validation, responses=problems(404, 415))
async def validate(body: ValidateBody, caller: Reader, service: TheService, tier: TierHeader = None) -> dict[str, Any]:
    """Tell whether a workflow would run, and everything that stands against it. Nothing is queued.

    Say it as `POST /generate` takes it, by a workflow's name with its inputs, or send a whole workflow.
    """
    return await validated(service, caller, body, tier)


@router.get("/workflows/{name}", response_model=WorkflowDetail, responses=problems(404))
async def workflow(name: NamePath, caller: Reader, service: TheService) -> dict[str, Any]:
    """Tell what a workflow is, what it can be told, and which models it loads."""
    return await told_of.workflow_of(service, name, caller)


@router.get("/workflows/{name}/schema", responses=problems(404) | _like(INPUT_SCHEMA))
async def schema(name: NamePath, caller: Reader, service: TheService) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a workflow's inputs."""
    del caller
    return schema_of(await service.planner.template(name))


@router.get("/workflows/{name}/graph", responses=problems(404) | _like(GRAPH))
async def graph(name: NamePath, caller: Reader, service: TheService) -> dict[str, Any]:
    """Return a workflow itself, in API format."""
    del caller
    return dict((await service.planner.template(name)).workflow)


@router.get("/workflows/{name}/inputs", response_model=WorkflowInputs, responses=problems(404))
async def inputs(name: NamePath, caller: Reader, service: TheService) -> dict[str, Any]:
    """List every input of every node that has a value of its own, and which of the workflow's own inputs set it."""
    del caller
    return {"inputs": await workflow_inputs.inputs_of(service, name)}


@router.put("/workflows/{name}/inputs", response_model=WorkflowDetail, responses=problems(404, 415))
async def name_inputs(name: NamePath, body: NamedInputsBody, caller: Generator, service: TheService) -> dict[str, Any]:
    """Say which inputs a saved workflow of one's own has from now on, and what they are called.

    What an input was before it stays: a prompt under another name is still the prompt. Another graph under the same
    name has its own.
    """
    return await workflow_inputs.name_them(service, name, body, caller)


@router.post(
    "/workflows/{name}/run", status_code=202, response_model=Result, responses=problems(400, 404, 409, 415) | _ENDED
)
async def run(
    *,
    name: NamePath,
    body: RunBody,
    order: TheOrder,
    service: TheService,
    results: TheResults,
    request: Request,
    response: Response,
    wait: Annotated[float, Query(ge=0, le=3600, description="Seconds to wait for its end.")] = 0,
) -> dict[str, Any]:
    """Run a workflow with these inputs; the answer is 200 where it ends within `wait` seconds, else 202."""
    wish = Run(name, body.inputs, body.preset)
    taken = await accept(service, order, body, wish, name)
    response.headers.update(headers_of(taken))
    ended = await end_of(taken.job.job_id, service.queue.watching, request, patience=wait) if wait else None
    if ended is None:
        return await told(taken, results, order.caller, request)
    response.status_code = 200
    return await told(taken._replace(job=ended), results, order.caller, request)


@router.put(
    "/workflows/{name}",
    status_code=201,
    response_model=WorkflowDetail,
    responses=problems(400, 409, 415) | _REPLACED,
)
async def save(
    name: NamePath,
    data: Graph,
    caller: Generator,
    service: TheService,
    response: Response,
    title: Annotated[str, Query(max_length=200, description="What it is called; empty: its name.")] = "",
    summary: Annotated[str, Query(max_length=2_000, description="What it is for, in a sentence.")] = "",
) -> dict[str, Any]:
    """Keep a workflow by a name, in place of one's own that has it; its inputs are found by what its nodes do."""
    template = await service.planner.derived(name, data)
    template = replace(template, title=title or template.title, summary=summary)
    saved = await service.saved.save(name, template, caller.owner, time.time(), may_replace=True)
    response.status_code = 201 if saved.created == saved.updated else 200
    response.headers["Location"] = f"/workflows/{name}"
    return told_of.detail_of(saved.template, saved, caller)


@router.delete("/workflows/{name}", status_code=204, responses=problems(404))
async def delete_workflow(name: NamePath, caller: Generator, service: TheService) -> None:
    """Forget a workflow of one's own; jobs that run it go on."""
    if told_of.is_shipped(name):
        raise ForbiddenError(f"the workflow {name!r} ships with the service", "those that were saved can be deleted.")
    await service.saved.delete(name, None if caller.is_admin else caller.owner)
