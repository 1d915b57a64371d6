"""``comfygen batch``: the options of many jobs over one engine or several. What they mean is in ``comfy_gen.batch``."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli.failures import answering

WHAT, HOW, OUTPUT, ENGINE = "What", "How", "Output", "Engine"


def batch(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DIR|FILE…", help="Workflows in API format, folders of them, or templates.", show_default=False
        ),
    ] = None,
    *,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="Try all of these: seed=1..20, cfg=5,7,9, prompt=@file.txt, 3.steps=10..30..10. "
            "Repeatable; every combination is run.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="For every job, a role such as seed or prompt, or NODE.INPUT. Repeatable.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="A job for each line; the columns are roles, NODE.INPUT, `workflow` and `job`.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            help="Jobs at a time with each engine.", show_default="batch.max_concurrent, or 3", rich_help_panel=HOW
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How long a job may run, or stand still in an engine's queue.",
            show_default="comfyui.timeout, or 300",
            rich_help_panel=HOW,
        ),
    ] = None,
    retries: Annotated[
        int | None,
        typer.Option(
            help="How often to try again where an engine is to blame.",
            show_default="batch.max_retries, or 3",
            rich_help_panel=HOW,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Run only what failed or is missing.", rich_help_panel=HOW)
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Where to save, as JOB-1.png and so on.",
            show_default="output.output_dir, or outputs",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the paths and nothing else.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as one JSON document.", rich_help_panel=OUTPUT)
    ] = False,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="A ComfyUI to use. Repeatable.",
            show_default="$COMFYUI_API_BASE or http://127.0.0.1:8188",
            rich_help_panel=ENGINE,
        ),
    ] = None,
) -> None:
    """Run many workflows, over several engines if there are any, and save what they make.

    A job that fails through an engine's fault is tried again on another one. What was done is recorded in batch.jsonl
    beside the results, so that --resume runs the rest.

    Exit codes: 0 all done, 1 some failed, 2 something in the request or the server cannot work, 130 interrupted.
    """
    with answering(as_json=as_json):
        from comfy_gen.batch.change import parse_change  # noqa: PLC0415  # --help must not wait for all this
        from comfy_gen.batch.plan import BatchRequest, make_jobs, read_sheet, read_variation  # noqa: PLC0415
        from comfy_gen.cli import batching  # noqa: PLC0415

        rows = {"rows": read_sheet(sheet)} if sheet else {}
        request = BatchRequest(
            files=tuple(files or ()),
            settings=tuple(parse_change(text, "set") for text in settings or ()),
            variations=tuple(read_variation(text) for text in vary or ()),
            **rows,
        )
        wanted = batching.Wanted(
            engines=tuple(engine or ()),
            folder=output,
            concurrency=concurrency,
            timeout=timeout,
            retries=retries,
            resume=resume,
            quiet=quiet,
            as_json=as_json,
        )
        raise typer.Exit(batching.run(make_jobs(request), wanted))
