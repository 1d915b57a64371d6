"""``comfygen worker``: gives the jobs of the queue to the engines until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli.failures import answering


def worker(
    *,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="An engine to use, as URL or NAME=URL, with options such as #tags=xl&weight=2. Repeatable.",
            show_default="COMFYGEN_ENGINES, or COMFYUI_API_BASE",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the jobs are: postgresql://… for several workers, or sqlite:///PATH.",
            show_default="COMFYGEN_JOBS_DATABASE, or a file in the data folder",
        ),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Where files and the database go.", show_default="COMFYGEN_JOBS_DATA_DIR"),
    ] = None,
    drain: Annotated[bool, typer.Option("--drain", help="End when no job is left to do.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell of trouble only.")] = False,
) -> None:
    """Work on the queue: give jobs to the engines, fetch and keep what they make, until Ctrl-C.

    What runs on the engines then goes on, and the next worker finds it. A second Ctrl-C ends at once.

    Exit codes: 0 stopped, 2 something in the settings or the database cannot work.
    """
    with answering():
        from comfy_gen.cli import working  # noqa: PLC0415  # heavy: `--help` must not wait for it

        flags = {
            "fleet.engines": " ".join(engine) if engine else None,
            "jobs.database": database,
            "jobs.data_dir": data_dir,
        }
        raise typer.Exit(working.run(flags, drains=drain, quiet=quiet))
