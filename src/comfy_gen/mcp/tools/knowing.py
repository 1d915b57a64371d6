"""Tools that say what there is: models, workflows, categories, pictures that were made, and how the service is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK reads the annotations when it runs
from pydantic import Field

from comfy_gen.errors import ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.answers import (
    Categories,
    CategoryLine,
    EngineLine,
    GenerationLine,
    Generations,
    MissingModel,
    ModelFile,
    Models,
    NextCall,
    ServiceStatus,
    Validation,
    WorkflowDescription,
    WorkflowLine,
    Workflows,
)
from comfy_gen.mcp.results import outputs_of
from comfy_gen.mcp.service import path_to
from comfy_gen.mcp.tools import parameters as p  # noqa: TC001  # here as well
from comfy_gen.mcp.tools.offering import READS, tool
from comfy_gen.mcp.tools.orders import given, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.mcp.service import Service
    from comfy_gen.mcp.tools.desk import Desk


class Knowing:
    """What agents can look up."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @tool("Check before running", READS)
    async def validate_workflow(
        self,
        *,
        ctx: Context[Any, Any],
        model: Annotated[
            str, Field(max_length=255, description="A workflow's name such as sd15, sdxl or flux, or a model's file.")
        ] = "",
        prompt: p.Prompt = "",
        width: p.Side = None,
        height: p.Side = None,
        workflow: Annotated[str, Field(max_length=100, description="A name from list_workflows.")] = "",
        parameters: Annotated[
            dict[str, Any] | None, Field(description="Values for the workflow's parameters; see describe_workflow.")
        ] = None,
        workflow_json: Annotated[
            dict[str, Any] | None,
            Field(description="In place of all else: a whole workflow, in API format or as the editor saves it."),
        ] = None,
    ) -> Validation:
        """Check whether a request would run, without running it: nothing is queued.

        Use it before a request with a model, size or workflow that you have not used yet. Errors name everything that
        is wrong at once, missing_models each with the nearest models that there are.
        """
        service = self._desk.service(ctx)
        body = given(
            model=model,
            prompt=prompt,
            width=width,
            height=height,
            workflow=workflow,
            inputs=parameters,
            workflow_json=workflow_json,
        )
        return _validation_of(await service.post("/workflows/validate", await named(service, body)))

    @tool("List models", READS)
    async def list_models(
        self,
        *,
        ctx: Context[Any, Any],
        folder: Annotated[
            str, Field(max_length=100, description="Such as checkpoints, loras, vae, upscale_models. Empty: all.")
        ] = "",
        text: Annotated[str, Field(max_length=200, description="Words that the file's name must have.")] = "",
        limit: Annotated[int, Field(ge=1, le=1_000, description="How many at most.")] = 100,
    ) -> Models:
        """List the model files that the engines have, and which engines have each.

        Use it before you name a model or a LoRA: a name that no engine has is refused.
        """
        service = self._desk.service(ctx)
        found = await service.get("/models", folder=folder or None, q=text, limit=limit)
        files = [ModelFile(name=one["file"], folder=one["folder"], engines=one["engines"]) for one in found["models"]]
        return Models(models=files, total=found["total"])

    @tool("List workflows", READS)
    async def list_workflows(self, ctx: Context[Any, Any]) -> Workflows:
        """List the workflows that can be run by name: those that ship with the service, and those that were saved.

        Use it to choose one for generate_image or generate_from_workflow; describe_workflow tells its parameters.
        """
        found = await self._desk.service(ctx).get("/workflows")
        lines = [WorkflowLine.model_validate(_line_of(one)) for one in found["workflows"]]
        return Workflows(workflows=lines, total=len(lines))

    @tool("Describe a workflow", READS)
    async def describe_workflow(
        self,
        *,
        ctx: Context[Any, Any],
        workflow: Annotated[str, Field(min_length=1, max_length=100, description="A name from list_workflows.")],
    ) -> WorkflowDescription:
        """Tell what a workflow does, which parameters it takes with their bounds and defaults, its presets and models.

        Use it before generate_from_workflow, whose parameters are those of this answer.
        """
        found = await self._desk.service(ctx).get(path_to("workflows", workflow))
        call: dict[str, Any] = {"workflow": found["name"], "parameters": {}}
        return WorkflowDescription.model_validate(
            {
                **_line_of(found),
                "parameters": found["input_schema"],
                "presets": found["presets"],
                "models": found["models"],
                "next": NextCall(tool="generate_from_workflow", arguments=call, reason="runs it."),
            }
        )

    @tool("List categories", READS)
    async def list_categories(
        self,
        *,
        ctx: Context[Any, Any],
        type: Annotated[  # noqa: A002  # the name that the service has for it
            Literal["subject", "setting", "modifier", "style"] | None, Field(description="Those of this type alone.")
        ] = None,
        search: Annotated[str, Field(max_length=200, description="A part of a keyword, a name or a description.")] = "",
        policy_tier: p.TierAsked = None,
    ) -> Categories:
        """List the categories that compose knows: each brings prompts, LoRAs and settings for one kind of picture.

        Use it to find the ids for `@id` in compose's input.
        """
        service = self._desk.service(ctx)
        found = await service.get("/categories", type=type, search=search, policy_tier=policy_tier)
        lines = [CategoryLine.model_validate(one) for one in found["categories"]]
        return Categories(categories=lines, total=found["total"])

    @tool("Search the library", READS)
    async def search_library(
        self,
        *,
        ctx: Context[Any, Any],
        text: Annotated[str, Field(max_length=200, description="Words of the prompt or the title.")] = "",
        generation_id: Annotated[str, Field(max_length=100, description="This one alone; its job's id.")] = "",
        category: Annotated[str, Field(max_length=100, description="A category's id.")] = "",
        model: Annotated[str, Field(max_length=255, description="A part of a model file's name.")] = "",
        favorites: Annotated[bool, Field(description="Favorites alone.")] = False,
        min_rating: Annotated[int | None, Field(ge=1, le=5, description="Favorites rated so high.")] = None,
        tag: Annotated[str, Field(max_length=64, description="A favorite's tag.")] = "",
        min_score: Annotated[float | None, Field(ge=0, le=1, description="At least so like their prompts.")] = None,
        limit: p.Limit = 10,
        cursor: p.Cursor = "",
    ) -> Generations:
        """Find pictures that were made before, with their prompts, settings and seeds, the newest first.

        Use it to find something to make again (rerun), to edit (edit_image), to rate (favorite), or to learn from.
        """
        service = self._desk.service(ctx)
        if generation_id:
            return Generations(generations=[_generation_of(await service.get(path_to("library", generation_id)))])
        said = given(text=text, category=category, model=model, favorites=favorites, tag=tag, cursor=cursor)
        found = await service.get("/library", **said, min_rating=min_rating, min_score=min_score, limit=limit)
        return Generations(generations=[_generation_of(one) for one in found["generations"]], cursor=found["next"])

    @tool("Look at the service", READS)
    async def service_status(self, ctx: Context[Any, Any]) -> ServiceStatus:
        """Tell whether the service and its engines are well, and how long the queue is.

        Use it when jobs stay pending, or after an error that blames an engine or the service.
        """
        service = self._desk.service(ctx)
        try:
            return await _status_of(service)
        except ServiceUnreachableError as error:
            return ServiceStatus(status="unreachable", url=service.url, message=f"{error.message}. {error.hint}")


