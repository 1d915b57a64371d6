"""``comfygen generate``: the options of one generation. What they mean is in the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.quality.options import (
    AutoRetryGiven,
    BestOfGiven,
    DeltaThresholdGiven,
    PositiveThresholdGiven,
    RetryLimitGiven,
    RetryStrategyGiven,
    ValidateGiven,
    read_quality,
)
from comfy_gen.cli.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.pipeline.plan import Plan

WHAT, HOW, PICTURE, OUTPUT, ENGINE = "What", "How", "From a picture", "Output", "Engine"


def generate(
    prompt: Annotated[str | None, typer.Argument(help="What to see. Quote it.", show_default=False)] = None,
    *,
    prompt_option: Annotated[str | None, typer.Option("--prompt", "-p", hidden=True)] = None,
    negative_prompt: Annotated[
        str | None, typer.Option("--negative-prompt", "-n", help="What not to see.", rich_help_panel=WHAT)
    ] = None,
    workflow: Annotated[
        str | None,
        typer.Option(
            "--workflow",
            "-w",
            metavar="NAME|PATH",
            help="A template (`comfygen templates`) or an API-format file; by default one that the engine can run.",
            autocompletion=completion.workflows,
            rich_help_panel=WHAT,
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model file to paint with, as the engine lists it.", rich_help_panel=WHAT)
    ] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:STRENGTH]", help="A LoRA to add. Repeatable.", rich_help_panel=WHAT),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="draft|balanced|high-quality",
            help="How much work to spend on it.",
            autocompletion=completion.presets,
            rich_help_panel=HOW,
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Sampling steps.", rich_help_panel=HOW)] = None,
    cfg: Annotated[
        float | None, typer.Option(help="How closely to follow the prompt (Flux: guidance).", rich_help_panel=HOW)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed makes the same picture; -1 is random.", rich_help_panel=HOW)
    ] = None,
    width: Annotated[int | None, typer.Option(help="Pixels, a multiple of 8.", rich_help_panel=HOW)] = None,
    height: Annotated[int | None, typer.Option(help="Pixels, a multiple of 8.", rich_help_panel=HOW)] = None,
    sampler: Annotated[str | None, typer.Option(help="Such as euler or dpmpp_2m.", rich_help_panel=HOW)] = None,
    scheduler: Annotated[str | None, typer.Option(help="Such as normal or karras.", rich_help_panel=HOW)] = None,
    count: Annotated[
        int, typer.Option("--count", "-c", help="How many pictures; seeds count up.", rich_help_panel=HOW)
    ] = 1,
    input_image: Annotated[
        str | None,
        typer.Option(
            "--input-image", "-i", metavar="PATH|URL", help="The picture to start from.", rich_help_panel=PICTURE
        ),
    ] = None,
    resize: Annotated[
        str | None, typer.Option(metavar="WxH", help="Resize the input picture first.", rich_help_panel=PICTURE)
    ] = None,
    crop: Annotated[
        str | None,
        typer.Option(
            metavar="center|cover|contain",
            help="How to resize it to another shape; without, it is stretched.",
            autocompletion=completion.crop_modes,
            rich_help_panel=PICTURE,
        ),
    ] = None,
    denoise: Annotated[
        float | None,
        typer.Option(help="How much of it to paint anew: 0 nothing, 1 everything.", rich_help_panel=PICTURE),
    ] = None,
    from_picture: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PICTURE",
            help="Repeat this picture exactly, from what is stored in it; other options change it.",
            rich_help_panel=PICTURE,
        ),
    ] = None,
    validate: ValidateGiven = False,
    auto_retry: AutoRetryGiven = False,
    retry_limit: RetryLimitGiven = None,
    retry_strategy: RetryStrategyGiven = None,
    positive_threshold: PositiveThresholdGiven = None,
    delta_threshold: DeltaThresholdGiven = None,
    best_of: BestOfGiven = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            help="Where to save; by default ./PROMPT-SEED.png. .jpg and .webp are converted.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Check everything against the engine; generate nothing.", rich_help_panel=OUTPUT
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the paths and nothing else.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON document.", rich_help_panel=OUTPUT)
    ] = False,
    json_progress: Annotated[
        bool,
        typer.Option("--json-progress", help="Print every progress update as a line of JSON.", rich_help_panel=OUTPUT),
    ] = False,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The ComfyUI to use.",
            show_default="$COMFYUI_API_BASE or http://127.0.0.1:8188",
            rich_help_panel=ENGINE,
        ),
    ] = None,
    cancel: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Cancel this prompt, waiting or running, and do nothing else.", rich_help_panel=ENGINE
        ),
    ] = None,
) -> None:
    """Make a picture from a prompt.

    Where pictures are judged, each is made again as the options say, and the best take is saved, whether it passed or
    not; the others stay on the engine alone.

    Exit codes: 0 done, 1 the generation failed, 2 something in the request or the server cannot work, 3 saved, but a
    picture did not pass or could not be judged, 130 interrupted.
    """
    from comfy_gen.cli import generation  # noqa: PLC0415  # heavy: `--help` must not wait for it
    from comfy_gen.pipeline.plan import make_plan  # noqa: PLC0415
    from comfy_gen.pipeline.request import GenerationRequest, parse_lora, parse_size  # noqa: PLC0415

    if prompt is not None and prompt_option not in (None, prompt):
        raise typer.BadParameter("it is given twice, as an argument and as an option", param_hint="PROMPT")
    if cancel == "":
        raise typer.BadParameter("give the id of a prompt", param_hint="--cancel")
    with answering(as_json=as_json, as_update=json_progress):
        if cancel is not None:
            raise typer.Exit(generation.cancel(cancel, engine=engine, as_json=as_json, quiet=quiet))
        request = GenerationRequest(
            prompt=prompt if prompt is not None else prompt_option,
            negative_prompt=negative_prompt,
            workflow=workflow,
            from_picture=from_picture,
            model=model,
            steps=steps,
            cfg=cfg,
            seed=seed,
            width=width,
            height=height,
            sampler=sampler,
            scheduler=scheduler,
            denoise=denoise,
            loras=tuple(parse_lora(text) for text in lora or ()),
            preset=preset,
            input_image=input_image,
            resize=parse_size(resize) if resize else None,
            crop=crop,
            count=count,
        )
        quality = read_quality(
            validate=validate,
            auto_retry=auto_retry,
            retry_limit=retry_limit,
            retry_strategy=retry_strategy,
            positive_threshold=positive_threshold,
            delta_threshold=delta_threshold,
            best_of=best_of,
        )
        if not (request.prompt or workflow or from_picture):
            raise typer.BadParameter('say what to see: comfygen generate "a lighthouse at dusk"', param_hint="PROMPT")
        shown = Shown(quiet=quiet, as_json=as_json, json_progress=json_progress)

        def planner(client: AsyncComfyUIClient) -> Awaitable[Plan]:
            return make_plan(client, request)

        code = generation.run(planner, output=output, engine=engine, dry_run=dry_run, shown=shown, quality=quality)
        raise typer.Exit(code)
