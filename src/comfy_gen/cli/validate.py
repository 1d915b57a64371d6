"""``comfygen validate``: everything that is wrong with a workflow, before an engine is troubled with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import EXIT_CONFIG_ERROR, answering, print_json

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow


def validate(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A workflow in API format, a picture that carries one, or a shipped template's name.",
            autocompletion=completion.workflows,
        ),
    ],
    *,
    engine: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Check against this ComfyUI's nodes and models; without, the graph alone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as one JSON document.")] = False,
) -> None:
    """Say everything that is wrong with a workflow; exit code 2 when there is something.

    Without --engine, what any engine would refuse: links to nowhere, circles, nodes without a class.
    """
    from comfy_gen.cli.sources import ask_engine  # noqa: PLC0415  # heavy: `--help` must not wait for it
    from comfy_gen.workflows.manager import WorkflowManager  # noqa: PLC0415

    with answering(as_json=as_json):
        workflow = _read(file)
        declared = None if engine is None else ask_engine(engine)
        is_valid, errors = WorkflowManager().validate_workflow(workflow, engine=declared)
    if as_json:
        print_json({"valid": is_valid, "errors": errors, "engine": engine})
    else:
        _print(file, errors, engine)
    if not is_valid:
        raise typer.Exit(EXIT_CONFIG_ERROR)


def _read(file: str) -> Workflow:
    """Read a graph whose nodes may have any shape: what is wrong with each of them is what is asked for."""
    import json  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from comfy_gen.errors import WorkflowFormatError  # noqa: PLC0415
    from comfy_gen.pipeline.sources import read_graph  # noqa: PLC0415
    from comfy_gen.workflows.checks.structure import check_structure  # noqa: PLC0415
    from comfy_gen.workflows.files import read_text  # noqa: PLC0415

    try:
        return read_graph(file)
    except WorkflowFormatError as error:
        try:
            data: Any = json.loads(read_text(Path(file)))
        except RecursionError:
            raise error from None
        if not isinstance(data, dict) or not check_structure(cast("Workflow", data)):
            raise
        return cast("Workflow", data)


def _print(file: str, errors: list[str], engine: str | None) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    if not errors:
        said = (
            f"for {engine}." if engine else "as a graph; --engine URL tells whether an engine has its nodes and models."
        )
        console.print(Text(f"{file} is valid {said}"), soft_wrap=True)
        return
    console.print(Text(f"{file} has {len(errors)} problem{'s' * (len(errors) > 1)}:"), soft_wrap=True)
    for error in errors:
        console.print(Text(f"  - {error}"), soft_wrap=True)
