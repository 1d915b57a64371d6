"""``comfygen categories``: what recipes are composed of."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="List, check and make the categories that recipes are composed of.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The category.", autocompletion=completion.categories)]
KIND = "subject, setting, modifier or style"


@app.command("list")
def list_categories(
    *,
    kind: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help=f"Those of this type: {KIND}.", autocompletion=completion.kinds),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(
            metavar="TIER",
            help="Those that this tier allows: general, mature, explicit.",
            autocompletion=completion.tiers,
        ),
    ] = None,
    search: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Those with these words in keywords, name or description.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the categories: those that ship, and those of your folder."""
    with answering(as_json=as_json):
        from comfy_gen.cli.categories import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.list_them(kind, tier, search, as_json=as_json)


@app.command()
def show(
    category_id: Id,
    *,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print its file as it is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show all that a category brings to a picture, and the file that says so."""
    with answering(as_json=as_json):
        from comfy_gen.cli.categories import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.show(category_id, as_yaml=as_yaml, as_json=as_json)


@app.command()
def validate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE|FOLDER]…", help="What to check.", show_default="what ships, and the folder of the settings"
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with files of categories, with its line; exit code 1 when there is something."""
    with answering(as_json=as_json):
        from comfy_gen.cli.categories import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.validate(paths or [], as_json=as_json)


@app.command()
def new(
    category_id: Annotated[str, typer.Argument(metavar="ID", help="What to call it; its tag is @ID.")],
    *,
    kind: Annotated[
        str,
        typer.Option(
            "--type", metavar="TYPE", help=f"What it says of a picture: {KIND}.", autocompletion=completion.kinds
        ),
    ],
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to put it.", show_default="composition.categories_dir")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a new category's file, every field of it told of, for you to fill in."""
    with answering(as_json=as_json):
        from comfy_gen.cli.categories import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        control.new(category_id, kind, folder, as_json=as_json)
