"""Uploads, and the files that prompts left."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from comfy_gen.atomic import replacing
from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.routes.route import Json, RouteGroup
from comfy_gen.errors import InputImageError

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator


class FileRoutes(RouteGroup):
    """Files on the engine; no shared disk is needed."""

    async def upload_image(
        self,
        image: str | os.PathLike[str] | bytes,
        subfolder: str = "",
        overwrite: bool = False,  # noqa: FBT001, FBT002  # the documented signature
        *,
        name: str = "",
        folder_type: str = "input",
    ) -> Json:
        """Upload a picture, or any other file, from a path or from bytes.

        Returns ``name``, ``subfolder`` and ``type``. The server renames a file whose name is taken by other content:
        use the returned name.

        Raises:
            InputImageError: the file cannot be read.
        """
        fields = {"type": folder_type, "subfolder": subfolder, "overwrite": "true" if overwrite else "false"}
        return await self._upload("/upload/image", image, name, fields)

    async def upload_mask(
        self,
        image: str | os.PathLike[str] | bytes,
        original: FileRef,
        *,
        name: str = "",
        subfolder: str = "",
        overwrite: bool = False,
    ) -> Json:
        """Upload a mask, whose alpha the server puts onto the original that it already has."""
        reference = {"filename": original.filename, "subfolder": original.subfolder, "type": original.type}
        fields = {
            "type": "input",
            "subfolder": subfolder,
            "overwrite": "true" if overwrite else "false",
            "original_ref": json.dumps(reference),
        }
        return await self._upload("/upload/mask", image, name, fields)

    async def get_image(
        self, filename: str, subfolder: str = "", folder_type: str = "output", *, preview: str | None = None
    ) -> bytes:
        """Return a file's bytes; ``preview="webp;80"`` or ``"jpeg;80"`` lets the server recode a picture."""
        params = _view(FileRef(filename, subfolder, folder_type))
        if preview is not None:
            params["preview"] = preview
        _, content = await self.http.request("GET", "/view", params=params)
        return content

    async def get_file(self, file: FileRef) -> bytes:
        """Return the bytes of a file that an outcome names."""
        return await self.get_image(file.filename, file.subfolder, file.type)

    def stream_file(self, file: FileRef) -> AsyncIterator[bytes]:
        """Yield a file piece by piece."""
        return self.http.chunks("/view", _view(file))

    async def download(self, file: FileRef, path: str | os.PathLike[str]) -> Path:
        """Store a file at ``path``; a broken download leaves nothing there.

        Raises:
            OutputPathError: the path cannot be written.
        """
        target = Path(path)
        with replacing(target) as part:
            async for chunk in self.stream_file(file):
                part.write(chunk)
        return target

    async def _upload(
        self, path: str, image: str | os.PathLike[str] | bytes, name: str, fields: dict[str, str]
    ) -> Json:
        content = image if isinstance(image, bytes) else _read(Path(image))
        filename = name or ("upload.png" if isinstance(image, bytes) else Path(image).name)
        form = aiohttp.FormData(fields)
        mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        form.add_field("image", content, filename=filename, content_type=mime)
        return await self.http.json("POST", path, data=form)


def _view(file: FileRef) -> dict[str, str]:
    return {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputImageError(str(path), error.strerror or str(error)) from error
