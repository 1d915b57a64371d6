"""Answers with files that jobs made: whole or in part, and so that a browser runs nothing of what is in them."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, NamedTuple, cast

from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from comfy_gen.api.ranges import NoSuchPartError, Part, is_same, names_tag, part_of
from comfy_gen.errors import ArtifactGoneError
from comfy_gen.storage.disposition import disposition

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from starlette.datastructures import Headers
    from starlette.types import Receive, Scope, Send

    from comfy_gen.storage.store import ArtifactStore

_SHOWN = ("image/", "video/", "audio/", "text/plain")
_SCRIPTED = ("image/svg",)


class Served(NamedTuple):
    """A file that is to be sent."""

    key: str
    filename: str
    media_type: str
    tag: str
    """Changes with what is in it."""
    size: int | None
    """Bytes; None where nobody noted them: then there are no parts."""


def headers_of(file: Served) -> dict[str, str]:
    """Return the headers that each answer about a file has."""
    return {
        "Content-Type": _media_type(file.media_type),
        "Content-Disposition": _disposition(file),
        "ETag": file.tag,
        "Accept-Ranges": "none" if file.size is None else "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        # Whatever a workflow wrote, nothing of it acts in the name of this service.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
    }


async def send(store: ArtifactStore, file: Served, asked: Headers, *, is_head: bool) -> Response:
    """Return the answer to who asks for a file.

    Raises:
        ArtifactGoneError: it is not in the store any more.
        StorageError: it cannot be read.
        HTTPException: it has no such part.
    """
    headers = headers_of(file)
    if names_tag(asked.get("if-none-match"), file.tag):
        return Response(status_code=304, headers=headers)
    part = _part(file, asked)
    headers |= _lengths(file, part)
    status = 200 if part is None else 206
    start, stop = part or (0, None)
    if is_head:
        if not await store.exists(file.key):
            raise ArtifactGoneError(file.key)
        return Response(status_code=status, headers=headers)
    chunks = store.read(file.key, start, stop)
    first = await anext(chunks, b"")  # before the answer begins: then it can still be that there is nothing
    return _Sending(first, chunks, status, headers)


class _Sending(StreamingResponse):
    """Sends a file, and lets go of it however that ends: whoever asked may go before they have it."""

    def __init__(self, first: bytes, rest: AsyncIterator[bytes], status: int, headers: Mapping[str, str]) -> None:
        super().__init__(_all(first, rest), status, headers)
        self._rest = cast("AsyncGenerator[bytes]", rest)  # as all stores have it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        async with aclosing(self._rest):
            await super().__call__(scope, receive, send)


def _part(file: Served, asked: Headers) -> Part | None:
    if file.size is None or not is_same(asked.get("if-range"), file.tag):
        return None
    try:
        return part_of(asked.get("range"), file.size)
    except NoSuchPartError as error:
        said = f"the file has {file.size:,} bytes"
        raise HTTPException(416, said, {"Content-Range": f"bytes */{file.size}"}) from error


def _lengths(file: Served, part: Part | None) -> Mapping[str, str]:
    if part is not None:
        length = {"Content-Length": str(part.stop - part.start)}
        return {**length, "Content-Range": f"bytes {part.start}-{part.stop - 1}/{file.size}"}
    return {} if file.size is None else {"Content-Length": str(file.size)}


def _media_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") and ";" not in media_type else media_type


def _disposition(file: Served) -> str:
    """Return how it is to be taken: shown only where its name and its type are both of the harmless kind."""
    said = disposition(file.filename)
    is_shown = file.media_type.startswith(_SHOWN) and not file.media_type.startswith(_SCRIPTED)
    return said if is_shown else said.replace("inline", "attachment", 1)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
