"""Tools that make pictures: each has a job accepted, waits for it as long as a call may, and shows what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK reads the annotations when it runs
from pydantic import Field

from comfy_gen.mcp.results import composed_of, dry_run_of
from comfy_gen.mcp.tools import parameters as p
from comfy_gen.mcp.tools.desk import answer_of
from comfy_gen.mcp.tools.offering import MAKES, tool
from comfy_gen.mcp.tools.orders import generating, given, listed, named, running

if TYPE_CHECKING:
    from comfy_gen.mcp.tools.desk import Desk


class Making:
    """What agents can have made."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @tool("Generate an image", MAKES)
    async def generate_image(
        self,
        *,
        ctx: Context[Any, Any],
        prompt: p.Prompt,
        negative_prompt: p.Negative = "",
        model: p.Model = "",
        workflow: p.Workflow = "",
        width: p.Side = None,
        height: p.Side = None,
        steps: p.Steps = None,
        cfg: p.Cfg = None,
        sampler: p.Sampler = "",
        scheduler: p.Scheduler = "",
        seed: p.Seed = None,
        loras: p.Loras = None,
        preset: p.Preset = "",
        best_of: p.BestOf = None,
        validate: p.Validate = False,
        auto_retry: p.AutoRetry = False,
        policy_tier: p.TierAsked = None,
        title: p.Title = "",
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
    ) -> p.Answer:
        """Make a picture from a prompt.

        Use it when you know what the picture shows; everything but the prompt is optional and best left out unless
        somebody asked for it. For plain words that should become a good prompt and settings, use compose. To change a
        picture that exists, use edit_image; to make one again with changes, use rerun.

        Answers with the picture, its url, its outputs and prompt_id once it is done. If it is not done within the
        timeout, status is pending or running: call wait with the prompt_id. The job goes on in any case.
        """
        said = given(
            negative_prompt=negative_prompt,
            model=model,
            workflow=workflow,
            width=width,
            height=height,
            steps=steps,
            cfg=cfg,
            sampler=sampler,
            scheduler=scheduler,
            seed=seed,
            loras=listed(loras),
            preset=preset,
            best_of=best_of,
            validate=validate,
            auto_retry=auto_retry,
            policy_tier=policy_tier,
            title=title,
        )
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        return await self._desk.made(ctx, generating(self._desk.folders, {"prompt": prompt, **said}), waiting)

    @tool("Run a workflow", MAKES)
    async def generate_from_workflow(
        self,
        *,
        ctx: Context[Any, Any],
        workflow: Annotated[str, Field(min_length=1, max_length=100, description="A name from list_workflows.")],
        parameters: Annotated[
            dict[str, Any] | None,
            Field(
                description="Values by the names that describe_workflow tells; what is left out stays as the workflow"
                " has it. Pictures: what upload_image answered as image, a URL, or comfygen://artifacts/{id}."
            ),
        ] = None,
        preset: p.Preset = "",
        policy_tier: p.TierAsked = None,
        title: p.Title = "",
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
    ) -> p.Answer:
        """Run a workflow by its name with named parameters: pictures, videos, whatever it makes.

        Use it for what generate_image cannot do, such as videos or a workflow that somebody saved. Call
        describe_workflow first: it has the names, types and bounds of the parameters, and the presets.

        Answers like generate_image: with the outputs once it is done, else with the prompt_id to call wait with.
        """
        said = given(preset=preset, policy_tier=policy_tier, title=title)
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        order = running(self._desk.folders, workflow, parameters or {}, said)
        return await self._desk.made(ctx, order, waiting)

    @tool("Compose a picture", MAKES)
    async def compose(
        self,
        *,
        ctx: Context[Any, Any],
        input: Annotated[  # noqa: A002  # the name that the service has for it
            str,
            Field(
                min_length=1,
                max_length=10_000,
                description="What to see, in plain words; @portrait or another id of list_categories names a category.",
            ),
        ],
        dry_run: Annotated[bool, Field(description="Make the recipe alone, and no picture.")] = False,
        max_categories: Annotated[int, Field(ge=1, le=10, description="So many are used at most.")] = 3,
        min_confidence: Annotated[
            float, Field(ge=0, le=1, description="How surely the words must mean a category that has no @.")
        ] = 0.3,
        negative_prompt: p.Negative = "",
        model: p.Model = "",
        workflow: p.Workflow = "",
        width: p.Side = None,
        height: p.Side = None,
        steps: p.Steps = None,
        cfg: p.Cfg = None,
        seed: p.Seed = None,
        loras: p.Loras = None,
        preset: p.Preset = "",
        policy_tier: p.TierAsked = None,
        title: p.Title = "",
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
    ) -> p.ComposedAnswer:
        """Turn plain words into a full recipe (prompts, model, LoRAs, settings) by categories, and make its picture.

        Use it when somebody says what they want to see and leaves the craft to you. With dry_run it shows what would be
        done and why, and makes nothing: then change the words, or call generate_image with a prompt made of the
        recipe. What you say beside the input wins over what categories say.

        Answers with recipe, recipe_id, categories_used and explanation; and without dry_run with all that
        generate_image answers. If status is pending or running, call wait with the prompt_id.
        """
        said = given(
            max_categories=max_categories,
            min_confidence=min_confidence,
            negative_prompt=negative_prompt,
            model=model,
            workflow=workflow,
            width=width,
            height=height,
            steps=steps,
            cfg=cfg,
            seed=seed,
            loras=listed(loras),
            preset=preset,
            policy_tier=policy_tier,
            title=title,
        )
        body = {"input": input, **said}
        if dry_run:
            service = self._desk.service(ctx)
            found = await service.post("/compose", {**await named(service, body), "dry_run": True})
            return answer_of(dry_run_of(found, body), [])
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        order = generating(self._desk.folders, body, path="/compose")
        return await self._desk.made(ctx, order, waiting, dress=composed_of)
