"""``comfygen library``: what was made, found again, compared, and made once more."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson, OwnerGiven  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="Find what was made, compare it, and make it again.", no_args_is_help=True)

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="The generation's id, the beginning of it, or the id of its run in MLflow.",
        autocompletion=completion.generations,
    ),
]
_MOMENT = "A date, such as 2026-01-31, or an age, such as 7d."


@app.command("list")
def list_generations(
    *,
    text: Annotated[str, typer.Option("--text", "-t", metavar="WORDS", help="Words of the prompt or the title.")] = "",
    category: Annotated[
        str, typer.Option(metavar="ID", help="Composed of this category.", autocompletion=completion.categories)
    ] = "",
    model: Annotated[str, typer.Option(metavar="NAME", help="A part of the name of one of its models.")] = "",
    recipe: Annotated[str, typer.Option(metavar="ID", help="Of this recipe.")] = "",
    favorites: Annotated[bool, typer.Option("--favorites", help="Favorites alone.")] = False,
    min_rating: Annotated[int | None, typer.Option(min=1, max=5, help="Favorites with this rating or more.")] = None,
    tag: Annotated[str, typer.Option(metavar="TAG", help="Favorites with this tag.")] = "",
    min_score: Annotated[float | None, typer.Option(min=0, max=1, help="With this similarity to the prompt.")] = None,
    passed: Annotated[
        bool | None, typer.Option("--passed/--not-passed", help="Those that passed the quality gate, or did not.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="WHEN", help=f"Not older. {_MOMENT}")] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Older than that.")] = None,
    owner: OwnerGiven = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List generations, the newest first. What is said of them must all hold."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.library import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        moments = [control.moment_of(name, said) for name, said in (("since", since), ("until", until))]
        query = control.Query(
            text=text,
            category=category.removeprefix("@"),
            model=model,
            recipe=recipe,
            is_favorite=favorites,
            min_rating=min_rating,
            tag=tag,
            min_score=min_score,
            passed=passed,
            since=moments[0],
            until=moments[1],
            owner=owner,
        )
        ask(lambda queue: control.list_generations(queue, query, limit, as_json=as_json))


@app.command()
def show(
    generation: Id,
    *,
    workflow: Annotated[
        bool, typer.Option("--workflow", help="Print the workflow that ran, and nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a picture was made: its recipe, models, versions, times and files."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.library import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        show_one = control.show_workflow if workflow else control.show
        ask(lambda queue: show_one(queue, generation, as_json=as_json))


@app.command()
def rerun(
    generation: Id,
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end.")] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Copy what it makes there; it implies --wait."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the id, or the paths, and nothing else.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the same once more: the same workflow with the same seed, as a new job."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.library import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        wanted = control.Wanted(waits=wait or output is not None, folder=output, quiet=quiet, as_json=as_json)
        raise typer.Exit(ask(lambda queue: control.rerun(queue, generation, wanted)))


@app.command()
def diff(before: Id, after: Id, *, as_json: AsJson = False) -> None:
    """Say in what two generations differ. Exit code 1 if they do in more than the time they took."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.library import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        raise typer.Exit(ask(lambda queue: control.compare(queue, before, after, as_json=as_json)))


@app.command()
def prune(
    *,
    older_than: Annotated[str, typer.Option(metavar="AGE", help="Such as 12h or 30d.")] = "30d",
    as_json: AsJson = False,
) -> None:
    """Forget recipes that were composed and never run. Generations keep theirs."""
    with answering(as_json=as_json):
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415
        from comfy_gen.cli.library import control  # noqa: PLC0415  # heavy: `--help` must not wait for it

        age = control.seconds_of(older_than)
        ask(lambda queue: control.prune(queue, age, as_json=as_json))
