"""``comfygen workflow import``: a workflow from elsewhere, checked, and kept by a name."""

from __future__ import annotations

from typing import Annotated

import typer

from comfy_gen.cli.failures import answering
from comfy_gen.cli.jobs.options import AsJson  # noqa: TC001  # Typer reads the annotations


def import_workflow(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A workflow in API or UI format, or a picture that carries one.")
    ],
    *,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="What to call it.", show_default="the file's name")
    ] = "",
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The ComfyUI to check it on.", show_default="$COMFYUI_API_BASE or http://127.0.0.1:8188"
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell what is missing; keep nothing.")] = False,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the models that are missing, without asking.")
    ] = False,
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="Fetch files, too, that may run code when they are loaded.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from this machine and its network, too.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Keep it whatever is missing, or if no engine answers.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace one of this name.")] = False,
    title: Annotated[str, typer.Option(metavar="TEXT", help="What lists say of it.", show_default="its name")] = "",
    owner: Annotated[
        str, typer.Option(metavar="NAME", help="Whose, where keys are in use.", show_default="nobody's in particular")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check a workflow against an engine, tell all that is missing, and keep it by a name.

    Of each missing model it says what the engine has in its place and where it is to be had; at a terminal you are
    asked whether to fetch it. `comfygen workflow run NAME` runs it then, and so does the HTTP service. Exit code 1:
    something is missing; it is kept then only with --anyway.
    """
    with answering(as_json=as_json):
        from comfy_gen.cli.workflow import importing  # noqa: PLC0415  # heavy: `--help` must not wait

        asked = importing.Asked(
            file=file,
            name=name,
            engine=engine,
            title=title,
            owner=owner,
            only_checks=check,
            fetches=download,
            allow_pickle=allow_pickle,
            allow_private=allow_private,
            keeps_incomplete=anyway,
            may_replace=replace,
        )
        raise typer.Exit(importing.import_file(asked, as_json=as_json))
