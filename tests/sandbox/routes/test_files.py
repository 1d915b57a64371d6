"""What ``tests/contracts`` does not ask of both engines."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.contracts.peer import Peer


@pytest.fixture
async def picture(peer: Peer) -> str:
    buffer = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 100)).save(buffer, "png")
    await peer.upload("view.png", buffer.getvalue())
    return "/view?filename=view.png&type=input"


@pytest.mark.parametrize(
    ("query", "kind", "mode"),
    [
        ("&preview=webp;50", "WEBP", "RGBA"),
        ("&preview=jpeg", "JPEG", "RGB"),
        ("&preview=bogus", "WEBP", "RGBA"),
        ("&channel=rgb", "PNG", "RGB"),
        ("&channel=a", "PNG", "RGBA"),
        ("&channel=rgba", "PNG", "RGBA"),
    ],
)
async def test_view_gives_previews_and_channels(peer: Peer, picture: str, query: str, kind: str, mode: str):
    answer = await peer.get(picture + query)
    made = Image.open(io.BytesIO(answer.body))
    assert (made.format, made.mode) == (kind, mode)
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert answer.headers["content-disposition"] == 'filename="view.png"'


async def test_preview_of_what_is_no_picture_is_a_plain_500(peer: Peer):
    await peer.upload("text.png", b"no picture")
    answer = await peer.get("/view?filename=text.png&type=input&preview=webp")
    assert (answer.status, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")


async def test_page_is_given_out_as_a_download(peer: Peer):
    await peer.upload("page.html", b"<script>")
    answer = await peer.get("/view?filename=page.html&type=input")
    assert answer.headers["content-type"] == "application/octet-stream"


async def test_part_of_a_file_can_be_asked_for(peer: Peer, picture: str):
    answer = await peer.get(picture, headers={"Range": "bytes=0-3"})
    assert (answer.status, answer.body) == (206, b"\x89PNG")


async def test_upload_without_a_file_or_of_an_odd_type_is_refused(peer: Peer):
    assert (await peer.post("/upload/image", data=aiohttp.FormData({"overwrite": "true"}))).status == 400
    assert (await peer.post("/upload/image", data=aiohttp.FormData({"image": "text"}))).status == 500
    assert (await peer.upload("a.png", b"x", type="bogus")).status == 500
    assert (await peer.upload("a.png", b"x", subfolder="../out")).status == 400
    assert (await peer.upload("a" * 300, b"x")).status == 500


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("../../x.png", 400),
        ("..", 400),
        ("/tmp/sandbox-must-not-write-here.png", 500),
        ("dir/inner.png", 500),
        (".", 500),
        ("ünï ☃.png", 200),
        ("semi;colon.png", 200),
    ],
)
async def test_names_that_lead_elsewhere_are_not_written(peer: Peer, name: str, status: int):
    """Recorded in 14_upload_raw_names."""
    head = f'--b\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'
    answer = await peer.request(
        "POST",
        "/upload/image",
        data=head.encode() + b"x\r\n--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert answer.status == status
    assert not Path("/tmp/sandbox-must-not-write-here.png").exists()
    if status == 200:
        assert answer.json()["name"] == name


async def test_mask_is_stored_as_the_alpha_of_its_original(peer: Peer, picture: str):
    mask = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 33)).save(mask, "png")
    reference = '{"filename": "view.png", "type": "input"}'
    answer = await peer.upload("m.png", mask.getvalue(), "/upload/mask", original_ref=reference)
    assert answer.json() == {"name": "m.png", "subfolder": "", "type": "input"}
    made = Image.open(io.BytesIO((await peer.get(picture.replace("view.png", "m.png"))).body))
    assert made.getpixel((0, 0)) == (255, 0, 0, 33)


async def test_mask_without_an_original_is_answered_and_not_stored(peer: Peer):
    """ComfyUI behaviour."""
    answer = await peer.upload("m.png", b"x", "/upload/mask", original_ref='{"filename": "none.png"}')
    assert answer.status == 200
    assert (await peer.get("/view?filename=m.png&type=input")).status == 404
    assert (await peer.upload("m.png", b"x", "/upload/mask", original_ref="{bad")).status == 500
    assert (await peer.post("/upload/mask", data=aiohttp.FormData({"a": "b"}))).status == 400
