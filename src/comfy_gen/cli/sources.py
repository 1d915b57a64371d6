"""Where the commands for files have their graphs and node declarations from: files, pictures, engines."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.config import read_settings
from comfy_gen.errors import MetadataNotFoundError, WorkflowIsUiFormatError
from comfy_gen.workflows.catalogue import find_workflow
from comfy_gen.workflows.files import read_text
from comfy_gen.workflows.picture import read_picture

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def read_graph(file: str) -> Workflow:
    """Read a graph in API format: from a file, a picture that carries one, or a shipped template's name.

    Raises:
        WorkflowError: there is none, or it cannot be used; one in UI format must be converted first.
        InputImageError, MetadataNotFoundError: it is a picture, but not one that tells.
    """
    if not _is_picture(file):
        return find_workflow(file)
    record = read_picture(file)
    if record.workflow is not None:
        return record.workflow
    raise WorkflowIsUiFormatError(file) if record.ui_workflow else MetadataNotFoundError(file)


def convert_file(file: str, engine: str | None) -> tuple[Workflow, list[str]]:
    """Return what is in the file in API format, and what could not be converted.

    What is in API format already is returned as it is, and no engine is asked; in a picture it goes before what the
    editor would open, for it is what ran.

    Raises:
        ComfyGenError: there is no workflow in it, or no engine answers.
    """
    from comfy_gen.workflows.convert import convert  # noqa: PLC0415  # of all commands, only one has need of it

    ui = _read_ui(file)
    if ui is None:
        return read_graph(file), []
    conversion = convert(ui, ask_engine(engine), source=file)
    return conversion.workflow, [str(problem) for problem in conversion.problems]


def ask_engine(url: str | None) -> dict[str, Any]:
    """Return an engine's node declarations; without an address, those of the engine in the settings.

    Raises:
        EngineUnreachableError: nobody answers.
        NotComfyUIError: something else answers.
    """

    async def ask() -> dict[str, Any]:
        async with AsyncComfyUIClient(url=url or read_settings().engine_url) as client:
            await client.identify()
            return await client.get_object_info()

    return asyncio.run(ask())


def _read_ui(file: str) -> dict[str, Any] | None:
    """Return what the editor saved; None where there is a graph in API format in its place."""
    if _is_picture(file):
        record = read_picture(file)
        return record.ui_workflow if record.workflow is None else None
    try:
        find_workflow(file)
    except WorkflowIsUiFormatError:
        return json.loads(read_text(Path(file)))
    return None


def _is_picture(file: str) -> bool:
    return Path(file).suffix.lower() in _PICTURES
