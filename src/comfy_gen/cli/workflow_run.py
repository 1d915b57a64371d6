"""``comfygen workflow run``: a workflow that is kept by a name, a shipped one, or a file, from start to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering

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
    set_role: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", metavar="ROLE=VALUE", help="Change a role, such as prompt or seed. Repeatable."),
    ] = None,
    update: Annotated[
        list[str] | None,
        typer.Option("--update", "-u", metavar="NODE.INPUT=VALUE", help="Change one input. Repeatable."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            help="Where to save.",
            show_default="output.output_dir, or outputs",
        ),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, help="Seconds to wait at most; what is not done then is cancelled.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it against the engine; send nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths and nothing else.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")] = False,
    json_progress: Annotated[
        bool, typer.Option("--json-progress", help="Print every progress update as a line of JSON.")
    ] = False,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The ComfyUI to use.", show_default="$COMFYUI_API_BASE or http://127.0.0.1:8188"
        ),
    ] = None,
) -> None:
    """Run a workflow, wait for its end and save what it makes."""
    with answering(as_json=as_json, as_update=json_progress):
        from comfy_gen.cli import generation  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.workflow_source import read_workflow  # noqa: PLC0415
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

        shown = generation.Shown(quiet=quiet, as_json=as_json, json_progress=json_progress)
        place = output or made_folder(settings.output.output_dir)
        code = generation.run(planner, output=place, engine=engine, shown=shown, dry_run=dry_run, timeout=timeout)
        raise typer.Exit(code)
