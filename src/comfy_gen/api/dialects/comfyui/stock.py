"""The files that engines have in stock for everybody to work on; what they were given for jobs is none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comfy_gen.api.bounds import UPLOAD_LIMIT
from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.routes.files import is_content_name
from comfy_gen.engines.merging import choices_of
from comfy_gen.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from comfy_gen.api.dialects.comfyui.names import Name
    from comfy_gen.app.service import Service
    from comfy_gen.engines.merging import Declaration, ObjectInfo


async def content_of(service: Service, name: Name) -> bytes | None:
    """Return a file that an engine has in stock; None where none offers it, or it is too large to be shown."""
    if name.kind != "input" or is_content_name(name.path):
        return None
    for engine, info in (await service.knowledge.declarations()).items():
        if _is_offered(info, name.path) and (content := await _fetched(service, engine, name)) is not None:
            return content
    return None


async def _fetched(service: Service, engine: str, name: Name) -> bytes | None:
    subfolder, filename = name.parts
    try:
        async with service.knowledge.client(engine) as client:
            return await _bounded(client.stream_file(FileRef(filename, subfolder, name.kind)))
    except EngineError:
        return None


async def _bounded(chunks: AsyncIterator[bytes]) -> bytes | None:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > UPLOAD_LIMIT:
            return None
    return bytes(content)


def _is_offered(info: ObjectInfo, path: str) -> bool:
    """Tell whether a node that loads files has this one among its choices."""
    loaders = (declaration for name, declaration in info.items() if name.startswith("Load"))
    return any(path in (choices_of(spec) or ()) for declaration in loaders for spec in _specs(declaration))


def _specs(declaration: Declaration) -> list[object]:
    inputs = declaration.get("input")
    required = cast("Mapping[str, object]", inputs).get("required") if isinstance(inputs, dict) else None
    return list(cast("Mapping[str, object]", required).values()) if isinstance(required, dict) else []
