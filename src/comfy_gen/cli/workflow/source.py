"""Where the workflow that is to be run comes from: a file, what ships, or what is kept by a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.app import open_queue
from comfy_gen.cli.workflow.control import saved_in
from comfy_gen.config import read_settings
from comfy_gen.errors import WorkflowNotFoundError
from comfy_gen.jobs.saved import is_name
from comfy_gen.pipeline.sources import read_converted
from comfy_gen.workflows.catalogue import find_template
from comfy_gen.workflows.convert import Conversion

if TYPE_CHECKING:
    from comfy_gen.comfyui.aio import AsyncComfyUIClient


async def read_workflow(client: AsyncComfyUIClient, name: str) -> Conversion:
    """Return a workflow, converted with the engine's node declarations where it has to be.

    A shipped one goes before a file, and a file before one that is kept: the database is opened for nothing else.

    Raises:
        ComfyGenError: there is none, with the nearest names of all kinds; or it cannot be used.
    """
    unknown = _not_found(name)
    if unknown is None:
        return await read_converted(name, client.get_object_info)
    async with open_queue(read_settings()) as queue:
        try:
            saved = await saved_in(queue).get(name)
        except WorkflowNotFoundError as error:
            nearest = tuple(dict.fromkeys((*error.nearest, *unknown.nearest)))
            raise WorkflowNotFoundError(name, nearest, "all") from None
    return Conversion(saved.template.workflow, problems=(), notes=())


def _not_found(name: str) -> WorkflowNotFoundError | None:
    """Return what stands against its being a file or a shipped one, if it may be the name of one that is kept."""
    if not is_name(name):
        return None
    try:
        template = find_template(name)
    except WorkflowNotFoundError as error:
        return error
    # A folder is no workflow, and may be called as one.
    return WorkflowNotFoundError(name) if template is None and Path(name).is_dir() else None
