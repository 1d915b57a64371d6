"""Reads the header of a model where it lies, so that its kind is known before all of it is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.errors import ModelIntegrityError, ModelSourceError
from comfy_gen.models.answers import Piece, Refused, Whole
from comfy_gen.models.hops import BrokenError, Hops
from comfy_gen.models.parts import Span
from comfy_gen.models.pickles import looks_like_safetensors
from comfy_gen.models.safetensors import LENGTH, parse_header

if TYPE_CHECKING:
    from comfy_gen.models.hops import Body
    from comfy_gen.models.model import Offer
    from comfy_gen.models.safetensors import Header
    from comfy_gen.models.transfer import DownloadOptions

_FIRST = 2**18
"""Bytes that hold most headers."""
_MOST = 2**24
"""Larger headers are rare, and not read just to know a folder."""


async def header_at(offer: Offer, options: DownloadOptions) -> Header | None:
    """Return the header of a safetensors file; None if it is none, or cannot be had without fetching much.

    Raises:
        ModelSourceError: the server does not give the file, or its address may not be asked.
    """
    hops = Hops(
        offer, silence=options.silence, max_redirects=options.max_redirects, allow_private=options.allow_private
    )
    try:
        size, first = await _beginning(hops, _FIRST)
        length = int.from_bytes(first[:LENGTH], "little")
        if size is None or not looks_like_safetensors(first) or length > _MOST:
            return None
        if len(first) < LENGTH + length:
            _, first = await _beginning(hops, LENGTH + length)
        return parse_header(first[LENGTH : LENGTH + length], size - LENGTH, name=offer.model.file)
    except (BrokenError, ModelIntegrityError):  # fetching it would tell more than a look at its folder
        return None
    finally:
        await hops.close()


async def _beginning(hops: Hops, most: int) -> tuple[int | None, bytes]:
    """Return the size of the file, if the server tells it, and its first bytes."""
    async with hops.ask(Span(0, most)) as (answer, body):
        match answer:
            case Piece(identity) | Whole(identity):
                return identity.size, await _first_of(body, most)
            case Refused(reason, advice):
                raise ModelSourceError(hops.host, reason, advice)
            case _:
                return None, b""


async def _first_of(body: Body, most: int) -> bytes:
    content = bytearray()
    async for chunk in body.chunks():
        content += chunk
        if len(content) >= most:
            break
    return bytes(content[:most])
