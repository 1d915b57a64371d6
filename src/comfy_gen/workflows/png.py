"""Reads and writes the texts inside a PNG, chunk by chunk: its pixels are never decoded, nor encoded again. Pure."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.errors import InputImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt"}
# A few kilobytes can unpack to gigabytes. The largest workflows are some megabytes.
_MAX_TEXT = 64 * 1024 * 1024


class _Chunk(NamedTuple):
    kind: bytes
    body: bytes
    start: int
    end: int


def read_texts(png: bytes, *, source: str = "the picture") -> dict[str, str]:
    """Return the texts of a PNG by keyword; of two with one keyword, the first.

    Raises:
        InputImageError: it is no PNG, or it is cut off.
    """
    texts: dict[str, str] = {}
    for chunk in _chunks(png, source):
        if chunk.kind in _TEXT_CHUNKS:
            keyword, text = _decode(chunk, source)
            texts.setdefault(keyword, text)
    return texts


def with_text(png: bytes, keyword: str, text: str, *, source: str = "the picture") -> bytes:
    """Return the PNG with this text under this keyword, in place of one that it had; all else is the same bytes.

    The text goes before the pixels, where readers find it that do not decode them.

    Raises:
        InputImageError: it is no PNG, or it is cut off.
    """
    chunks = list(_chunks(png, source))
    kept = [chunk for chunk in chunks if chunk.kind not in _TEXT_CHUNKS or _keyword(chunk) != keyword]
    first = next(index for index, chunk in enumerate(kept) if chunk.kind in (b"IDAT", b"IEND"))
    pieces = [png[chunk.start : chunk.end] for chunk in kept]
    rest = png[chunks[-1].end :]
    return b"".join([SIGNATURE, *pieces[:first], _encode(keyword, text), *pieces[first:], rest])


def _chunks(png: bytes, source: str) -> Iterator[_Chunk]:
    if not png.startswith(SIGNATURE):
        raise InputImageError(source, "it is not a PNG")
    start, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if start + 12 > len(png):
            raise InputImageError(source, "the PNG is cut off")
        (length,) = struct.unpack_from(">I", png, start)
        kind, end = png[start + 4 : start + 8], start + 12 + length
        if end > len(png):
            raise InputImageError(source, "the PNG is cut off")
        yield _Chunk(kind, png[start + 8 : end - 4], start, end)
        start = end


def _keyword(chunk: _Chunk) -> str:
    return chunk.body.partition(b"\0")[0].decode("latin-1")


def _decode(chunk: _Chunk, source: str) -> tuple[str, str]:
    rest = chunk.body.partition(b"\0")[2]
    match chunk.kind:
        case b"tEXt":
            return _keyword(chunk), rest.decode("latin-1")
        case b"zTXt":  # a byte for the method, of which there is one
            return _keyword(chunk), _unpack(rest[1:], source).decode("latin-1")
        case _:  # is it packed, the method, the language, the keyword in that language
            packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
            return _keyword(chunk), (_unpack(text, source) if packed else text).decode(errors="replace")


def _unpack(packed: bytes, source: str) -> bytes:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(packed, _MAX_TEXT)
    except zlib.error as error:
        raise InputImageError(source, f"a text in the PNG is corrupt: {error}") from error
    if stream.unconsumed_tail:
        raise InputImageError(source, "a text in the PNG is larger than 64 MiB")
    return text


def _encode(keyword: str, text: str) -> bytes:
    try:
        kind, body = b"tEXt", keyword.encode("latin-1") + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        kind, body = b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
