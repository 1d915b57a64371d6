"""``comfygen config``: each value of the configuration and where it came from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comfy_gen.cli.failures import EXIT_FAILURE, answering, print_json

if TYPE_CHECKING:
    from comfy_gen.config import Configuration

app = typer.Typer(name="config", help="Show what is set, and where.", no_args_is_help=True)

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Read this file.", show_default="$COMFYGEN_CONFIG or ./config.yaml"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def show(*, as_json: AsJson = False, file: ConfigFile = None) -> None:
    """List every value and where it came from: default, file and line, environment variable.

    Secrets are masked.
    """
    from comfy_gen.config import read_configuration  # noqa: PLC0415  # only when asked

    with answering(as_json=as_json):
        configuration = read_configuration(file=file)
        print_json(_as_json(configuration)) if as_json else _print(configuration)


@app.command()
def path(*, as_json: AsJson = False, file: ConfigFile = None) -> None:
    """Print which file is read; exit code 1 if there is none."""
    from comfy_gen.config import find_file  # noqa: PLC0415  # only when asked

    found = find_file(file=file)
    if as_json:
        print_json({"file": None if found is None else str(found.absolute())})
    elif found is None:
        sys.stderr.write("There is no config.yaml here, and COMFYGEN_CONFIG names none: the defaults hold.\n")
    else:
        typer.echo(found.absolute())
    raise typer.Exit(EXIT_FAILURE if found is None else 0)


def _as_json(configuration: Configuration) -> dict[str, Any]:
    from comfy_gen.config import masked_address  # noqa: PLC0415  # only when asked

    return {
        "file": None if configuration.file is None else str(configuration.file.absolute()),
        "engine": masked_address(configuration.settings.engine_url),
        "values": {
            name: {
                "value": value.shown,
                "source": value.origin.source.name.lower(),
                "from": str(value.origin),
            }
            for name, value in configuration.values.items()
        },
    }


def _print(configuration: Configuration) -> None:
    from rich.console import Console  # noqa: PLC0415  # only when asked
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from comfy_gen.config import masked_address  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("key", "value", "from"):
        table.add_column(heading, overflow="fold")
    for name, value in configuration.values.items():
        style = "dim" if value.is_default else ""
        table.add_row(name, Text(_said(value.shown)), Text(str(value.origin)), style=style)
    console = Console()
    console.print(table)
    said = f"\nThe engine is {masked_address(configuration.settings.engine_url)}"
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def _said(value: object) -> str:
    """Return a value as one would write it into the file."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
