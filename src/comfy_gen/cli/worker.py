"""``comfygen worker``: gives the jobs of the queue to the engines until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import DatabaseGiven, DataDirGiven, EnginesGiven, queue_flags


def worker(
    *,
    engine: EnginesGiven = None,
    database: DatabaseGiven = None,
    data_dir: DataDirGiven = None,
    drain: Annotated[bool, typer.Option("--drain", help="End when no job is left to do.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell of trouble only.")] = False,
) -> None:
    """Work on the queue: give jobs to the engines, fetch and keep what they make, until Ctrl-C.

    What runs on the engines then goes on, and the next worker finds it. A second Ctrl-C ends at once.

    Exit codes: 0 stopped, 2 something in the settings or the database cannot work.
    """
    with answering():
        from comfy_gen.cli import working  # noqa: PLC0415  # heavy: `--help` must not wait for it

        flags = queue_flags(engine, database, data_dir)
        raise typer.Exit(working.run(flags, drains=drain, quiet=quiet))
