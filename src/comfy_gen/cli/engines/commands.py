"""``comfygen engines``: the ComfyUI servers that work on the durable queue."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # Typer reads the annotations
from typing import Annotated

import typer

from comfy_gen.cli import completion
from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations

app = typer.Typer(help="Look after the engines that work on the queue.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the list calls it.", autocompletion=completion.engines)]


@app.command("list")
def list_engines(*, as_json: AsJson = False) -> None:
    """List the engines: whether they answer, what they have to do, how fast they are."""
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.list_engines(queue, as_json=as_json))


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it is, such as http://gpu-1:8188.")],
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call it.", show_default="its host and port")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="What it is good for; jobs may ask for it. Repeatable.")] = None,
    weight: Annotated[float, typer.Option(help="How much work it gets, compared with the others.")] = 1.0,
    depth: Annotated[int, typer.Option(help="How many jobs it has at a time, the running one included.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Add an engine; workers use it at once. One that does not answer yet is used as soon as it does."""
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(
            lambda queue: control.add_engine(
                queue, url, name=name, tags=tag or (), weight=weight, depth=depth, as_json=as_json
            )
        )


@app.command()
def drain(name: Name, *, as_json: AsJson = False) -> None:
    """Have an engine finish what it has, and give it nothing more."""
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.switch_engine(queue, name, drains=True, as_json=as_json))


@app.command()
def resume(name: Name, *, as_json: AsJson = False) -> None:
    """Give jobs again to an engine that was drained."""
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.switch_engine(queue, name, drains=False, as_json=as_json))


@app.command()
def remove(name: Name, *, as_json: AsJson = False) -> None:
    """Strike an engine off. What it had is given to others."""
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        ask(lambda queue: control.remove_engine(queue, name, as_json=as_json))


@app.command()
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME…", help="Only these.", show_default="all", autocompletion=completion.engines),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Look closely at engines: nodes, models, WebSocket. Exit code 1 if one does not answer as it should."""
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import control  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        raise typer.Exit(ask(lambda queue: control.check_engines(queue, names or (), as_json=as_json)))


@app.command()
def warm(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL…",
            help="Files that engines have, or names and sets of the manifest.",
            show_default="what the settings and the manifest say",
        ),
    ] = None,
    *,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            metavar="NAME",
            help="Only this one. Repeatable.",
            show_default="all",
            autocompletion=completion.engines,
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Names of models, and what to load.", show_default="models.manifest"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have engines load models now, all engines at once. Exit code 1 if one could not load one.

    Each paints a tiny picture with each model, which nobody keeps.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import warming  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        wanted = warming.Wanted(tuple(models or ()), tuple(engine or ()), manifest)
        raise typer.Exit(ask(lambda queue: warming.warm(queue, wanted, as_json=as_json)))


@app.command()
def free(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME…", help="Only these.", show_default="all", autocompletion=completion.engines),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Have engines unload their models and give the memory back, once they have done what they do.

    Exit code 1 if one does not answer.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.engines import warming  # noqa: PLC0415  # heavy: `--help` must not wait for it
        from comfy_gen.cli.jobs.queue import ask  # noqa: PLC0415

        raise typer.Exit(ask(lambda queue: warming.free(queue, names or (), as_json=as_json)))
