"""Requests for jobs, as the API takes them: each can be sent under an id, as often as it takes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ServiceProblemError
from comfy_gen.mcp.service import path_to
from comfy_gen.mcp.sources import ARTIFACTS, JOBS, image_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from comfy_gen.mcp.places import Folders
    from comfy_gen.mcp.service import Service
    from comfy_gen.mcp.tools.parameters import LoraChoice

    Ask = Callable[[Service, str], Awaitable[dict[str, Any]]]
    """Sends a request for the job of this id, and returns the service's answer."""

_FILES = frozenset({".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf"})
"""What the names of model files end in."""


def generating(folders: Folders, body: Mapping[str, Any], *, path: str = "/generate", image: str = "") -> Ask:
    """Return a request with a prompt, or with words to compose one of."""

    async def ask(service: Service, job_id: str) -> dict[str, Any]:
        picture = {"input_image": await image_of(service, folders, image, name="image")} if image else {}
        meant = await named(service, body)
        return await service.post(path, {**meant, **picture, "request_id": job_id})

    return ask


def running(
    folders: Folders,
    workflow: str,
    inputs: Mapping[str, Any],
    said: Mapping[str, Any],
    images: Mapping[str, str] | None = None,
) -> Ask:
    """Return a request to run a workflow; ``images`` are inputs that an agent may call by an id or a file's name."""

    async def ask(service: Service, job_id: str) -> dict[str, Any]:
        named = {name: value for name, value in inputs.items() if is_ours(value)} | dict(images or {})
        pictures = {name: await image_of(service, folders, value, name=name) for name, value in named.items()}
        body = {"inputs": {**inputs, **pictures}, **said, "request_id": job_id}
        return await service.post(path_to("workflows", workflow, "run"), body)

    return ask


def repeating(generation_id: str, changes: Mapping[str, Any]) -> Ask:
    """Return a request to make something again: the very same graph, or that graph with changes."""

    async def ask(service: Service, job_id: str) -> dict[str, Any]:
        path = path_to("library", generation_id, "rerun")
        return await service.post(path, {**changes, "request_id": job_id})

    return ask


async def named(service: Service, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request in which a model that is called by a workflow's name (sd15, sdxl, flux) is that workflow."""
    model = str(body.get("model", ""))
    if not model or body.get("workflow") or PurePosixPath(model).suffix in _FILES:
        return dict(body)
    try:
        workflow = await service.get(path_to("workflows", model))
    except ServiceProblemError as error:
        if error.status not in {404, 422}:
            raise
        return dict(body)  # a file, then, which the service knows or not
    return {**{name: value for name, value in body.items() if name != "model"}, "workflow": workflow["name"]}


def is_ours(value: object) -> bool:
    """Tell whether a value names a picture of this service's that has to be fetched first."""
    return isinstance(value, str) and value.startswith((ARTIFACTS, JOBS))


def given(**said: object) -> dict[str, Any]:
    """Return what was said: what is empty or false is as if it were left out; a nought is a number."""
    return {name: value for name, value in said.items() if value or (value == 0 and value is not False)}


def listed(chosen: Sequence[LoraChoice] | None) -> list[dict[str, Any]]:
    """Return LoRAs as the API takes them."""
    return [{"name": one.name, "strength": one.strength} for one in chosen or ()]
