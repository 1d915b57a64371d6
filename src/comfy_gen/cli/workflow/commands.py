"""``comfygen workflow``: what is in a file, what can be set there, how two differ, and the way to API format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import EXIT_FAILURE, answering, print_json
from comfy_gen.cli.workflow.import_command import import_workflow
from comfy_gen.cli.workflow.run import run_workflow
from comfy_gen.cli.workflow.saved import list_workflows, remove_workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table
    from rich.text import Text

    from comfy_gen.workflows.convert import Conversion
    from comfy_gen.workflows.diff import Difference
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.parameter import Parameter

app = typer.Typer(
    help="Import, keep and run workflows; look into files, compare and convert them.", no_args_is_help=True
)
app.command("import")(import_workflow)
app.command("run")(run_workflow)
app.command("list")(list_workflows)
app.command("remove")(remove_workflow)

FILE_HELP = "A workflow in API format, a picture that carries one, or a shipped template's name."
File = Annotated[str, typer.Argument(metavar="FILE", help=FILE_HELP, autocompletion=completion.workflows)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as one JSON document.")]
NARROW = 100
"""Columns that a terminal must have for classes and roles to be in the table of parameters too."""
_CHOICES_SHOWN = 8
_MARKS = {"-": "red", "+": "green", "~": "yellow"}


@app.command()
def info(file: File, *, as_json: AsJson = False) -> None:
    """Show what a workflow is made of, what it makes, and which models it needs."""
    from comfy_gen.pipeline.sources import read_graph  # noqa: PLC0415  # heavy: `--help` must not wait for it
    from comfy_gen.workflows.manager import WorkflowManager  # noqa: PLC0415

    with answering(as_json=as_json):
        facts = WorkflowManager().get_workflow_info(read_graph(file))
        print_json(facts) if as_json else _print_rows(_info_rows(facts))


@app.command()
def params(
    file: File,
    *,
    engine: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this ComfyUI for types, ranges and choices.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every input that can be set, with its value, as `send --update NODE.INPUT=VALUE` takes it."""
    from comfy_gen.cli.sources import ask_engine  # noqa: PLC0415
    from comfy_gen.pipeline.sources import read_graph  # noqa: PLC0415
    from comfy_gen.workflows.holes import settable_inputs  # noqa: PLC0415

    with answering(as_json=as_json):
        workflow = read_graph(file)
        inputs = settable_inputs(workflow, ask_engine(engine) if engine else None)
        if as_json:
            print_json([_param_json(workflow, one) for one in inputs])
        else:
            _print_params(workflow, inputs, with_limits=engine is not None)


@app.command()
def diff(before: File, after: File, *, as_json: AsJson = False) -> None:
    """Show in what two workflows differ, whatever their nodes are numbered; exit code 1 when they do."""
    from comfy_gen.pipeline.sources import read_graph  # noqa: PLC0415
    from comfy_gen.workflows.diff import diff_workflows  # noqa: PLC0415

    with answering(as_json=as_json):
        graphs = read_graph(before), read_graph(after)
        found = diff_workflows(*graphs)
        print_json(_diff_json(graphs, found)) if as_json else _print_diff(graphs, found)
    if found:
        raise typer.Exit(EXIT_FAILURE)


