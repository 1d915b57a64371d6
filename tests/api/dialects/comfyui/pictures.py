"""Pictures to send, and what came back."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    import httpx


def png(colour: tuple[int, ...] = (10, 20, 30), size: int = 8) -> bytes:
    """Return a picture of one colour; of four numbers the last is how dense it is."""
    content = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (size, size), colour).save(content, "PNG")
    return content.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return a picture that came back."""
    return Image.open(io.BytesIO(content))


async def upload(
    client: httpx.AsyncClient, name: str, content: bytes, path: str = "upload/image", **fields: str
) -> httpx.Response:
    """Send a file as forms do."""
    return await client.post(path, files={"image": (name, content, "image/png")}, data=fields)


async def view(client: httpx.AsyncClient, **query: Any) -> httpx.Response:
    """Ask for a file."""
    return await client.get("view", params=query)
