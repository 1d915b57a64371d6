"""Bodies that have pictures in them."""

from __future__ import annotations

import base64
import json

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from comfy_gen.api.dialects.openai.bodies import EditBody, VariationBody
from comfy_gen.api.dialects.openai.reading import read
from comfy_gen.errors import AssetFetchError, InvalidParameterError, UnsupportedMediaError
from tests.api.dialects.openai.sketches import picture

CONTENT = picture((8, 8))
DATA = f"data:image/png;base64,{base64.b64encode(CONTENT).decode()}"


def request(content, content_type):
    async def receive():
        return {"type": "http.request", "body": content, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}, receive)


def form(*parts):
    lines = []
    for name, content in parts:
        file = b'; filename="a.png"\r\nContent-Type: image/png' if isinstance(content, bytes) else b""
        value = content if isinstance(content, bytes) else content.encode()
        lines += [
            b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + file,
            b"\r\n\r\n",
            value,
            b"\r\n",
        ]
    return request(b"".join([*lines, b"--x--\r\n"]), "multipart/form-data; boundary=x")


def as_json(**body):
    return request(json.dumps(body).encode(), "application/json")


async def test_form_has_numbers_and_switches_as_text():
    sent = await read(
        form(("prompt", "a fox"), ("n", "2"), ("stream", "true"), ("seed", "5"), ("image", CONTENT)), EditBody
    )
    assert (sent.body.n, sent.body.stream, sent.body.seed) == (2, True, 5)
    assert await sent.images[0].bytes(allow_private=False) == CONTENT


@pytest.mark.parametrize("names", [("image", "image"), ("image[]", "image[]"), ("image[0]", "image[1]")])
async def test_several_pictures_come_under_whichever_name_an_sdk_gives_them(names):
    sent = await read(form(("prompt", "a"), *((name, CONTENT) for name in names), ("mask", CONTENT)), EditBody)
    assert len(sent.images) == 2
    assert sent.mask is not None


async def test_same_request_has_the_same_digest_and_another_picture_another():
    one, same = [await read(form(("prompt", "a"), ("image", CONTENT)), EditBody) for _ in range(2)]
    other = await read(form(("prompt", "a"), ("image", picture((8, 9)))), EditBody)
    assert one.digest == same.digest != other.digest


async def test_pictures_in_json_are_data_or_addresses():
    sent = await read(
        as_json(prompt="a", images=[{"image_url": DATA}], mask={"image_url": "http://[::1]/m.png"}), EditBody
    )
    assert await sent.images[0].bytes(allow_private=False) == CONTENT
    with pytest.raises(AssetFetchError):  # what is on this machine is not for others
        await sent.mask.bytes(allow_private=False)


@pytest.mark.parametrize(
    "bad",
    [
        form(("prompt", "a")),
        form(("prompt", "a"), ("image", b"")),
        as_json(prompt="a", images=[]),
        as_json(prompt="a", images=[{"image_url": "data:image/png;base64,***"}]),
        request(b"[1]", "application/json"),
        request(b'{"a":' * 200 + b"1" + b"}" * 200, "application/json"),
        request(b'{"prompt": "\\ud800"}', "application/json"),
    ],
)
async def test_body_without_a_picture_is_refused(bad):
    with pytest.raises(InvalidParameterError):
        await read(bad, EditBody)


@pytest.mark.parametrize(
    "bad",
    [
        form(("image", CONTENT)),
        form(("prompt", "a"), ("image", "text")),
        form(("prompt", "a"), ("frames", "3"), ("image", CONTENT)),
        as_json(prompt="a", images=[{"file_id": "file-1"}]),
        as_json(prompt="a"),
        request(b"{", "application/json"),
    ],
)
async def test_body_with_a_wrong_parameter_is_refused(bad):
    with pytest.raises(RequestValidationError):
        await read(bad, EditBody)


async def test_other_kinds_of_bodies_are_refused():
    with pytest.raises(UnsupportedMediaError):
        await read(request(CONTENT, "image/png"), VariationBody)
