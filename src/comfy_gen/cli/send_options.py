"""The options that the commands share which have an engine run one workflow."""

from __future__ import annotations

from typing import Annotated

import typer

UpdatesGiven = Annotated[
    list[str] | None,
    typer.Option("--update", "-u", metavar="NODE.INPUT=VALUE", help="Change one input. Repeatable."),
]
RolesGiven = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="ROLE=VALUE", help="Change a role, such as prompt or seed. Repeatable."),
]
OutputGiven = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|FOLDER",
        help="Where to save what is waited for.",
        show_default="output.output_dir, or outputs",
    ),
]
TimeoutGiven = Annotated[
    float | None,
    typer.Option("--timeout", min=0, help="Seconds to wait at most; what is not done then is cancelled."),
]
DryRunGiven = Annotated[bool, typer.Option("--dry-run", help="Check it against the engine; send nothing.")]
JsonProgressGiven = Annotated[
    bool, typer.Option("--json-progress", help="Print every progress update as a line of JSON.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
EngineGiven = Annotated[
    str | None,
    typer.Option(
        "--engine", metavar="URL", help="The ComfyUI to use.", show_default="$COMFYUI_API_BASE or http://127.0.0.1:8188"
    ),
]
