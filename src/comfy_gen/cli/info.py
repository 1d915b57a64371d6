"""``comfygen info``: how a picture was made, from what is stored in it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comfy_gen.cli.failures import answering, print_json

if TYPE_CHECKING:
    from comfy_gen.workflows.parameters import Parameters
    from comfy_gen.workflows.picture import PictureMetadata


def info(
    picture: Annotated[str, typer.Argument(help="A PNG, JPEG or WebP as ComfyUI, ComfyGen or A1111 saved it.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON document.")] = False,
    workflow: Annotated[
        bool, typer.Option("--workflow", help="Print the embedded workflow in API format, and nothing else.")
    ] = False,
) -> None:
    """Show how a picture was made.

    `comfygen generate --from PICTURE` makes it again.
    """
    from comfy_gen.errors import MetadataNotFoundError  # noqa: PLC0415  # heavy: `--help` must not wait for it
    from comfy_gen.workflows.picture import read_picture  # noqa: PLC0415

    with answering(as_json=as_json):
        record = read_picture(picture)
        if workflow:
            if record.workflow is None:
                raise MetadataNotFoundError(picture)
            print_json(record.workflow)
        elif as_json:
            print_json(_as_json(record))
        else:
            _print(picture, record)


def _settings(record: PictureMetadata) -> Parameters:
    """Return how it was made: from the workflow, which is exact, or else from A1111's text."""
    from comfy_gen.workflows.parameters import Parameters, parameters_of  # noqa: PLC0415

    if record.workflow is not None:
        return parameters_of(record.workflow)
    return record.settings or Parameters()


def _facts(settings: Parameters) -> dict[str, Any]:
    size = f"{settings.width}x{settings.height}" if settings.width and settings.height else None
    facts = {
        "prompt": settings.prompt,
        "negative prompt": settings.negative,
        "model": settings.model,
        "LoRAs": ", ".join(f"{name}:{strength:g}" for name, strength in settings.loras),
        "seed": settings.seed,
        "steps": settings.steps,
        "cfg": settings.cfg,
        "guidance": settings.guidance,
        "sampler": settings.sampler,
        "scheduler": settings.scheduler,
        "denoise": settings.denoise,
        "size": size,
        **settings.other,
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _as_json(record: PictureMetadata) -> dict[str, Any]:
    return {
        "settings": _facts(_settings(record)),
        "parameters": record.parameters,
        "workflow": record.workflow,
        "ui_workflow": record.ui_workflow,
    }


def _print(picture: str, record: PictureMetadata) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(_settings(record)).items():
        table.add_row(name, Text(str(value)))
    stored = [
        f"a workflow of {len(record.workflow)} nodes" if record.workflow else "",
        "the editor's workflow" if record.ui_workflow else "",
        "A1111 parameters" if record.parameters else "",
    ]
    table.add_row("stored", ", ".join(filter(None, stored)))
    console = Console()
    console.print(table)
    said = f"Repeat it: comfygen generate --from {shlex.quote(picture)}"
    console.print(said, style="dim", markup=False, highlight=False, soft_wrap=True)
