"""Uploads, and the files that prompts left."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING

import aiohttp

from comfy_gen.atomic import replacing
from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.routes.route import Json, RouteGroup
from comfy_gen.errors import InputImageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_CONTENT_NAME = re.compile(r"comfygen-[0-9a-f]{20}\.[a-z0-9]{1,10}")
Source = str | os.PathLike[str] | bytes | IO[bytes]
"""A file to upload: its path, its content, or an open stream of it."""


class FileRoutes(RouteGroup):
    """Files on the engine; no shared disk is needed."""

    async def upload_image(
        self,
        image_path: Source,
        subfolder: str = "",
        overwrite: bool = False,  # noqa: FBT001, FBT002  # the documented signature
        *,
        name: str = "",
        folder_type: str = "input",
    ) -> Json:
        """Upload a picture, or any other file, from a path; from bytes or a stream, too.

        Returns ``name``, ``subfolder`` and ``type``. The server renames a file whose name is taken by other content:
        use the returned name.

        Raises:
            InputImageError: the file cannot be read.
        """
        fields = {"type": folder_type, "subfolder": subfolder, "overwrite": "true" if overwrite else "false"}
        return await self._upload("/upload/image", image_path, name, fields)

    async def upload_unique(self, image: Source, subfolder: str = "", *, name: str = "") -> Json:
        """Upload a file under a name that only its content has, unless the engine has it already.

        ``name`` is for callers who have made such a name themselves. Returns what `upload_image` does.
        """
        content = image if isinstance(image, bytes) else _read(image)
        name = name or content_name(content, suffix=_suffix(image))
        if await self.has_file(FileRef(name, subfolder, "input")):
            return {"name": name, "subfolder": subfolder, "type": "input"}
        return await self.upload_image(content, subfolder, overwrite=True, name=name)

    async def has_file(self, file: FileRef) -> bool:
        """Tell whether the engine has a file, without fetching it."""
        status, _ = await self.http.request("HEAD", "/view", params=_view(file), accept=(404,))
        return status != 404

    async def upload_mask(
        self,
        image: Source,
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

    async def _upload(self, path: str, image: Source, name: str, fields: dict[str, str]) -> Json:
        content = image if isinstance(image, bytes) else _read(image)
        filename = name or ("upload.png" if isinstance(image, bytes) else Path(_path(image)).name)
        form = aiohttp.FormData(fields)
        mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        form.add_field("image", content, filename=filename, content_type=mime)
        return await self.http.json("POST", path, data=form)


def _view(file: FileRef) -> dict[str, str]:
    return {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}


def content_name(content: bytes, *, suffix: str) -> str:
    """Return a file name that only this content has; ``suffix`` with its point."""
    return f"comfygen-{hashlib.sha256(content).hexdigest()[:20]}{suffix}"


def is_content_name(name: str) -> bool:
    """Tell whether `content_name` made this."""
    return _CONTENT_NAME.fullmatch(name) is not None


def _suffix(image: Source) -> str:
    return ".png" if isinstance(image, bytes) else Path(_path(image)).suffix.lower()


def _path(image: str | os.PathLike[str] | IO[bytes]) -> str:
    """Return the path of a file or of what a stream reads; a stream of no file is called a picture."""
    if isinstance(image, str | os.PathLike):
        return os.fspath(image)
    name: object = getattr(image, "name", None)
    return name if isinstance(name, str) else "upload.png"


def _read(image: str | os.PathLike[str] | IO[bytes]) -> bytes:
    try:
        return Path(image).read_bytes() if isinstance(image, str | os.PathLike) else image.read()
    except OSError as error:
        raise InputImageError(_path(image), error.strerror or str(error)) from error
