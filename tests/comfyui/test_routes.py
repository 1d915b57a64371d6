"""Every route as a method, against the sandbox."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.http import normalise_url
from comfy_gen.errors import EngineResponseError, InputImageError, InvalidParameterError, OutputPathError


def png(color="red"):
    target = io.BytesIO()
    Image.new("RGBA", (16, 16), color).save(target, "PNG")
    return target.getvalue()


# --- files


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


# --- the server


async def test_server_says_what_it_is_and_has(client):
    assert "comfyui_version" in (await client.get_system_stats())["system"]
    assert (await client.get_features())["supports_preview_metadata"] is True
    assert "checkpoints" in await client.get_models()
    assert "v1-5-pruned-emaonly-fp16.safetensors" in await client.get_models("checkpoints")
    assert await client.get_models("no such folder") == []
    assert set(await client.get_object_info("KSampler")) == {"KSampler"}
    assert await client.get_object_info("NoSuchNode") == {}
    assert len(await client.get_object_info()) > 50
    assert await client.get_embeddings() == ["easynegative"]
    assert isinstance(await client.get_extensions(), list)


async def test_memory_is_freed(client, painting):
    await client.run_workflow(painting(), timeout=10)
    await client.free(unload_models=True, free_memory=True)
    from comfy_gen.comfyui.tracker import Started

    (started,) = [e async for e in (await client.submit(painting())).events() if isinstance(e, Started)]
    assert started.cached == ()


async def test_history_is_read_paged_and_forgotten(client, painting):
    ids = [(await client.run_workflow(painting(seed=seed), timeout=10)).prompt_id for seed in range(3)]
    assert list(await client.get_history()) == ids
    assert list(await client.get_history(max_items=1)) == ids[-1:]
    assert list(await client.get_history(max_items=1, offset=0)) == ids[:1]
    await client.delete_history(ids[:1])
    assert await client.get_history(ids[0]) == {}
    await client.clear_history()
    assert await client.get_history() == {}


async def test_queue_is_cleared(slow_client, painting):
    running = await slow_client.submit(painting(steps=500))
    await slow_client.submit(painting(seed=2))
    async for _ in running.events():
        break
    await slow_client.clear_queue()
    assert len((await slow_client.read_queue()).pending) == 0
    await slow_client.interrupt_execution()


# --- users


async def test_userdata_is_stored_read_and_deleted(client):
    await client.store_userdata("workflows/a b.json", b'{"x": 1}')
    assert await client.get_userdata("workflows/a b.json") == b'{"x": 1}'
    assert await client.list_userdata("workflows") == ["a b.json"]
    await client.delete_userdata("workflows/a b.json")
    assert await client.list_userdata("workflows") == []


async def test_settings_are_kept(client):
    await client.set_setting("theme", "dark")
    await client.set_settings({"size": 3})
    assert await client.get_settings() == {"theme": "dark", "size": 3}
    assert await client.get_setting("theme") == "dark"


# --- addresses


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("http://gpu:8188/", "http://gpu:8188"),
        ("gpu:8188", "http://gpu:8188"),
        ("https://gpu/comfy/", "https://gpu/comfy"),
    ],
)
def test_address_is_completed(given, full):
    assert normalise_url(given) == full


@pytest.mark.parametrize("given", ["ftp://gpu", "http://", "http://gpu:port", "", "http://[::1"])
def test_impossible_address_is_refused(given):
    with pytest.raises(InvalidParameterError, match="engine's address"):
        normalise_url(given)
