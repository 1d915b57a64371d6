"""Tests of what is sent to be an asset: forms that are whole, damaged, hostile or too large."""

from __future__ import annotations

import pytest

from comfy_gen.api.bounds import UPLOAD_LIMIT
from comfy_gen.api.dialects.comfy.assets_sent import FIELD_LIMIT, MAX_FIELDS, media_type_in
from tests.api.dialects.comfy.sending import V2, found, hash_of, kept, picture, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def part(name, content, more=""):
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--x--\r\n"


async def refused(client, content, headers=FORM):
    answer = await client.post(f"{V2}/assets", content=content, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    return answer.status_code, answer.json()["error"]["code"]


async def test_order_of_a_form_does_not_matter(ada):
    file = part("file", picture(), '; filename="a.png"')
    for content in (form(file, part("file_path", b"a.png")), form(part("file_path", b"a.png"), file)):
        answer = await ada.post(f"{V2}/assets", content=content, headers=FORM)
        assert (answer.json()["hash"], answer.json()["content_type"]) == (hash_of(picture()), "image/png")


async def test_file_of_any_kind_is_kept_as_it_is(ada):
    for content in (b"", b"\0", b"<script>alert(1)</script>", picture()[:50], bytes(range(256)) * 20_000):
        told = await kept(ada, content, "upload.bin")
        assert (told["hash"], told["size_bytes"]) == (hash_of(content), len(content))
        assert (await ada.get(f"{V2}/assets/{told['id']}/content")).content == content


async def test_what_is_no_whole_form_is_refused(ada):
    file = part("file", picture(), '; filename="a.png"')
    path = part("file_path", b"a.png")
    assert await refused(ada, form(path)) == (422, "invalid_request")
    assert await refused(ada, form(path, part("file", b"not a file"))) == (422, "invalid_request")
    assert await refused(ada, form(file)) == (422, "invalid_request")
    assert await refused(ada, b"no form at all") == (400, "invalid_request")
    assert await refused(ada, b"", {"Content-Type": "multipart/form-data"}) == (400, "invalid_request")
    assert await refused(ada, b"{}", {"Content-Type": "application/json"}) == (422, "invalid_request")
    assert await refused(ada, picture(), {"Content-Type": "image/png"}) == (422, "invalid_request")


async def test_form_of_more_than_anybody_has_to_say_is_refused(ada):
    file, path = part("file", picture(), '; filename="a.png"'), part("file_path", b"a.png")
    assert (await refused(ada, form(file, path, file)))[0] == 400
    assert (await refused(ada, form(file, path, *[part("tags", b"x")] * MAX_FIELDS)))[0] == 400
    assert (await refused(ada, form(file, path, part("tags", b"x" * (FIELD_LIMIT + 1)))))[0] == 400


async def test_upload_that_says_it_is_too_large_is_not_read(ada):
    said = {**FORM, "Content-Length": str(UPLOAD_LIMIT + 1)}
    assert (await refused(ada, b"x", said))[0] == 413


@pytest.mark.parametrize(
    "filename", ["../../evil.png", "/etc/passwd", 'a"b.png', "a\\b.png", "a;b.png", "灯台.png", "a" * 5000 + ".png"]
)
async def test_name_of_a_file_leads_nowhere(desk, ada, filename):
    answer = await sent(ada, picture(), "photo.png", filename)
    if answer.status_code == 201:
        asset = await found(desk, answer.json())
        assert (asset.file_path, asset.kept.key.startswith("uploads/asset-")) == ("photo.png", True)
    else:
        assert answer.status_code == 400, answer.text  # a header that is too long


@pytest.mark.parametrize(
    "file_path", ["../evil.png", "/etc/passwd", "checkpoints/x.safetensors", "a\0b.png", "a" * 5000]
)
async def test_path_that_is_no_inputs_is_refused(ada, file_path):
    answer = await sent(ada, picture(), file_path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert (await ada.head(f"{V2}/assets/by-hash/{hash_of(picture())}")).status_code == 404


@pytest.mark.parametrize("name", ['a"b.png', "a;b\\c.png", "灯台.png", "a%0d%0ab.png"])
async def test_any_name_is_told_and_sent_along_safely(ada, name):
    told = await kept(ada, picture(), name)
    assert told["file_path"] == name
    answer = await ada.get(f"{V2}/assets/{told['id']}/content")
    assert (answer.status_code, answer.content) == (200, picture())


async def test_nothing_that_was_sent_acts_in_the_name_of_the_service(ada):
    told = (await sent(ada, b"<script>alert(1)</script>", "x.html", content_type="text/html")).json()
    answer = await ada.get(told["url"])
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")


async def test_media_type_that_is_none_is_made_of_what_else_is_known(ada):
    for number, said in enumerate(("x\r\nSet-Cookie: a=b", "no type", "text/" + "a" * 1000, "")):
        told = (await sent(ada, bytes([number]), content_type=said)).json()
        assert told["content_type"] == "image/png", said
    assert media_type_in(["text/plain; charset=utf-8"]) == "text/plain; charset=utf-8"
    assert media_type_in(["", None, "x"]) == ""
