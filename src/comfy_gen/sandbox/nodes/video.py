"""Writes small video files without a codec: JPEG frames in MP4, VP8 key frames in WebM. Pure."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

_TICKS = 1000
"""Both containers count time in milliseconds here."""
_NO_TURN = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def mp4(frames: Sequence[Image.Image], fps: float, *, comment: str) -> bytes:
    """Return an MP4 file (ISO base media) of these frames."""
    pictures = [_jpeg(frame) for frame in frames]
    head = _box("ftyp", b"isom", struct.pack(">I", 512), b"isommp41")
    data = _box("mdat", *pictures)
    width, height = frames[0].size
    tick = max(1, round(_TICKS / fps))
    table = _samples([len(picture) for picture in pictures], first=len(head) + 8, tick=tick, size=(width, height))
    return head + data + _movie(table, length=len(pictures) * tick, size=(width, height), comment=comment)


def _movie(table: bytes, *, length: int, size: tuple[int, int], comment: str) -> bytes:
    track_head = struct.pack(">5I8x4H", 0, 0, 1, 0, length, 0, 0, 0, 0) + _NO_TURN
    track_head += struct.pack(">2I", size[0] << 16, size[1] << 16)
    media = _box("mdia", _full("mdhd", struct.pack(">4I2H", 0, 0, _TICKS, length, 0x55C4, 0)), _handler(), table)
    movie_head = (
        struct.pack(">4IIH10x", 0, 0, _TICKS, length, 0x10000, 0x100) + _NO_TURN + struct.pack(">6II", *[0] * 6, 2)
    )
    text = comment.encode()[:0xFFFF]
    about = _box("udta", _box("\xa9cmt", struct.pack(">HH", len(text), 0), text))
    return _box("moov", _full("mvhd", movie_head), _box("trak", _full("tkhd", track_head, flags=3), media), about)


def _handler() -> bytes:
    return _full("hdlr", struct.pack(">I4s12x", 0, b"vide"), b"frames\0")


def _samples(sizes: Sequence[int], *, first: int, tick: int, size: tuple[int, int]) -> bytes:
    entry = _box(
        "jpeg",
        struct.pack(">6xH16x2H2I4xH", 1, *size, 0x480000, 0x480000, 1),
        b"\0" * 32,
        struct.pack(">Hh", 24, -1),
    )
    count = len(sizes)
    table = _box(
        "stbl",
        _full("stsd", struct.pack(">I", 1), entry),
        _full("stts", struct.pack(">3I", 1, count, tick)),
        _full("stsc", struct.pack(">4I", 1, 1, count, 1)),
        _full("stsz", struct.pack(">2I", 0, count), struct.pack(f">{count}I", *sizes)),
        _full("stco", struct.pack(">2I", 1, first)),
    )
    where = _box("dinf", _full("dref", struct.pack(">I", 1), _full("url ", flags=1)))
    return _box("minf", _full("vmhd", b"\0" * 8, flags=1), where, table)


def _box(name: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, name.encode("latin-1")) + body


def _full(name: str, *parts: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags), *parts)


def webm(frames: Sequence[Image.Image], fps: float, *, comment: str) -> bytes:
    """Return a WebM file (EBML) of these frames."""
    size = [struct.pack(">H", side) for side in frames[0].size]
    head = _element(0x1A45DFA3, _element(0x4282, b"webm"), _element(0x4287, b"\x04"), _element(0x4285, b"\x02"))
    names = _element(0x4D80, b"ComfyGen sandbox"), _element(0x5741, b"ComfyGen sandbox")
    length = _element(0x4489, struct.pack(">d", len(frames) * _TICKS / fps))
    info = _element(0x1549A966, _element(0x2AD7B1, (1_000_000).to_bytes(3, "big")), *names, length)
    numbers = (_element(name, b"\x01") for name in (0xD7, 0x73C5, 0x83))
    video = _element(0xE0, _element(0xB0, size[0]), _element(0xBA, size[1]))
    track = _element(0xAE, *numbers, _element(0x86, b"V_VP8"), video)
    tag = _element(0x67C8, _element(0x45A3, b"COMMENT"), _element(0x4487, comment.encode()))
    tags = _element(0x1254C367, _element(0x7373, _element(0x63C0), tag))
    clusters = (_cluster(_vp8(frame), round(number * _TICKS / fps)) for number, frame in enumerate(frames))
    return head + _element(0x18538067, info, _element(0x1654AE6B, track), tags, *clusters)


def _cluster(frame: bytes, time: int) -> bytes:
    return _element(0x1F43B675, _element(0xE7, struct.pack(">I", time)), _element(0xA3, b"\x81\0\0\x80", frame))


def _element(number: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + struct.pack(">Q", 1 << 56 | len(body)) + body


def _jpeg(frame: Image.Image) -> bytes:
    buffer = BytesIO()
    frame.convert("RGB").save(buffer, "jpeg", quality=85)
    return buffer.getvalue()


def _vp8(frame: Image.Image) -> bytes:
    buffer = BytesIO()
    frame.convert("RGB").save(buffer, "webp", quality=80, method=2)
    webp = buffer.getvalue()
    start = webp.index(b"VP8 ")
    length = int.from_bytes(webp[start + 4 : start + 8], "little")
    return webp[start + 8 : start + 8 + length]
