"""Tests of uploading files for workflows."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def picture(color: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (16, 8), color).save(target, "PNG")
    return target.getvalue()


def passed_on(image: str) -> dict[str, Any]:
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


async def test_upload_is_what_a_workflow_works_on(served):
    answer = await served.client.post("/uploads", content=picture(), headers={"Content-Type": "image/png"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["media_type"], told["size"]) == ("image/png", len(picture()))
    result = await served.done(passed_on(told["image"]))
    assert (result["state"], result["output"][0]["width"]) == ("completed", 16)


async def test_form_is_taken_too_and_the_same_file_has_the_same_name(served):
    first = await served.client.post("/uploads", files={"file": ("mine.png", picture(), "image/png")})
    again = await served.client.post("/uploads", content=picture(), headers={"Content-Type": "image/png"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_what_no_workflow_can_use_is_refused(served):
    said = {"Content-Type": "application/octet-stream"}
    unknown = await served.client.post("/uploads", content=b"<script>", headers=said)
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (422, "invalid_image")
    damaged = await served.client.post("/uploads", content=picture()[:50], headers=said)
    assert (damaged.status_code, damaged.json()["error"]["code"]) == (422, "invalid_image")
    empty = await served.client.post("/uploads", content=b"", headers=said)
    assert (empty.status_code, empty.json()["error"]["code"]) == (422, "invalid_parameter")
    nothing = await served.client.post("/uploads", files={"other": ("a.png", picture(), "image/png")})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (422, "invalid_parameter")


async def test_form_that_is_damaged_is_refused(served):
    said = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await served.client.post("/uploads", content=b"no form at all", headers=said)
    assert 400 <= answer.status_code < 500


async def test_upload_that_is_not_there_fails_the_job(served):
    result = await served.done(passed_on("comfygen://uploads/comfygen-0000.png"))
    assert (result["state"], result["error"]["code"]) == ("failed", "asset_fetch_failed")
    beyond = await served.done(passed_on("comfygen://uploads/../../comfygen.db"))
    assert (beyond["state"], beyond["error"]["code"]) == ("failed", "asset_fetch_failed")


async def test_key_that_only_reads_uploads_nothing(served):
    reader = await served.caller("reader", "read")
    assert (await reader.post("/uploads", content=picture())).status_code == 403


async def test_what_was_uploaded_can_be_looked_at(served):
    told = (await served.client.post("/uploads", content=picture())).json()
    answer = await served.client.get(f"/uploads/{told['name']}")
    assert (answer.status_code, answer.content) == (200, picture())
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    again = await served.client.get(f"/uploads/{told['name']}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_nothing_but_what_was_uploaded_is_shown_as_an_upload(served):
    gone = await served.client.get(f"/uploads/comfygen-{'0' * 20}.png")
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "artifact_gone")
    for name in ("..%2Fcomfygen.db", "comfygen.db", f"comfygen-{'0' * 20}.png%2F..%2Fx", f"comfygen-{'0' * 19}g.png"):
        assert (await served.client.get(f"/uploads/{name}")).status_code == 404


async def test_what_somebody_else_uploaded_is_not_shown_to_who_knows_its_name(served):
    ada, bob = await served.caller("ada"), await served.caller("bob", "read")
    admin = await served.caller("root", "admin")
    path = f"/uploads/{(await ada.post('/uploads', content=picture())).json()['name']}"
    told = {name: await client.get(path) for name, client in (("ada", ada), ("bob", bob), ("root", admin))}
    assert {name: answer.status_code for name, answer in told.items()} == {"ada": 200, "bob": 404, "root": 200}
    tag = {"If-None-Match": told["ada"].headers["etag"]}
    assert (await bob.get(path, headers=tag)).status_code == 404


async def test_what_several_uploaded_is_shown_to_each(served):
    for owner in ("ada", "bob"):
        client = await served.caller(owner)
        told = (await client.post("/uploads", content=picture())).json()
        assert (await client.get(f"/uploads/{told['name']}")).status_code == 200, owner


async def test_upload_beyond_the_room_for_all_is_refused_whoever_sends_it_and_however(serve):
    served = await serve(max_uploads=len(picture()) + 50)
    assert (await served.client.post("/uploads", files={"file": ("a.png", picture())})).status_code == 201
    another = {"file": ("b.png", picture("blue"))}
    answer = await served.client.post("/uploads", files=another)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "uploads_full")
    named = await served.client.post("/api/v2/assets", files=another, data={"file_path": "b.png"})
    assert (named.status_code, named.json()["error"]["code"]) == (413, "payload_too_large")
    shown = await served.client.post("/comfyui/upload/image", files={"image": another["file"]})
    assert shown.status_code == 413