def _validation_of(found: Mapping[str, Any]) -> Validation:
    missing = [
        MissingModel(name=one["file"], folder=one["folder"], nearest=one["nearest"]) for one in found["missing_models"]
    ]
    return Validation(
        status=found["status"],
        workflow_file=found["workflow_file"],
        is_valid=found["is_valid"],
        errors=found["errors"],
        warnings=found["warnings"],
        missing_models=missing,
        next=NextCall(tool="list_models", reason="it says which models there are.") if missing else None,
    )


def _line_of(workflow: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "title", "summary", "source", "output")
    resource = "comfygen:/" + path_to("workflows", workflow["name"])
    return {**{name: workflow[name] for name in names}, "resource": resource}


def _generation_of(found: Mapping[str, Any]) -> GenerationLine:
    names = (
        "generation_id",
        "prompt",
        "negative_prompt",
        "workflow",
        "seed",
        "categories",
        "created",
        "score",
        "passed",
    )
    return GenerationLine.model_validate(
        {
            **{name: found[name] for name in names},
            "is_favorite": found["favorite"] is not None,
            "outputs": outputs_of(found["output"]),
        }
    )


async def _status_of(service: Service) -> ServiceStatus:
    try:
        health = await service.get("/health")
    except ServiceProblemError as error:
        if error.status != 503:
            raise
        return ServiceStatus(status="unhealthy", url=service.url, message="its database does not answer")
    queue, engines = await asyncio.gather(service.get("/queue-info"), service.get("/engines"))
    return ServiceStatus(
        status=health["status"],
        url=service.url,
        version=health["version"],
        message=_said_of(health, engines["engines"]),
        engines=[EngineLine.model_validate(one) for one in engines["engines"]],
        queue_length=queue["queue_size"],
        waiting=queue["waiting"],
        running=queue["running"],
        is_paused=queue["is_paused"],
    )


def _said_of(health: Mapping[str, Any], engines: Sequence[Mapping[str, Any]]) -> str:
    if not health["database_available"]:
        return "its database does not answer"
    if engines and all(one["condition"] == "unknown" for one in engines):
        return "nobody has looked at its engines yet: jobs are accepted, and run as soon as one answers"
    return "" if health["comfyui_available"] else "no engine answers: jobs are accepted, and wait for one"
