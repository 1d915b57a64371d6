"""The options that ask something of the pictures: the same wherever pictures are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion

if TYPE_CHECKING:
    from comfy_gen.validation.quality import Quality

QUALITY = "Quality"

ValidateGiven = Annotated[
    bool,
    typer.Option(
        "--validate",
        help="Judge the pictures: flaws, and how well they fit the prompt. The options below do so, too.",
        rich_help_panel=QUALITY,
    ),
]
AutoRetryGiven = Annotated[
    bool, typer.Option("--auto-retry", help="Make what does not pass again.", rich_help_panel=QUALITY)
]
RetryLimitGiven = Annotated[
    int | None,
    typer.Option(
        "--retry-limit",
        metavar="N",
        help="So many takes at most until one passes, with the first.",
        show_default="3",
        rich_help_panel=QUALITY,
    ),
]
RetryStrategyGiven = Annotated[
    str | None,
    typer.Option(
        "--retry-strategy",
        metavar="NAME",
        help="What a retry changes. progressive: steps, cfg and seed; seed_search: the seed alone; prompt_enhance:"
        " words of the prompt, and the seed.",
        show_default="progressive",
        autocompletion=completion.strategies,
        rich_help_panel=QUALITY,
    ),
]
PositiveThresholdGiven = Annotated[
    float | None,
    typer.Option(
        "--positive-threshold",
        metavar="X",
        help="The similarity to the prompt from which a picture passes, from 0 to 1.",
        show_default="what was learnt for the model, or is usual",
        rich_help_panel=QUALITY,
    ),
]
DeltaThresholdGiven = Annotated[
    float | None,
    typer.Option(
        "--delta-threshold",
        metavar="X",
        help="By how much it must be nearer to the prompt than to the negative one.",
        rich_help_panel=QUALITY,
    ),
]
BestOfGiven = Annotated[
    int | None,
    typer.Option(
        "--best-of",
        metavar="N",
        help="Make N takes of each picture, each with another seed, and keep the best.",
        rich_help_panel=QUALITY,
    ),
]


def read_quality(
    *,
    validate: bool,
    auto_retry: bool,
    retry_limit: int | None,
    retry_strategy: str | None,
    positive_threshold: float | None,
    delta_threshold: float | None,
    best_of: int | None,
) -> Quality | None:
    """Return what the options ask of the pictures; None where nobody is to look at them.

    Raises:
        InvalidParameterError: values are outside what can work.
    """
    from comfy_gen.validation.quality import quality_of  # noqa: PLC0415  # heavy: `--help` must not wait for it

    return quality_of(
        validate=validate or None,
        auto_retry=auto_retry or None,
        retry_limit=retry_limit,
        retry_strategy=retry_strategy,
        positive_threshold=positive_threshold,
        delta_threshold=delta_threshold,
        best_of=best_of,
    )
