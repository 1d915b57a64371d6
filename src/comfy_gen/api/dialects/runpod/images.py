"""Keeps the files that come with a workflow where every engine gets them, and puts them into it by their names."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from comfy_gen.app.uploading import keep
from comfy_gen.errors import GraphTooLargeError, InvalidParameterError
from comfy_gen.pipeline.inputs import MAX_ASSETS, takes_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.api.dialects.runpod.bodies import Picture
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.workflows.graph import Workflow

_INPUT = " [input]"
"""What ComfyUI lets one write behind a name."""


async def kept(service: Service, caller: Caller, pictures: Sequence[Picture]) -> Mapping[str, str]:
    """Return by name what names each of these files in a workflow.

    Raises:
        GraphTooLargeError: there are more of them than any workflow works on.
        InvalidParameterError: one is no base64.
        InputImageError: one is damaged, or nothing that a workflow can use.
        StorageError: one cannot be kept.
    """
    if len(pictures) > MAX_ASSETS:
        raise GraphTooLargeError(len(pictures), MAX_ASSETS, "files to work on")
    contents = {one.name: decoded(one) for one in pictures}
    store = service.artifacts
    return {name: (await keep(store, caller, content, source=name)).reference for name, content in contents.items()}


def decoded(picture: Picture) -> bytes:
    """Return what is in a file.

    Raises:
        InvalidParameterError: it is no base64.
    """
    try:
        return base64.b64decode("".join(picture.image.rpartition(",")[2].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidParameterError(f"input.images: {picture.name}", "a text", f"base64: {error}") from error


def with_files(workflow: Workflow, references: Mapping[str, str]) -> Workflow:
    """Return a workflow in which the names of files are what names them here. Pure."""
    return {node_id: _with_files(node, references) for node_id, node in workflow.items()} if references else workflow


def _with_files(node: Mapping[str, Any], references: Mapping[str, str]) -> dict[str, Any]:
    meant = {
        name: references[called]
        for name, value in node["inputs"].items()
        if isinstance(value, str) and (called := value.strip().removesuffix(_INPUT)) in references
        if takes_file(str(node["class_type"]), name)
    }
    return {**node, "inputs": {**node["inputs"], **meant}}
