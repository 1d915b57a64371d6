"""``/models``, ``/embeddings``: the model files of all engines."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import told
from comfy_gen.workflows.models import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.app.service import Service

NEED = "tell what engines have"

router = APIRouter()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


@router.get("/models")
async def folders(caller: Reader, service: TheService) -> Response:
    """Return the folders of models."""
    del caller
    return told(sorted(await _models(service)))


@router.get("/models/{folder}")
async def models(folder: str, caller: Reader, service: TheService) -> Response:
    """Return the files in a folder."""
    del caller
    found = await _models(service)
    return told(found[folder]) if folder in found else Response(status_code=404)


@router.get("/embeddings")
async def embeddings(caller: Reader, service: TheService) -> Response:
    """Return the names of embeddings, without their suffixes."""
    del caller
    found = (await _models(service)).get("embeddings", ())
    return told([str(PurePosixPath(name).with_suffix("")) for name in found])


@router.get("/experiment/models")
async def folders_with_places(caller: Reader, service: TheService) -> Response:
    """Return the folders, with where they might be: where they are is nobody's business."""
    del caller
    found = sorted({*await _models(service)} - {"configs", "custom_nodes"})
    return told([{"name": folder, "folders": [place_of(folder)]} for folder in found])


@router.get("/experiment/models/{folder}")
async def models_with_sizes(folder: str, caller: Reader, service: TheService) -> Response:
    """Return the files in a folder, with their sizes and times."""
    del caller
    if folder not in await _models(service):
        return Response(status_code=404)
    answers = await service.knowledge.told(lambda client: client.get_model_details(folder))
    found = {str(one.get("name")): one for answer in reversed([*answers.values()]) for one in answer}
    return told([found[name] for name in sorted(found)])


@router.get("/experiment/models/preview/{folder}/{index}/{filename:path}")
async def model_preview(folder: str, index: int, filename: str, caller: Reader, service: TheService) -> Response:
    """Return the picture that lies beside a model."""
    del caller
    answers = await service.knowledge.told(lambda client: client.get_model_preview(folder, index, filename))
    found = next((one for one in answers.values() if one), None)
    return Response(status_code=404) if found is None else Response(found, media_type="image/webp")


@router.get("/view_metadata/{folder}")
async def model_metadata(folder: str, caller: Reader, service: TheService, filename: str = "") -> Response:
    """Return what a safetensors file says of itself."""
    del caller
    if not filename.endswith(".safetensors") or filename not in (await _models(service)).get(folder, ()):
        return Response(status_code=404)
    answers = await service.knowledge.told(lambda client: client.get_model_metadata(folder, filename))
    found = next((one for one in answers.values() if one), None)
    return Response(status_code=404) if found is None else told(found)


def place_of(folder: str) -> str:
    """Return what is said of where a folder of models is."""
    return f"models/{folder}"


async def _models(service: Service) -> Mapping[str, Sequence[str]]:
    """Return the model files by folder; not the names that loaders offer without a file."""
    found = await service.knowledge.models(need=NEED)
    return {folder: [name for name in names if name not in BUILT_IN.get(folder, ())] for folder, names in found.items()}
