"""Where graphs come from: workflow files in either format, pictures that carry one, shipped templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import MetadataNotFoundError, WorkflowIsUiFormatError
from comfy_gen.workflows.catalogue import find_workflow
from comfy_gen.workflows.convert import Conversion, convert
from comfy_gen.workflows.files import read_text
from comfy_gen.workflows.picture import read_picture

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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


async def read_converted(file: str, ask_engine: Callable[[], Awaitable[dict[str, Any]]]) -> Conversion:
    """Read a graph in API format, converting what the editor saved with the engine's node declarations.

    What is in API format already is returned as it is, and the engine is not asked; in a picture it goes before what
    the editor would open, for it is what ran.

    Raises:
        ComfyGenError: there is no workflow in it, or the engine does not answer.
    """
    ui = _read_ui(file)
    if ui is None:
        return Conversion(read_graph(file), problems=(), notes=())
    return convert(ui, await ask_engine(), source=file)


def read_editor(file: str) -> dict[str, Any]:
    """Return what the editor saved, also where a picture has the graph that ran beside it; empty where nothing did.

    Raises:
        ComfyGenError: there is no workflow in it.
    """
    if _is_picture(file):
        return read_picture(file).ui_workflow or {}
    return _read_ui(file) or {}


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
