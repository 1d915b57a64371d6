"""Tools that start from a picture that exists: the same again, larger, or repainted."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK reads the annotations when it runs
from pydantic import Field

from comfy_gen.errors import InvalidParameterError
from comfy_gen.mcp.tools import parameters as p
from comfy_gen.mcp.tools.offering import MAKES, tool
from comfy_gen.mcp.tools.orders import generating, given, listed, repeating, running

if TYPE_CHECKING:
    from comfy_gen.mcp.tools.desk import Desk

INPAINT = "sd15-inpaint"
"""The workflow that paints a part of a picture anew, unless another is named."""


class Remaking:
    """What agents can have made of pictures."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @tool("Make it again", MAKES)
    async def rerun(
        self,
        *,
        ctx: Context[Any, Any],
        generation_id: Annotated[
            str,
            Field(min_length=1, max_length=100, description="The job id of a finished picture; see search_library."),
        ],
        prompt: p.Prompt = "",
        negative_prompt: p.Negative = "",
        model: p.Model = "",
        width: p.Side = None,
        height: p.Side = None,
        steps: p.Steps = None,
        cfg: p.Cfg = None,
        sampler: p.Sampler = "",
        scheduler: p.Scheduler = "",
        seed: p.Seed = None,
        loras: p.Loras = None,
        best_of: p.BestOf = None,
        policy_tier: p.TierAsked = None,
        title: p.Title = "",
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
    ) -> p.Answer:
        """Make a picture again, exactly as it was or with changes.

        With the generation_id alone the very same workflow runs with the same seed and models. What else you say is
        changed, and the rest stays: seed -1 for a variation, a prompt for another subject in the same manner, steps or
        width for a better or larger one. Changes need a picture that was made from a prompt or a recipe.

        Answers like generate_image. If status is pending or running, call wait with the prompt_id.
        """
        changes = given(
            prompt=prompt,
            negative_prompt=negative_prompt,
            model=model,
            width=width,
            height=height,
            steps=steps,
            cfg=cfg,
            sampler=sampler,
            scheduler=scheduler,
            seed=seed,
            loras=listed(loras),
            best_of=best_of,
            policy_tier=policy_tier,
            title=title,
        )
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        return await self._desk.made(ctx, repeating(generation_id, changes), waiting)

    @tool("Enlarge a picture", MAKES)
    async def upscale(
        self,
        *,
        ctx: Context[Any, Any],
        image: p.Image,
        scale_by: Annotated[
            float,
            Field(ge=0.1, le=1, description="Of what the model gives: a 4x model with 0.5 makes twice the size."),
        ] = 1.0,
        model: Annotated[
            str, Field(max_length=255, description="From list_models, folder `upscale_models`. Empty: the usual one.")
        ] = "",
        title: p.Title = "",
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
    ) -> p.Answer:
        """Enlarge a picture with an upscaling model, without changing what it shows.

        Use it for a finished picture that should be larger or sharper. To repaint it, use edit_image.

        Answers like generate_image. If status is pending or running, call wait with the prompt_id.
        """
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        inputs = given(scale_by=scale_by, model=model)
        order = running(self._desk.folders, "upscale", inputs, given(title=title), {"image": image})
        return await self._desk.made(ctx, order, waiting)

    @tool("Edit a picture", MAKES)
    async def edit_image(
        self,
        *,
        ctx: Context[Any, Any],
        image: p.Image,
        prompt: p.Prompt,
        mask: p.Mask = "",
        strength: p.Strength = None,
        negative_prompt: p.Negative = "",
        model: p.Model = "",
        workflow: Annotated[
            str, Field(max_length=100, description="A workflow that takes a picture. Empty: one that fits.")
        ] = "",
        steps: p.Steps = None,
        cfg: p.Cfg = None,
        seed: p.Seed = None,
        grow_mask: Annotated[
            int | None, Field(ge=0, le=64, description="Pixels by which the mask is made larger, to blend in.")
        ] = None,
        policy_tier: p.TierAsked = None,
        title: p.Title = "",
        output_path: p.OutputPath = "",
        json_progress: p.JsonProgress = False,
        timeout: p.Timeout = p.WAIT,  # noqa: ASYNC109  # what agents know
    ) -> p.Answer:
        """Repaint a picture after a prompt (img2img), or with a mask a part of it (inpaint).

        The prompt describes the whole picture as it is to be, not the change alone. Without a mask, strength says how
        much may change; with one, only what is white in it is painted anew, by an inpainting model.

        Answers like generate_image. If status is pending or running, call wait with the prompt_id.
        """
        waiting = self._desk.waiting(timeout, output_path, json_progress=json_progress)
        values = given(negative_prompt=negative_prompt, model=model, steps=steps, cfg=cfg, seed=seed)
        said, folders = given(policy_tier=policy_tier, title=title), self._desk.folders
        if mask:
            _check_unsaid("strength", strength, "where there is a mask, and what is white in it is painted anew")
            inputs = {"prompt": prompt, **values, **given(grow_mask=grow_mask), **_drawn(seed)}
            order = running(folders, workflow or INPAINT, inputs, said, {"image": image, "mask": mask})
        else:
            _check_unsaid("grow_mask", grow_mask, "where there is no mask")
            body = {"prompt": prompt, **values, **given(denoise=strength, workflow=workflow), **said}
            order = generating(folders, body, image=image)
        return await self._desk.made(ctx, order, waiting)


def _check_unsaid(name: str, value: object, when: str) -> None:
    """Do nothing, if this was left out.

    Raises:
        InvalidParameterError: it was said.
    """
    if value is not None:
        raise InvalidParameterError(name, value, f"left out {when}")


def _drawn(seed: int | None) -> dict[str, int]:
    """Return a random seed where one is asked for: a workflow's own inputs know no -1."""
    return {"seed": secrets.randbits(32)} if seed in (None, -1) else {}