@app.command()
def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What ComfyUI's “Save” wrote, or a picture it made.")],
    *,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write; by default it is printed.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The ComfyUI that knows the nodes; by default COMFYUI_API_BASE."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make API format, which a server can run, of the format that ComfyUI's editor saves.

    Exit code 1 when something could not be converted; what could be is written all the same.
    """
    from comfy_gen.cli.sources import convert_file  # noqa: PLC0415
    from comfy_gen.workflows.files import save_workflow  # noqa: PLC0415

    with answering(as_json=as_json):
        conversion = convert_file(file, engine)
        if output is not None:
            save_workflow(conversion.workflow, output)
        if as_json:
            print_json(_conversion_json(conversion, output))
        else:
            _print_conversion(file, conversion, output)
    if conversion.problems:
        raise typer.Exit(EXIT_FAILURE)


def _conversion_json(conversion: Conversion, output: str | None) -> dict[str, Any]:
    return {
        "workflow": conversion.workflow,
        "problems": [str(problem) for problem in conversion.problems],
        "notes": [str(note) for note in conversion.notes],
        "output": output,
    }


def _print_conversion(file: str, conversion: Conversion, output: str | None) -> None:
    for problem in conversion.problems:
        typer.echo(f"{file}: {problem}", err=True)
    for note in conversion.notes:
        typer.echo(f"{file}: note: {note}", err=True)
    if output is None:
        print_json(conversion.workflow)
    else:
        typer.echo(f"saved {output}")


def _info_rows(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    counted = sorted(facts["node_types"].items(), key=lambda item: (-item[1], item[0]))
    yield "nodes", f"{facts['total_nodes']}, with {facts['links']} links"
    yield "", ", ".join(name if count == 1 else f"{count} {name}" for name, count in counted)
    roles: dict[str, Any] = facts["roles"]
    size = {"size": f"{roles['width']}x{roles['height']}"} if {"width", "height"} <= roles.keys() else {}
    files = {"models", "loras"}
    for name, value in (roles | size).items():
        if name not in files and not (size and name in ("width", "height")):
            yield name, str(value)
    for use in facts["models"]:
        if use["folder"] != "loras":
            yield "needs", f"{use['folder']}/{use['name']} ({use['node_id']}.{use['input_name']})"
    for lora in facts["loras"]:
        strength = "" if lora["strength"] is None else f" at {lora['strength']}"
        yield "LoRA", f"{lora['name']}{strength} ({lora['node_id']})"


def _print_rows(rows: Iterator[tuple[str, str]]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(value))
    Console().print(table)


def _param_json(workflow: Workflow, parameter: Parameter) -> dict[str, Any]:
    slot = parameter.slots[0]
    card = parameter.as_card()
    where = {"node_id": slot.node_id, "input_name": slot.input_name, "class_type": _class_of(workflow, slot.node_id)}
    return (
        where
        | {"value": slot.value(workflow)}
        | {name: card[name] for name in card if name not in ("slots", "default")}
    )


def _print_params(workflow: Workflow, inputs: list[Parameter], *, with_limits: bool) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    is_wide = console.width >= NARROW
    headings = ["input", "value", "must be" if with_limits else "type", *(["node", "role"] if is_wide else [])]
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for one in inputs:
        _add_param(table, workflow, one, with_limits=with_limits)
    console.print(table)


def _add_param(table: Table, workflow: Workflow, one: Parameter, *, with_limits: bool) -> None:
    from rich.text import Text  # noqa: PLC0415

    slot = one.slots[0]
    kind = _limits(one) if with_limits else one.type
    cells = [one.name, _said(slot.value(workflow)), kind, _class_of(workflow, slot.node_id), one.role or ""]
    table.add_row(*(Text(cell) for cell in cells[: len(table.columns)]))


def _limits(parameter: Parameter) -> str:
    from comfy_gen.errors import listing  # noqa: PLC0415

    if not parameter.choices:
        return parameter.expected
    return f"one of {listing([*map(str, parameter.choices)], limit=_CHOICES_SHOWN)}"


def _class_of(workflow: Workflow, node_id: str) -> str:
    return workflow[node_id]["class_type"]


def _said(value: object) -> str:
    """Return a value as it stands in JSON; a text as it is."""
    import json  # noqa: PLC0415

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _diff_json(graphs: tuple[Workflow, Workflow], found: Difference) -> dict[str, Any]:
    def nodes(workflow: Workflow, ids: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"node_id": node_id, "class_type": _class_of(workflow, node_id)} for node_id in ids]

    changed = [
        {
            "node_id": change.before_id,
            "node_id_after": change.after_id,
            "class_type": change.class_type,
            "inputs": [one.as_json() for one in change.inputs],
        }
        for change in found.changed
    ]
    return {
        "differs": bool(found),
        "removed": nodes(graphs[0], found.removed),
        "added": nodes(graphs[1], found.added),
        "changed": changed,
        "renumbered": found.renumbered,
    }


def _print_diff(graphs: tuple[Workflow, Workflow], found: Difference) -> None:
    from rich.console import Console  # noqa: PLC0415

    console = Console()
    if not found:
        ids = f"; {len(found.renumbered)} nodes have other ids" if found.renumbered else ""
        console.print(f"No difference{ids}.", highlight=False)
    for line in _diff_lines(graphs, found):
        console.print(line, overflow="fold")


def _diff_lines(graphs: tuple[Workflow, Workflow], found: Difference) -> Iterator[Text]:
    for node_id in found.removed:
        yield _marked("-", f"{node_id} {_class_of(graphs[0], node_id)}")
    for node_id in found.added:
        yield _marked("+", f"{node_id} {_class_of(graphs[1], node_id)}")
    for change in found.changed:
        moved = f" (now {change.after_id})" if change.after_id != change.before_id else ""
        yield _marked("~", f"{change.before_id} {change.class_type}{moved}")
        for one in change.inputs:
            sides = _side(graphs[0], one.before), _side(graphs[1], one.after)
            yield _marked(" ", f"  {one.name}: {sides[0]} → {sides[1]}")


def _marked(mark: str, words: str) -> Text:
    from rich.text import Text  # noqa: PLC0415

    return Text(f"{mark} {words}", style=_MARKS.get(mark, ""))


def _side(workflow: Workflow, side: tuple[Any, ...]) -> str:
    import json  # noqa: PLC0415

    from comfy_gen.workflows.graph import is_link  # noqa: PLC0415

    if not side:
        return "(not there)"
    value = side[0]
    if is_link(value) and value[0] in workflow:
        return f"output {value[1]} of {value[0]} ({_class_of(workflow, value[0])})"
    return json.dumps(value, ensure_ascii=False)
