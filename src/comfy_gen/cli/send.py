"""``comfygen send``: one workflow file, as it is or with some values changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.send_options import (  # noqa: TC001  # Typer reads the annotations
    AsJson,
    DryRunGiven,
    EngineGiven,
    JsonProgressGiven,
    OutputGiven,
    RolesGiven,
    TimeoutGiven,
    UpdatesGiven,
)
from comfy_gen.cli.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.pipeline.plan import Plan


def send(
    file: Annotated[str, typer.Argument(help="A workflow in API or UI format, or the name of a template.")],
    *,
    update: UpdatesGiven = None,
    set_role: RolesGiven = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end and save the outputs.")] = False,
    timeout: TimeoutGiven = None,
    output: OutputGiven = None,
    dry_run: DryRunGiven = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the id, or the paths, and nothing else.")] = False,
    as_json: AsJson = False,
    json_progress: JsonProgressGiven = False,
    engine: EngineGiven = None,
) -> None:
    """Send a workflow to the engine, once everything about it has been checked.

    Without --wait it prints the prompt's id and leaves; `comfygen history ID` tells what became of it.
    """
    from comfy_gen.cli import generation  # noqa: PLC0415  # heavy: `--help` must not wait for it
    from comfy_gen.config import read_settings  # noqa: PLC0415
    from comfy_gen.pipeline.plan import plan_file  # noqa: PLC0415
    from comfy_gen.pipeline.postprocess import made_folder  # noqa: PLC0415
    from comfy_gen.workflows.updates import parse_setting, parse_update  # noqa: PLC0415

    with answering(as_json=as_json, as_update=json_progress):
        configured = read_settings()
        updates = [parse_update(text) for text in update or ()]
        settings = [parse_setting(text) for text in set_role or ()]

        def planner(client: AsyncComfyUIClient) -> Awaitable[Plan]:
            checked = configured.workflow.validate_before_send
            return plan_file(client, file, updates=updates, settings=settings, is_checked=checked)

        shown = Shown(quiet=quiet, as_json=as_json, json_progress=json_progress)
        dry_run = dry_run or not configured.workflow.auto_queue
        if wait and output is None:
            output = made_folder(configured.output.output_dir)
        if wait or dry_run:
            code = generation.run(planner, output=output, engine=engine, shown=shown, dry_run=dry_run, timeout=timeout)
        else:
            code = generation.submit(planner, engine=engine, shown=shown)
        raise typer.Exit(code)
