"""The arguments and options that the commands for jobs share."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli import completion

JobIdsGiven = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID…",
        help="Jobs, by their ids or the beginnings of them.",
        show_default=False,
        autocompletion=completion.jobs,
    ),
]
StatesGiven = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Those in this state, such as queued or failed. Repeatable.",
        autocompletion=completion.states,
    ),
]
OwnerGiven = Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Those of this owner.")]
AllGiven = Annotated[bool, typer.Option("--all", help="All of them.")]
YesGiven = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether all are meant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as one JSON document.")]

EnginesGiven = Annotated[
    list[str] | None,
    typer.Option(
        "--engine",
        metavar="URL",
        help="An engine to use, as URL or NAME=URL, with options such as #tags=xl&weight=2. Repeatable.",
        show_default="COMFYGEN_ENGINES, or COMFYUI_API_BASE",
    ),
]
DatabaseGiven = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Where the jobs are: postgresql://… for several workers, or sqlite:///PATH.",
        show_default="COMFYGEN_JOBS_DATABASE, or a file in the data folder",
    ),
]
DataDirGiven = Annotated[
    str | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        help="Where files and the database go.",
        show_default="COMFYGEN_JOBS_DATA_DIR",
    ),
]


def queue_flags(engines: list[str] | None, database: str | None, data_dir: str | None) -> dict[str, object]:
    """Return the settings that these options stand for."""
    return {
        "fleet.engines": " ".join(engines) if engines else None,
        "jobs.database": database,
        "jobs.data_dir": data_dir,
    }
