"""What goes along with an answer: the pictures themselves, made small, links to the files, and copies in a folder."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import TYPE_CHECKING

from mcp_types import ImageContent, ResourceLink, TextContent
from PIL import Image

from comfy_gen.errors import ComfyGenError, ServiceError
from comfy_gen.mcp.pictures import MOST_PIXELS, fit
from comfy_gen.mcp.service import path_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mcp_types import ContentBlock
    from pydantic import BaseModel

    from comfy_gen.mcp.answers import Output
    from comfy_gen.mcp.places import Folders
    from comfy_gen.mcp.service import Service

SHOWN = 4
"""So many pictures are sent along; the others are linked."""
LARGEST = 64 * 2**20
"""Bytes of a picture that is fetched to be made small; of a larger one its thumbnail is shown."""
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""What pictures can be turned into where they are saved."""


class Enclosures:
    """The files of one job, each fetched once."""

    def __init__(self, service: Service, outputs: Sequence[Output]) -> None:
        self._service = service
        self._outputs = outputs
        self._contents: dict[str, bytes] = {}
        self.notes: list[str] = []
        """What could not be done, a sentence each."""

    async def shown(self, budget: int) -> list[ContentBlock]:
        """Return the first pictures, which have ``budget`` bytes together, and links to all files."""
        pictures = [one for one in self._outputs if one.media_type.startswith("image/")][:SHOWN] if budget else []
        found = [await self._picture(one, budget // len(pictures)) for one in pictures]
        return [*filter(None, found), *map(link_to, self._outputs)]

    async def save(self, folders: Folders, place: Path) -> str | None:
        """Save the files, the first at ``place`` and the others beside it, and return where the first is."""
        saved: list[str] = []
        for number, output in enumerate(self._outputs, 1):
            target = place if number == 1 else place.with_stem(f"{place.stem}-{number}")
            try:
                content = await self._content(output)
                fitting = await asyncio.to_thread(in_format, content, target.suffix.lower(), output.filename)
                await asyncio.to_thread(folders.save, target, fitting)
            except ComfyGenError as error:
                self.notes.append(f"{output.filename} was not saved: {error.message}. {error.hint}".strip())
            else:
                saved.append(str(target))
        if len(saved) > 1:
            self.notes.append(f"saved as well: {', '.join(saved[1:])}")
        return saved[0] if saved else None

    async def _picture(self, output: Output, budget: int) -> ImageContent | None:
        try:
            content = await self._small(output) if (output.size or 0) > LARGEST else await self._content(output)
        except ServiceError as error:
            self.notes.append(f"{output.filename} cannot be shown: {error.message}")
            return None
        fitted = await asyncio.to_thread(fit, content, budget)
        if fitted is None:
            return None
        return ImageContent(data=base64.b64encode(fitted[0]).decode(), mime_type=fitted[1])

    async def _content(self, output: Output) -> bytes:
        if output.id not in self._contents:
            self._contents[output.id], _ = await self._service.content(path_to("artifacts", output.id))
        return self._contents[output.id]

    async def _small(self, output: Output) -> bytes:
        content, _ = await self._service.content(path_to("artifacts", output.id, "thumbnail"))
        return content


def link_to(output: Output) -> ResourceLink:
    """Return a link that is good as long as the file is kept."""
    name = output.filename or output.id
    return ResourceLink(name=name, uri=output.resource, mime_type=output.media_type or None, size=output.size)


def words(answer: BaseModel) -> TextContent:
    """Return an answer as clients get it that read no structured content."""
    return TextContent(text=answer.model_dump_json(exclude_none=True))


def in_format(content: bytes, suffix: str, filename: str) -> bytes:
    """Return a picture as a file with this suffix has it; what is no picture, and what fits already, as it is."""
    wanted = _FORMATS.get(suffix)
    if wanted is None or filename.lower().endswith(suffix):
        return content
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.format == wanted or picture.width * picture.height > MOST_PIXELS:
                return content
            file = io.BytesIO()
            (picture.convert("RGB") if wanted == "JPEG" else picture).save(file, wanted, quality=95)
            return file.getvalue()
    # As in `pictures`: what Pillow raises for broken files is not drawn up anywhere.
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return content
