"""``comfygen compose``: the options of one composition. What they mean is in `comfy_gen.composition`."""

from __future__ import annotations

from typing import Annotated

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

CATEGORIES, WISHES, PICTURE = "Categories", "What you want besides", "The picture"


def compose(
    text: Annotated[str, typer.Argument(help="What to see, with @tags of categories. Quote it.", show_default=False)],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Make the recipe, and no picture.")] = False,
    explain: Annotated[bool, typer.Option("--explain", "-e", help="Say why it is so, step by step.")] = False,
    max_categories: Annotated[
        int, typer.Option(min=1, max=10, help="So many are used at most.", rich_help_panel=CATEGORIES)
    ] = 3,
    min_confidence: Annotated[
        float,
        typer.Option(min=0, max=1, help="For those that are not named with @.", rich_help_panel=CATEGORIES),
    ] = 0.3,
    tier: Annotated[
        str | None,
        typer.Option(
            metavar="general|mature|explicit",
            help="What the picture may show.",
            show_default="COMFYGEN_POLICY_TIER",
            rich_help_panel=CATEGORIES,
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="A preset of yours: comfygen presets list", rich_help_panel=WISHES)
    ] = None,
    negative_prompt: Annotated[
        str | None, typer.Option("--negative-prompt", "-n", help="What not to see.", rich_help_panel=WISHES)
    ] = None,
    workflow: Annotated[
        str | None,
        typer.Option(
            "--workflow",
            "-w",
            metavar="NAME",
            help="The workflow to paint with; by default one that the recipe's model fits.",
            autocompletion=completion.workflows,
            rich_help_panel=WISHES,
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model file to paint with.", rich_help_panel=WISHES)] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:STRENGTH]", help="A LoRA to add. Repeatable.", rich_help_panel=WISHES),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Sampling steps.", rich_help_panel=WISHES)] = None,
    cfg: Annotated[
        float | None, typer.Option(min=0, help="How closely to follow the prompt.", rich_help_panel=WISHES)
    ] = None,
    width: Annotated[int | None, typer.Option(min=16, help="In pixels.", rich_help_panel=WISHES)] = None,
    height: Annotated[int | None, typer.Option(min=16, help="In pixels.", rich_help_panel=WISHES)] = None,
    seed: Annotated[
        int | None, typer.Option(min=-1, help="Of picture and variants; -1 is random.", rich_help_panel=WISHES)
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
        typer.Option("--output", "-o", metavar="FOLDER", help="Copy the picture there.", rich_help_panel=PICTURE),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for it, or leave it to a worker.", rich_help_panel=PICTURE)
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")] = False,
) -> None:
    """Compose a recipe of a text and the categories that it names or means, and make a picture of it.

    The picture is a job of the durable queue: it is in the library afterwards, and can be made a favorite. Where no
    worker runs, this command is one until the picture is there.

    Where it is judged, it is made again as the options say, and the best take is the picture, whether it passed or
    not. A dry run judges nothing.

    Exit codes: 0 done, 1 the picture failed, 2 refused, 3 done, but the picture did not pass or could not be judged,
    130 interrupted; the job goes on then.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.composing import Asked, Wanted, run  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.pipeline.request import parse_lora  # noqa: PLC0415

        values = {
            "negative_prompt": negative_prompt,
            "workflow": workflow,
            "model": model,
            "loras": [tuple(parse_lora(one)) for one in lora or ()],
            "steps": steps,
            "cfg": cfg,
            "width": width,
            "height": height,
            "seed": seed,
        }
        quality = read_quality(
            validate=validate,
            auto_retry=auto_retry,
            retry_limit=retry_limit,
            retry_strategy=retry_strategy,
            positive_threshold=positive_threshold,
            delta_threshold=delta_threshold,
            best_of=best_of,
        )
        asked = Asked(
            text,
            values,
            preset,
            tier,
            max_categories=max_categories,
            min_confidence=min_confidence,
            quality=quality,
        )
        wanted = Wanted(waits=wait or output is not None, folder=output, as_json=as_json)
        raise typer.Exit(run(asked, wanted, is_dry=dry_run, explains=explain))
