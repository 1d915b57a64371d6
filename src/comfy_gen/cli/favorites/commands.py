"""``comfygen favorites``: the generations that somebody likes."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson, OwnerGiven  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="Keep what you like, and make recipes of it.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="FAVORITE", help="Its id.", autocompletion=completion.favorites)]
Rating = Annotated[int, typer.Option("--rating", "-r", min=1, max=5, help="From 1 to 5.")]


@app.command()
def add(
    generation: Annotated[
        str,
        typer.Argument(
            metavar="GENERATION",
            help="The generation's id, the beginning of it, or the id of its run in MLflow.",
            autocompletion=completion.generations,
        ),
    ],
    *,
    rating: Rating = 5,
    feedback: Annotated[str, typer.Option("--feedback", "-f", help="What you like of it.")] = "",
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="To find it by. Repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a generation a favorite: it is not deleted with old jobs. One that is one already is rated anew."""
    with answering(as_json=as_json):
        from comfy_gen.cli.favorites import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        said = control.Said(rating, feedback, tuple(tag or ()))
        ask(lambda queue: control.add(queue, generation, said, as_json=as_json))


@app.command("list")
def list_favorites(
    *,
    min_rating: Annotated[int, typer.Option(min=1, max=5, help="With this rating or more.")] = 1,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Of any of these. Repeatable.", autocompletion=completion.categories),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="With any of these. Repeatable.")] = None,
    owner: OwnerGiven = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="How many, the newest first.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="After so many.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List favorites, the newest first."""
    with answering(as_json=as_json):
        from comfy_gen.cli.favorites import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        wanted = control.Wanted(
            owner, min_rating, tuple(one.removeprefix("@") for one in category or ()), tuple(tag or ()), limit, offset
        )
        ask(lambda queue: control.list_favorites(queue, wanted, as_json=as_json))


@app.command()
def show(favorite: Id, *, as_json: AsJson = False) -> None:
    """Show a favorite, and how it was made."""
    with answering(as_json=as_json):
        from comfy_gen.cli.favorites import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.show(queue, favorite, as_json=as_json))


@app.command()
def rate(
    favorite: Id,
    rating: Annotated[int, typer.Argument(metavar="RATING", min=1, max=5, help="From 1 to 5.")],
    *,
    feedback: Annotated[
        str | None, typer.Option("--feedback", "-f", help="What you like of it.", show_default="as it was")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rate a favorite anew."""
    with answering(as_json=as_json):
        from comfy_gen.cli.favorites import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.rate(queue, favorite, rating, feedback, as_json=as_json))


@app.command()
def remove(favorite: Id, *, as_json: AsJson = False) -> None:
    """Have a generation be no favorite any more. It stays in the library."""
    with answering(as_json=as_json):
        from comfy_gen.cli.favorites import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.remove(queue, favorite, as_json=as_json))


@app.command("extract-recipe")
def extract_recipe(
    favorite: Id,
    category: Annotated[
        list[str],
        typer.Argument(metavar="CATEGORY…", help="What the recipe is to be for.", autocompletion=completion.categories),
    ],
    *,
    preserve_loras: Annotated[
        bool, typer.Option("--preserve-loras/--new-loras", help="Keep LoRAs that fit the new categories.")
    ] = True,
    preserve_settings: Annotated[
        bool, typer.Option("--preserve-settings/--new-settings", help="Keep settings as far as they fit.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make a recipe for other categories of a favorite's, and say what had to change."""
    with answering(as_json=as_json):
        from comfy_gen.cli.favorites import extraction  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        kept = extraction.Kept(loras=preserve_loras, settings=preserve_settings)
        targets = [one.removeprefix("@") for one in category]
        ask(lambda queue: extraction.extract(queue, favorite, targets, kept, as_json=as_json))
