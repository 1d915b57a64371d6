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
