"""``comfygen templates``: the workflows that are shipped, what each takes and which models it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering, print_json

if TYPE_CHECKING:
    from comfy_gen.workflows.template import Template


WIDE = 90
"""Columns that a terminal must have for the models to be in the table too."""


def templates(
    name: Annotated[
        str | None, typer.Argument(help="One template, to see all of it.", autocompletion=completion.workflows)
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the cards as JSON.")] = False,
) -> None:
    """List the shipped workflows, or show one with its parameters and models."""
    from comfy_gen.workflows.catalogue import load_template, template_names  # noqa: PLC0415  # only when asked

    with answering(as_json=as_json):
        if name is not None:
            template = load_template(name)
            print_json(template.as_card()) if as_json else _print_one(template)
            return
        all_of_them = [load_template(one) for one in template_names()]
        print_json([template.as_card() for template in all_of_them]) if as_json else _print_all(all_of_them)


def _print_all(shown: list[Template]) -> None:
    from rich.console import Console  # noqa: PLC0415  # only when asked
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("template", style="bold", no_wrap=True)
    console = Console()
    table.add_column("makes", no_wrap=True)
    table.add_column("what", overflow="fold")
    if console.width >= WIDE:
        table.add_column("model", overflow="fold", style="dim")
    for template in shown:
        cells = (template.name, template.output, template.summary, template.models[0].file)
        table.add_row(*cells[: len(table.columns)])
    console.print(table)


def _print_one(template: Template) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    console.print(f"[bold]{template.title or template.name}[/]\n{template.summary}\n", highlight=False)
    parameters = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("parameter", "default", "must be", "what"):
        parameters.add_column(heading, overflow="fold")
    for parameter in template.parameters:
        default = "" if parameter.default is None else str(parameter.default)
        parameters.add_row(parameter.name, default, parameter.expected, parameter.description)
    console.print(parameters)
    models = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("model file", "folder", "from"):
        models.add_column(heading, overflow="fold")
    for need in template.models:
        models.add_row(need.file, f"models/{need.folder}", need.page)
    console.print("\n", models)
