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
