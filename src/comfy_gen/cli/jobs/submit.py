"""``comfygen jobs submit``: accepts workflows into the durable queue, and waits for them if that is wanted."""

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

WHAT, HOW, AFTER = "What", "How", "Afterwards"


def submit(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…",
            help="Workflows in API or UI format, pictures that carry one, or templates by name.",
            autocompletion=completion.workflows,
        ),
    ],
    *,
    update: Annotated[
        list[str] | None,
        typer.Option(
            "--update", "-u", metavar="NODE.INPUT=VALUE", help="Change one input. Repeatable.", rich_help_panel=WHAT
        ),
    ] = None,
    set_role: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="ROLE=VALUE",
            help="Change a role, such as prompt or seed. Repeatable.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    count: Annotated[
        int,
        typer.Option("--count", "-n", help="So many jobs of each file, with seeds counting up.", rich_help_panel=WHAT),
    ] = 1,
    check: Annotated[
        bool,
        typer.Option("--check/--no-check", help="Check it against an engine, if one answers.", rich_help_panel=WHAT),
    ] = True,
    priority: Annotated[int, typer.Option(help="From -100 to 100; the highest goes first.", rich_help_panel=HOW)] = 0,
    owner: Annotated[
        str, typer.Option(metavar="NAME", help="Whose job it is: owners take turns.", rich_help_panel=HOW)
    ] = "",
    tag: Annotated[
        list[str] | None,
        typer.Option(help="Only an engine with this tag may run it. Repeatable.", rich_help_panel=HOW),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="The Idempotency-Key: what is sent again under the same key is the same job.", rich_help_panel=HOW
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="What to call it.", show_default="the file's name", rich_help_panel=HOW)
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Kept with it, for you. Repeatable.", rich_help_panel=HOW),
    ] = None,
    validate: ValidateGiven = False,
    auto_retry: AutoRetryGiven = False,
    retry_limit: RetryLimitGiven = None,
    retry_strategy: RetryStrategyGiven = None,
    positive_threshold: PositiveThresholdGiven = None,
    delta_threshold: DeltaThresholdGiven = None,
    best_of: BestOfGiven = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Told when it has ended.", show_default="WEBHOOK_URL, if set", rich_help_panel=AFTER
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Watch it to its end; say where its files are.", rich_help_panel=AFTER)
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Wait, and copy the files there.", rich_help_panel=AFTER),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the ids, or the paths, and nothing else.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")] = False,
) -> None:
    """Accept workflows into the durable queue. Once this returns, they survive whatever happens.

    A worker runs them: `comfygen worker`. No engine need be up for a workflow in API format.

    Where pictures are judged, each job makes them again as the options say, and the best take is its result, whether
    it passed or not. The worker has to have what judges them.

    Exit codes: 0 accepted (with --wait: all completed), 1 not all completed, 2 refused, 3 all completed, but pictures
    did not pass or could not be judged, 130 interrupted; the jobs go on then.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.submission import Asked, read_pairs  # noqa: PLC0415
        from comfy_gen.cli.jobs.submitting import Wanted, submit_files  # noqa: PLC0415
        from comfy_gen.workflows.updates import parse_setting, parse_update  # noqa: PLC0415

        asked = Asked(
            updates=tuple(parse_update(text) for text in update or ()),
            settings=tuple(parse_setting(text) for text in set_role or ()),
            count=count,
            priority=priority,
            owner=owner,
            tags=frozenset(tag or ()),
            key=key,
            webhook=webhook,
            title=title,
            metadata=read_pairs(metadata or ()),
            is_checked=check,
            quality=read_quality(
                validate=validate,
                auto_retry=auto_retry,
                retry_limit=retry_limit,
                retry_strategy=retry_strategy,
                positive_threshold=positive_threshold,
                delta_threshold=delta_threshold,
                best_of=best_of,
            ),
        )
        wanted = Wanted(waits=wait or output is not None, folder=output, quiet=quiet, as_json=as_json)
        raise typer.Exit(ask(lambda queue: submit_files(queue, files, asked, wanted)))
