"""Uploads to an engine, and files from it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.contracts.graphs import picture, scaled, text_to_image
from tests.contracts.pictures import opened, png

if TYPE_CHECKING:
    from tests.contracts.peer import Answer, Peer

TOLD = pytest.mark.unlike_service("it is told what is wrong, with a 400")


@pytest.fixture
def name() -> str:
    """A file name that no other test has."""
    return f"{uuid.uuid4().hex}.png"


async def view(engine: Peer, **query: str) -> Answer:
    return await engine.get("/view", params=query)


async def test_saved_picture_comes_back_with_its_workflow(engine: Peer) -> None:
    graph = picture(colour=0x336699, size=32)
    workflow = {"workflow": {"id": "mine"}}
    entry = await engine.run(graph, extra_data={"extra_pnginfo": workflow})
    (ref,) = entry["outputs"]["2"]["images"]
    answer = await view(engine, **ref)
    image = opened(answer.body)
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == f'filename="{ref["filename"]}"'
    assert image.size == (32, 32)
    assert image.getpixel((0, 0)) == (0x33, 0x66, 0x99)
    assert json.loads(image.info["prompt"]) == graph
    assert json.loads(image.info["workflow"]) == workflow["workflow"]


async def test_batch_gives_numbered_files(engine: Peer) -> None:
    entry = await engine.run(picture(batch=3, prefix="sub/batch"))
    images = entry["outputs"]["2"]["images"]
    numbers = [int(image["filename"].split("_")[1]) for image in images]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


@pytest.mark.unlike_service("each output node has a folder of its own")
async def test_prefix_names_a_folder(engine: Peer) -> None:
    entry = await engine.run(picture(prefix="sub/folder"))
    assert {image["subfolder"] for image in entry["outputs"]["2"]["images"]} == {"sub"}


async def test_sampled_picture_has_its_size_and_its_seed_decides(engine: Peer) -> None:
    pictures = []
    for seed in (1, 2, 1):
        entry = await engine.run(text_to_image(seed=seed, size=64))
        (ref,) = entry["outputs"]["9"]["images"]
        pictures.append(opened((await view(engine, **ref)).body))
    first, other, again = pictures
    assert first.size == (64, 64)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


async def test_upload_is_loaded_and_scaled(engine: Peer, name: str) -> None:
    answer = await engine.upload(name, png((10, 20, 30)))
    assert answer.json() == {"name": name, "subfolder": "", "type": "input"}
    entry = await engine.run(scaled(name, size=24))
    (ref,) = entry["outputs"]["3"]["images"]
    image = opened((await view(engine, **ref)).body)
    assert image.size == (24, 24)
    assert image.getpixel((5, 5)) == (10, 20, 30)


async def test_upload_of_other_bytes_under_a_taken_name_is_renamed(engine: Peer, name: str) -> None:
    stem = name.removesuffix(".png")

    async def stored(colour: int, **fields: str) -> str:
        return (await engine.upload(name, png((colour, 0, 0)), **fields)).json()["name"]

    assert await stored(1) == name
    assert await stored(1) == name
    assert await stored(2) == f"{stem} (1).png"
    assert await stored(2) == f"{stem} (1).png"
    assert await stored(3) == f"{stem} (2).png"
    assert await stored(3, overwrite="true") == name
    assert await stored(4, overwrite="1") == name
    assert await stored(5, overwrite="yes") == f"{stem} (3).png"


@pytest.mark.parametrize("folder", ["input", "temp", "output"])
async def test_upload_goes_to_the_folder_named(engine: Peer, name: str, folder: str) -> None:
    answer = await engine.upload(name, png(), type=folder, subfolder="deep/er")
    assert answer.json() == {"name": name, "subfolder": "deep/er", "type": folder}
    assert (await view(engine, filename=name, subfolder="deep/er", type=folder)).body == png()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"subfolder": "../out"}, 400),
        ({"subfolder": "/tmp/abs"}, 400),
        pytest.param({"type": "bogus"}, 500, marks=TOLD),
    ],
)
async def test_upload_to_a_bad_place_is_refused(engine: Peer, name: str, fields: dict[str, str], status: int) -> None:
    assert (await engine.upload(name, png(), **fields)).status == status


async def test_upload_without_a_file_is_refused(engine: Peer) -> None:
    assert (await engine.post("/upload/image", {"a": 1})).status == 400


async def test_mask_becomes_the_transparency_of_its_picture(engine: Peer, name: str) -> None:
    await engine.upload(name, png((10, 20, 30)))
    mask = png((0, 0, 0, 77))
    original = json.dumps({"filename": name, "type": "input"})
    answer = await engine.upload(f"m{name}", mask, "/upload/mask", original_ref=original)
    assert answer.json() == {"name": f"m{name}", "subfolder": "", "type": "input"}
    image = opened((await view(engine, filename=f"m{name}", type="input")).body)
    assert image.getpixel((0, 0)) == (10, 20, 30, 77)


async def test_mask_for_a_missing_picture_is_accepted_and_not_written(engine: Peer, name: str) -> None:
    original = json.dumps({"filename": "missing.png", "type": "input"})
    answer = await engine.upload(name, png((0, 0, 0, 77)), "/upload/mask", original_ref=original)
    assert answer.status == 200
    assert (await view(engine, filename=name, type="input")).status == 404


@TOLD
@pytest.mark.parametrize("original", [{}, {"original_ref": "{bad"}])
async def test_mask_without_a_reference_is_a_500(engine: Peer, name: str, original: dict[str, str]) -> None:
    assert (await engine.upload(name, png((0, 0, 0, 77)), "/upload/mask", **original)).status == 500


@pytest.mark.parametrize(
    ("query", "mime", "mode"),
    [
        ({"preview": "webp;50"}, "image/webp", "RGB"),
        ({"preview": "jpeg"}, "image/jpeg", "RGB"),
        ({"channel": "rgb"}, "image/png", "RGB"),
        ({"channel": "a"}, "image/png", "RGBA"),
    ],
)
async def test_view_recodes_on_demand(engine: Peer, name: str, query: dict[str, str], mime: str, mode: str) -> None:
    await engine.upload(name, png((10, 20, 30, 128)))
    answer = await view(engine, filename=name, type="input", **query)
    assert (answer.status, answer.headers["content-type"]) == (200, mime)
    assert opened(answer.body).convert("RGBA").size == (64, 64)
    assert mode in {opened(answer.body).mode, "RGB"}


async def test_view_gives_a_part_of_a_file(engine: Peer, name: str) -> None:
    await engine.upload(name, png())
    query = {"filename": name, "type": "input"}
    answer = await engine.get("/view", params=query, headers={"Range": "bytes=0-9"})
    assert (answer.status, answer.body) == (206, png()[:10])


async def test_view_never_serves_a_page_that_runs(engine: Peer) -> None:
    await engine.upload("page.html", b"<script>1</script>", overwrite="true")
    answer = await view(engine, filename="page.html", type="input")
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"filename": "missing.png"}, 404),
        ({}, 404),
        ({"type": "input"}, 404),
        ({"filename": ""}, 400),
        ({"filename": "a.png", "type": "nowhere"}, 400),
        ({"filename": "../../etc/passwd", "type": "input"}, 400),
        ({"filename": "/etc/passwd", "type": "input"}, 400),
        ({"filename": "a..png", "type": "input"}, 400),
        ({"filename": "passwd", "subfolder": "../../../../etc", "type": "input"}, 403),
        ({"filename": "passwd", "subfolder": "/etc", "type": "input"}, 403),
    ],
)
async def test_view_refuses_what_is_not_an_output(engine: Peer, query: dict[str, str], status: int) -> None:
    answer = await view(engine, **query)
    assert (answer.status, answer.body) == (status, b"")
