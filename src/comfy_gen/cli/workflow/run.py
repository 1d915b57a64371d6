"""``comfygen workflow run``: a workflow that is kept by a name, a shipped one, or a file, from start to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion
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
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.pipeline.plan import Plan


def run_workflow(
    workflow: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A name of `comfygen workflow list` or `comfygen templates`, or a file in API or UI format.",
            autocompletion=completion.all_workflows,
        ),
    ],
    *,
    set_role: RolesGiven = None,
    update: UpdatesGiven = None,
    output: OutputGiven = None,
    timeout: TimeoutGiven = None,
    dry_run: DryRunGiven = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths and nothing else.")] = False,
    as_json: AsJson = False,
    json_progress: JsonProgressGiven = False,
    engine: EngineGiven = None,
) -> None:
    """Run a workflow, wait for its end and save what it makes."""
    with answering(as_json=as_json, as_update=json_progress):
        from comfy_gen.cli import generation  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.workflow.source import read_workflow  # noqa: PLC0415
        from comfy_gen.config import read_settings  # noqa: PLC0415
        from comfy_gen.pipeline.plan import plan_graph  # noqa: PLC0415
        from comfy_gen.pipeline.postprocess import made_folder  # noqa: PLC0415
        from comfy_gen.workflows.updates import parse_setting, parse_update  # noqa: PLC0415

        settings = read_settings()
        updates = [parse_update(text) for text in update or ()]
        roles = [parse_setting(text) for text in set_role or ()]

        async def planner(client: AsyncComfyUIClient) -> Plan:
            conversion = await read_workflow(client, workflow)
            checked = settings.workflow.validate_before_send
            return await plan_graph(client, workflow, conversion, updates=updates, settings=roles, is_checked=checked)

        shown = Shown(quiet=quiet, as_json=as_json, json_progress=json_progress)
        place = output or made_folder(settings.output.output_dir)
        code = generation.run(planner, output=place, engine=engine, shown=shown, dry_run=dry_run, timeout=timeout)
        raise typer.Exit(code)
