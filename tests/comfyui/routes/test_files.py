from __future__ import annotations

import io

import pytest
from PIL import Image

from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.errors import EngineResponseError, InputImageError, OutputPathError


def png(color="red"):
    target = io.BytesIO()
    Image.new("RGBA", (16, 16), color).save(target, "PNG")
    return target.getvalue()


async def test_uploaded_picture_is_viewed_by_the_returned_name(client):
    one, other = await client.upload_image(png(), name="a.png"), await client.upload_image(png("blue"), name="a.png")
    assert (one["name"], other["name"]) == ("a.png", "a (1).png")
    assert await client.get_image(other["name"], folder_type="input") == png("blue")


async def test_overwriting_keeps_the_name(client):
    await client.upload_image(png(), "sub", name="a.png")
    answer = await client.upload_image(png("blue"), "sub", overwrite=True, name="a.png")
    assert answer == {"name": "a.png", "subfolder": "sub", "type": "input"}


async def test_path_is_uploaded_under_its_own_name(client, tmp_path):
    (tmp_path / "dusk.png").write_bytes(png())
    assert (await client.upload_image(tmp_path / "dusk.png"))["name"] == "dusk.png"


async def test_missing_file_is_not_uploaded(client, tmp_path):
    with pytest.raises(InputImageError, match="No such file"):
        await client.upload_image(tmp_path / "gone.png")


async def test_stream_is_uploaded_under_the_name_of_its_file(client, tmp_path):
    (tmp_path / "dusk.png").write_bytes(png())
    with (tmp_path / "dusk.png").open("rb") as stream:
        assert (await client.upload_image(stream))["name"] == "dusk.png"
    assert (await client.upload_image(io.BytesIO(png("blue"))))["name"] == "upload.png"


async def test_content_is_uploaded_once(client, tmp_path, monkeypatch):
    (tmp_path / "dusk.PNG").write_bytes(png())
    first = await client.upload_unique(tmp_path / "dusk.PNG")
    assert await client.has_file(FileRef(first["name"], type="input"))

    async def refuse(*_, **__):
        raise AssertionError("it is there already")

    monkeypatch.setattr(client, "upload_image", refuse)
    assert await client.upload_unique(png()) == first
    assert not await client.has_file(FileRef("gone.png", type="input"))


async def test_mask_is_put_onto_its_original(client):
    original = await client.upload_image(png(), name="a.png")
    mask = await client.upload_mask(png(), FileRef(original["name"], type="input"), name="mask.png")
    assert mask["name"] == "mask.png"


async def test_server_recodes_a_preview(client):
    await client.upload_image(png(), name="a.png")
    assert (await client.get_image("a.png", folder_type="input", preview="webp;80"))[8:12] == b"WEBP"


async def test_file_that_is_not_there_leaves_nothing_behind(client, tmp_path):
    with pytest.raises(EngineResponseError) as caught:
        await client.download(FileRef("gone.png"), tmp_path / "gone.png")
    assert caught.value.status == 404
    assert list(tmp_path.iterdir()) == []


async def test_missing_folder_is_an_output_path_error(client, tmp_path):
    await client.upload_image(png(), name="a.png")
    with pytest.raises(OutputPathError):
        await client.download(FileRef("a.png", type="input"), tmp_path / "gone" / "a.png")
