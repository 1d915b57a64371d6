from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageStat

from comfy_gen.sandbox.nodes.video import mp4, webm

FRAMES = tuple(Image.new("RGB", (32, 16), colour) for colour in ("red", "green", "blue"))
CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl", "udta"}


def boxes(data: bytes, path: str = "") -> dict[str, bytes]:
    """All boxes of an MP4 file by their path."""
    found: dict[str, bytes] = {}
    while data:
        size, name = struct.unpack_from(">I4s", data)
        here, body = f"{path}/{name.decode('latin-1')}", data[8:size]
        found[here] = body
        if name.decode("latin-1") in CONTAINERS:
            found |= boxes(body, here)
        data = data[size:]
    return found


def test_mp4_says_where_each_frame_is():
    content = mp4(FRAMES, 8.0, comment="how")
    found = boxes(content)
    table = found["/moov/trak/mdia/minf/stbl/stsz"]
    sizes = struct.unpack(">3I", table[12:])
    (start,) = struct.unpack(">I", found["/moov/trak/mdia/minf/stbl/stco"][8:])
    colours: list[int] = []
    for size in sizes:
        frame = Image.open(BytesIO(content[start : start + size]))
        assert (frame.format, frame.size) == ("JPEG", (32, 16))
        mean = ImageStat.Stat(frame).mean
        colours.append(mean.index(max(mean)))
        start += size
    assert colours == [0, 1, 2]


def test_mp4_says_how_long_it_is_and_how_it_was_made():
    found = boxes(mp4(FRAMES, 8.0, comment="how"))
    assert struct.unpack(">2I", found["/moov/mvhd"][12:20]) == (1000, 375)
    assert found["/moov/udta/\xa9cmt"].endswith(b"how")


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of one level of a WebM file."""
    found: list[tuple[int, bytes]] = []
    while data:
        width = 9 - data[0].bit_length()
        size = struct.unpack_from(">Q", data, width)[0] & ~(1 << 56)
        end = width + 8 + size
        found.append((int.from_bytes(data[:width], "big"), data[width + 8 : end]))
        data = data[end:]
    return found


def test_webm_has_a_cluster_for_each_frame_with_its_time():
    (head, _), (segment, body) = elements(webm(FRAMES, 8.0, comment="how"))
    assert (head, segment) == (0x1A45DFA3, 0x18538067)
    clusters = [dict(elements(inner)) for number, inner in elements(body) if number == 0x1F43B675]
    assert [int.from_bytes(cluster[0xE7], "big") for cluster in clusters] == [0, 125, 250]
    for cluster in clusters:
        key_frame = cluster[0xA3][4:]
        assert key_frame[3:6] == b"\x9d\x01\x2a"
        assert struct.unpack_from("<HH", key_frame, 6) == (32, 16)
    assert b"how" in body
