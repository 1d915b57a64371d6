"""Files are uploaded and seen as a ComfyUI's clients do it; each owner has folders of their own."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.api.conftest import picture_graph
from tests.api.dialects.comfyui.conftest import SERVICE, newcomer
from tests.api.dialects.comfyui.pictures import opened, png, upload, view

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

RED, BLUE = png((255, 0, 0)), png((0, 0, 255))


# --- uploads


@pytest.mark.parametrize("prefix", ["", "api/"])
async def test_upload_is_seen_again_under_the_name_that_was_told(ada: httpx.AsyncClient, prefix: str) -> None:
    answer = await upload(ada, "cat.png", RED, f"{prefix}upload/image")
    assert answer.json() == {"name": "cat.png", "subfolder": "", "type": "input"}
    seen = await ada.get(f"{prefix}view", params={"filename": "cat.png", "type": "input"})
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, RED, "image/png")
    assert seen.headers["content-disposition"] == 'filename="cat.png"'
    assert seen.headers["cache-control"] == "private, no-cache"


async def test_other_content_under_a_taken_name_gets_a_number(ada: httpx.AsyncClient) -> None:
    async def stored(red: int, **fields: str) -> str:
        return (await upload(ada, "cat.png", png((red, 0, 0)), **fields)).json()["name"]

    assert [await stored(1), await stored(1), await stored(2), await stored(2)] == [
        "cat.png",
        "cat.png",
        "cat (1).png",
        "cat (1).png",
    ]
    assert await stored(3, overwrite="true") == "cat.png"
    assert await stored(4, overwrite="1") == "cat.png"
    assert await stored(5, overwrite="yes") == "cat (2).png"
    assert (await view(ada, filename="cat.png", type="input")).content == png((4, 0, 0))


@pytest.mark.parametrize("kind", ["input", "output", "temp"])
async def test_upload_goes_to_the_folder_that_it_names(ada: httpx.AsyncClient, kind: str) -> None:
    answer = await upload(ada, "cat.png", RED, type=kind, subfolder="a//deep/../er")
    assert answer.json() == {"name": "cat.png", "subfolder": "a//deep/../er", "type": kind}
    again = await upload(ada, "cat.png", BLUE, type=kind, subfolder="a/er")
    assert again.json() == {"name": "cat (1).png", "subfolder": "a/er", "type": kind}
    assert (await view(ada, filename="cat.png", subfolder="a/er", type=kind)).content == RED
    assert (await view(ada, filename=f"cat.png [{kind}]", subfolder="a/er")).content == RED


async def test_nobody_sees_what_somebody_else_uploaded(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    await upload(ada, "cat.png", RED)
    assert (await view(bob, filename="cat.png", type="input")).status_code == 404
    assert (await upload(bob, "cat.png", BLUE)).json()["name"] == "cat.png"
    assert (await view(ada, filename="cat.png", type="input")).content == RED


async def test_whatever_is_uploaded_is_kept_and_no_page_is_ever_one_to_a_browser(ada: httpx.AsyncClient) -> None:
    for name in ("page.html", "page.svg", "notes.xyz", "broken.png"):
        assert (await upload(ada, name, b"<script>1</script>")).json()["name"] == name
        seen = await view(ada, filename=name, type="input")
        assert seen.content == b"<script>1</script>"
        assert "sandbox" in seen.headers["content-security-policy"]
        assert seen.headers["x-content-type-options"] == "nosniff"
    for name in ("page.html", "page.svg"):
        seen = await view(ada, filename=name, type="input")
        assert seen.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert (await view(ada, filename="page.html", type="input")).headers["content-type"] == "application/octet-stream"


async def test_names_in_other_scripts_are_kept(ada: httpx.AsyncClient) -> None:
    assert (await upload(ada, "ünï ☃.png", RED, subfolder="ünï/ok")).json()["name"] == "ünï ☃.png"
    seen = await view(ada, filename="ünï ☃.png", subfolder="ünï/ok", type="input")
    assert seen.content == RED
    assert "filename*=UTF-8''%C3%BCn%C3%AF%20%E2%98%83.png" in seen.headers["content-disposition"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("cat.png", {"subfolder": "../out"}),
        ("cat.png", {"subfolder": "/tmp/abs"}),
        ("cat.png", {"type": "bogus"}),
        ("../../cat.png", {}),
        ("..", {}),
        ("a" * 500, {}),
    ],
)
async def test_upload_to_a_bad_place_is_refused(ada: httpx.AsyncClient, name: str, fields: dict[str, str]) -> None:
    assert (await upload(ada, name, RED, **fields)).status_code == 400


async def test_upload_without_a_file_is_refused(ada: httpx.AsyncClient) -> None:
    for answer in (
        await ada.post("upload/image", json={"a": 1}),
        await ada.post("upload/image", data={"image": "text"}),
        await ada.post("upload/image", files={"other": ("cat.png", RED)}),
        await ada.post("upload/image"),
    ):
        assert (answer.status_code, answer.content) == (400, b"")


async def test_who_may_only_look_uploads_nothing(desk: Served) -> None:
    reader = await newcomer(desk, "reader", "read")
    assert (await upload(reader, "cat.png", RED)).status_code == 403


# --- masks


async def test_mask_becomes_the_transparency_of_its_picture(ada: httpx.AsyncClient) -> None:
    await upload(ada, "cat.png", RED, subfolder="pets")
    original = json.dumps({"filename": "cat.png", "subfolder": "pets", "type": "input"})
    mask = png((0, 0, 0, 77))
    answer = await upload(ada, "mask.png", mask, "upload/mask", original_ref=original, subfolder="clipspace")
    assert answer.json() == {"name": "mask.png", "subfolder": "clipspace", "type": "input"}
    seen = opened((await view(ada, filename="mask.png", subfolder="clipspace", type="input")).content)
    assert seen.getpixel((0, 0)) == (255, 0, 0, 77)


async def test_mask_keeps_the_texts_of_an_output_that_it_is_for(desk: Served, ada: httpx.AsyncClient) -> None:
    job_id, filename = await _made(desk, ada)
    original = json.dumps({"filename": filename, "subfolder": f"{job_id}/2"})
    await upload(ada, "mask.png", png((0, 0, 0, 7)), "upload/mask", original_ref=original)
    seen = opened((await view(ada, filename="mask.png", type="input")).content)
    assert json.loads(seen.info["prompt"]).keys() == {"1", "2"}


@pytest.mark.parametrize("filename", ["missing.png", "../cat.png"])
async def test_mask_for_a_missing_picture_is_accepted_and_not_kept(ada: httpx.AsyncClient, filename: str) -> None:
    original = json.dumps({"filename": filename, "type": "input"})
    answer = await upload(ada, "mask.png", png((0, 0, 0, 7)), "upload/mask", original_ref=original)
    assert answer.json() == {"name": "mask.png", "subfolder": "", "type": "input"}
    assert (await view(ada, filename="mask.png", type="input")).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"original_ref": "{bad"}, {"original_ref": "[]"}, {"original_ref": "{}"}])
async def test_mask_for_nothing_is_refused(ada: httpx.AsyncClient, fields: dict[str, str]) -> None:
    assert (await upload(ada, "mask.png", png((0, 0, 0, 7)), "upload/mask", **fields)).status_code == 400


async def test_mask_of_another_size_is_refused(ada: httpx.AsyncClient) -> None:
    await upload(ada, "cat.png", RED)
    original = json.dumps({"filename": "cat.png", "type": "input"})
    answer = await upload(ada, "mask.png", png((0, 0, 0, 7), 16), "upload/mask", original_ref=original)
    assert answer.status_code == 400


# --- what is seen


async def _made(desk: Served, client: httpx.AsyncClient, color: int = 0x336699) -> tuple[str, str]:
    """Have a picture made, and return its job and its name."""
    body = {"input": {"workflow_json": picture_graph(color)}}
    answer = await client.post(f"{SERVICE}/generate/sync", json=body)
    assert answer.status_code == 200, answer.text
    job_id = answer.json()["id"]
    (output,) = await desk.service.queue.store.artifacts(job_id)
    return job_id, output.filename


async def test_output_is_seen_where_a_prompt_said_it_is(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    job_id, filename = await _made(desk, ada)
    place = {"filename": filename, "subfolder": f"{job_id}/2"}
    for kind in ("output", "temp"):
        seen = await view(ada, **place, type=kind)
        assert opened(seen.content).getpixel((0, 0)) == (0x33, 0x66, 0x99)
        assert "immutable" in seen.headers["cache-control"]
    assert (await view(ada, **place, type="input")).status_code == 404
    assert (await view(bob, **place)).status_code == 404
    assert (await desk.client.get("/comfyui/view", params=place)).status_code == 401
    assert (await view(ada, filename="other.png", subfolder=f"{job_id}/2")).status_code == 404
    assert (await view(ada, filename=filename, subfolder=f"{job_id}/3")).status_code == 404


async def test_output_that_is_asked_for_too_early_comes_once_its_job_has_ended(
    desk: Served, ada: httpx.AsyncClient
) -> None:
    graph = picture_graph(color=3)
    graph["2"]["inputs"]["filename_prefix"] = "early"
    await desk.service.queue.store.set_paused(True)
    job_id = (await ada.post(f"{SERVICE}/generate", json={"input": {"workflow_json": graph}})).json()["id"]
    asking = [
        asyncio.create_task(view(ada, filename=name, subfolder=f"{job_id}/2"))
        for name in ("early_00001_.png", "early_00002_.png")
    ]
    done, _ = await asyncio.wait(asking, timeout=0.1)
    assert not done
    await desk.service.queue.store.set_paused(False)
    assert [(await one).status_code for one in asking] == [200, 404]


async def test_file_of_a_job_that_was_deleted_is_gone(desk: Served, ada: httpx.AsyncClient) -> None:
    job_id, filename = await _made(desk, ada, color=4)
    assert (await ada.delete(f"{SERVICE}/jobs/{job_id}")).status_code == 204
    assert (await view(ada, filename=filename, subfolder=f"{job_id}/2")).status_code == 404


async def test_part_of_a_file_is_sent_and_what_is_known_is_not(ada: httpx.AsyncClient) -> None:
    await upload(ada, "cat.png", RED)
    query = {"filename": "cat.png", "type": "input"}
    part = await ada.get("view", params=query, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, RED[:10])
    whole = await ada.head("view", params=query)
    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"", str(len(RED)))
    known = await ada.get("view", params=query, headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "kind", "pixel"),
    [
        ({"preview": "webp;50"}, "image/webp", None),
        ({"preview": "gif"}, "image/webp", None),
        ({"preview": "jpeg"}, "image/jpeg", None),
        ({"preview": "jpeg;0"}, "image/jpeg", None),
        ({"preview": "jpeg", "channel": "a"}, "image/webp", None),
        ({"channel": "rgb"}, "image/png", (10, 20, 30)),
        ({"channel": "a"}, "image/png", (0, 0, 0, 128)),
        ({"channel": "rgba"}, "image/png", (10, 20, 30, 128)),
    ],
)
async def test_picture_is_recoded_if_that_is_asked_for(
    ada: httpx.AsyncClient, query: dict[str, str], kind: str, pixel: tuple[int, ...] | None
) -> None:
    await upload(ada, "cat.png", png((10, 20, 30, 128)))
    seen = await view(ada, filename="cat.png", type="input", **query)
    assert (seen.status_code, seen.headers["content-type"]) == (200, kind)
    picture = opened(seen.content)
    assert picture.size == (8, 8)
    assert pixel is None or picture.getpixel((0, 0)) == pixel


async def test_what_is_no_picture_is_never_recoded(ada: httpx.AsyncClient) -> None:
    await upload(ada, "notes.txt", b"text")
    await upload(ada, "broken.png", b"text")
    assert (await view(ada, filename="notes.txt", type="input", preview="webp")).content == b"text"
    assert (await view(ada, filename="broken.png", type="input", preview="webp")).content == b"text"


async def test_picture_that_cannot_be_recoded_is_sent_as_it_is(ada: httpx.AsyncClient) -> None:
    long = io.BytesIO()
    Image.new("1", (16_400, 1)).save(long, "PNG")  # more than a WebP can be wide
    await upload(ada, "long.png", long.getvalue())
    assert (await view(ada, filename="long.png", type="input", preview="webp")).content == long.getvalue()


async def test_upload_whose_content_is_gone_is_not_there(desk: Served, ada: httpx.AsyncClient) -> None:
    await upload(ada, "gone.txt", b"nothing that a workflow can use")
    owner = (await ada.get(f"{SERVICE}/session")).json()["owner"]
    file = await desk.service.named_files.find(owner, "input", "gone.txt")
    assert file is not None
    await desk.service.artifacts.delete(file.key)
    assert (await view(ada, filename="gone.txt", type="input")).status_code == 404


async def test_what_an_engine_offers_everybody_is_seen_and_what_it_was_given_for_a_job_is_not(
    desk: Served, ada: httpx.AsyncClient
) -> None:
    folder = desk.engine.files.folder("input")
    given = f"comfygen-{'c' * 20}.png"
    for name in ("example.png", given):
        (folder / name).write_bytes(BLUE)
    await desk.service.knowledge.merged_object_info(need="x", fresh=0)
    seen = await view(ada, filename="example.png", type="input")
    assert (seen.content, seen.headers["content-type"]) == (BLUE, "image/png")
    assert opened((await view(ada, filename="example.png", type="input", preview="jpeg")).content).format == "JPEG"
    assert (await view(ada, filename=given, type="input")).status_code == 404
    assert (await view(ada, filename="example.png", type="output")).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"filename": "missing.png"}, 404),
        ({}, 404),
        ({"type": "input"}, 404),
        ({"filename": "."}, 404),
        ({"filename": ""}, 400),
        ({"filename": "[output]"}, 400),
        ({"filename": "a.png", "type": "nowhere"}, 400),
        ({"filename": "../../etc/passwd", "type": "input"}, 400),
        ({"filename": "/etc/passwd", "type": "input"}, 400),
        ({"filename": "a..png", "type": "input"}, 400),
        ({"filename": "passwd", "subfolder": "../../../../etc", "type": "input"}, 403),
        ({"filename": "passwd", "subfolder": "/etc", "type": "input"}, 403),
        ({"filename": "x.png", "subfolder": "00000000-0000-4000-8000-000000000000/9"}, 404),
        ({"filename": "x.png", "subfolder": "no job/9"}, 404),
    ],
)
async def test_what_is_not_there_is_refused_without_a_word(
    ada: httpx.AsyncClient, query: dict[str, str], status: int
) -> None:
    answer = await view(ada, **query)
    assert (answer.status_code, answer.content) == (status, b"")
