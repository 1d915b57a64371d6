"""``comfygen doctor``: one page that says what works, what does not, and what mends it."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli.failures import EXIT_FAILURE, answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations


def doctor(
    *,
    brief: Annotated[
        bool, typer.Option("--brief", "-b", help="Leave out what works and what nobody asked for.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything once: engines, the models for each template, database, storage, extras, disks, clocks, ports.

    Nothing is changed. Each thing that could be better comes with the command that makes it so.

    Exit codes: 0 all that is asked for works, 1 something does not, 2 the settings cannot be read.
    """
    with answering(as_json=as_json):
        import asyncio  # noqa: PLC0415  # heavy: `--help` must not wait for it

        from comfy_gen.app.doctor import examine  # noqa: PLC0415
        from comfy_gen.app.doctor.finding import State, worst  # noqa: PLC0415
        from comfy_gen.cli import doctor_page  # noqa: PLC0415
        from comfy_gen.config import read_configuration  # noqa: PLC0415

        configuration = read_configuration()
        findings = asyncio.run(examine(configuration.settings))
        doctor_page.show(findings, configuration.file, brief=brief, as_json=as_json)
        if worst(findings) is State.PROBLEM:
            raise typer.Exit(EXIT_FAILURE)
