"""Assets that workflows name by URL, fetched from a small server and delivered to the sandbox."""

from __future__ import annotations

import io

import pytest
from aiohttp import web
from PIL import Image

from comfy_gen.comfyui import FileRef
from comfy_gen.errors import AssetFetchError, InputImageError, InvalidRequestError, StorageError
from comfy_gen.pipeline.assets import FetchOptions
from comfy_gen.pipeline.cache import AssetCache
from comfy_gen.pipeline.inputs import MAX_ASSETS, GatherOptions, deliver, find_assets, gather, is_upload
from comfy_gen.storage.local import LocalStore
from comfy_gen.workflows.slots import Slot
from tests.contracts.graphs import scaled, text_to_image
from tests.contracts.peer import node
from tests.contracts.pictures import png

OPEN = GatherOptions(FetchOptions(allow_private=True, max_bytes=100_000))
URL = "https://example.org/a.png"


def jpeg():
    target = io.BytesIO()
    Image.new("RGB", (16, 16)).save(target, "JPEG")
    return target.getvalue()


CONTENT = {
    "a.png": png(),
    "same.jpg": png(),
    "other.png": jpeg(),
    "half.png": png()[:80],
    "page.png": b"<!doctype html>",
    "film.bin": b"\0\0\0\x20ftypisom\0\0\2\0",
    "mesh.obj": b"v 0 0 0",
    "large.png": bytes(100_001),
}


class Origin(dict[str, int]):
    """Answers with what it has, and counts how often it was asked for it."""

    async def answer(self, request):
        name = request.match_info["name"]
        self[name] = self.get(name, 0) + 1
        if name not in CONTENT:
            raise web.HTTPNotFound
        return web.Response(body=CONTENT[name])


@pytest.fixture
async def origin():
    origin = Origin()
    app = web.Application()
    app.router.add_get("/{name}", origin.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield origin
    await runner.cleanup()


@pytest.fixture
def cache(tmp_path):
    return AssetCache(tmp_path / "assets")


def loading(*images):
    return {str(number): node("LoadImage", image=image) for number, image in enumerate(images, 1)}


@pytest.mark.parametrize("value", [URL, f"  {URL}\n", "HTTP://127.0.0.1:80/a.png?x=1#y"])
def test_input_that_is_a_url_is_an_asset(value):
    assert find_assets(loading("plain.png", value)) == [Slot("2", "image")]


@pytest.mark.parametrize("value", ["a.png", f"see {URL}", f"{URL} {URL}", "ftp://a.org/a.png", "https://", 7, None])
def test_input_that_is_something_else_is_none(value):
    assert find_assets(loading(value)) == []


@pytest.mark.parametrize(
    ("class_type", "name"),
    [
        ("CLIPTextEncode", "text"),
        ("CLIPTextEncodeSDXL", "text_g"),
        ("StringConcatenate", "string_a"),
        ("SaveImage", "filename_prefix"),
        ("Any", "positive_prompt"),
        ("Any", "prompt_2"),
        ("LoadImageFromUrl", "url"),
        ("LoadImageFromUrl", "image_url"),
        ("LoadImageFromUrl", "url_or_path"),
        ("LoadImageFromUrl", "imageUrl"),
        ("CheckpointLoaderSimple", "ckpt_name"),
    ],
)
def test_text_address_and_model_are_left_alone(class_type, name):
    assert find_assets({"1": node(class_type, **{name: URL})}) == []


@pytest.mark.parametrize("name", ["image", "video", "audio", "file", "mask_image", "text_image", "value"])
def test_any_other_input_may_name_a_file(name):
    assert find_assets({"1": node("Any", **{name: URL})}) == [Slot("1", name)]


def test_prompt_that_is_only_a_url_is_left_alone_wherever_it_stands():
    graph = text_to_image()
    graph["6"]["inputs"]["text"] = ["20", 0]
    graph["20"] = node("PrimitiveStringMultiline", value=URL)
    graph["21"] = node("PrimitiveString", value=URL)
    graph["22"] = node("StringConcatenate", string_a=["21", 0], string_b="x", delimiter="")
    assert find_assets(graph) == []


async def test_workflow_without_urls_is_not_touched(cache):
    graph = scaled("a.png")
    prepared = await gather(graph, cache)
    assert prepared.workflow is graph
    assert not prepared.uploads


async def test_every_url_is_fetched_once_and_named_by_its_content(origin, cache):
    graph = loading(f"{origin.url}/a.png", f" {origin.url}/a.png", f"{origin.url}/same.jpg", f"{origin.url}/other.png")
    prepared = await gather(graph, cache, OPEN)
    assert origin == {"a.png": 1, "same.jpg": 1, "other.png": 1}
    names = [one["inputs"]["image"] for one in prepared.workflow.values()]
    assert names[0] == names[1] == names[2] != names[3]
    assert names[0].endswith(".png")
    assert names[3].endswith(".jpg")
    assert {name: path.read_bytes() for name, path in prepared.uploads.items()} == {names[0]: png(), names[3]: jpeg()}
    assert graph["1"]["inputs"]["image"] == f"{origin.url}/a.png"


@pytest.mark.parametrize(("name", "suffix"), [("film.bin", ".mp4"), ("mesh.obj", ".obj")])
async def test_other_files_than_pictures_are_fetched_too(origin, cache, name, suffix):
    prepared = await gather(loading(f"{origin.url}/{name}"), cache, OPEN)
    assert prepared.workflow["1"]["inputs"]["image"].endswith(suffix)


async def test_all_urls_that_give_nothing_are_told_at_once(origin, cache):
    graph = loading(*(f"{origin.url}/{name}" for name in ("gone.png", "a.png", "page.png", "half.png", "large.png")))
    with pytest.raises(InvalidRequestError) as caught:
        await gather(graph, cache, OPEN)
    kinds = [AssetFetchError, AssetFetchError, InputImageError, AssetFetchError]
    assert [type(error) for error in caught.value.errors] == kinds
    for said in (
        "gone.png: the server answers with status 404",
        "page.png: what lies there is no",
        "half.png",
        "large",
    ):
        assert said in str(caught.value)


async def test_one_url_that_gives_nothing_is_told_as_what_it_is(origin, cache):
    with pytest.raises(AssetFetchError, match="404"):
        await gather(loading(f"{origin.url}/gone.png"), cache, OPEN)


async def test_address_of_this_machine_is_refused_by_default(origin, cache):
    with pytest.raises(AssetFetchError, match="not public"):
        await gather(loading(f"{origin.url}/a.png"), cache)
    assert origin == {}


async def test_flood_of_urls_is_refused_before_any_is_fetched(origin, cache):
    graph = loading(*(f"{origin.url}/{number}.png" for number in range(MAX_ASSETS + 1)))
    with pytest.raises(AssetFetchError, match="more than 100 URLs"):
        await gather(graph, cache, OPEN)
    assert origin == {}


async def test_engine_runs_with_what_was_delivered(origin, cache, client):
    prepared = await gather(scaled(f"{origin.url}/a.png"), cache, OPEN)
    workflow = await deliver(client, prepared)
    assert workflow == prepared.workflow
    outcome = await (await client.submit(workflow)).result(10)
    assert Image.open(io.BytesIO(await client.get_file(outcome.files[0]))).size == (32, 32)


async def test_engine_gets_only_what_it_lacks(origin, cache, client, monkeypatch):
    prepared = await gather(loading(f"{origin.url}/a.png", f"{origin.url}/other.png"), cache, OPEN)
    await deliver(client, prepared)
    monkeypatch.setattr(client, "upload_image", None)
    assert await deliver(client, prepared) == prepared.workflow


async def test_name_that_the_engine_gave_is_used(origin, cache, client, monkeypatch):
    prepared = await gather(loading(f"{origin.url}/a.png", f"{origin.url}/same.jpg"), cache, OPEN)
    (name,) = prepared.uploads
    await client.upload_image(jpeg(), name=name)

    async def lacking(file):
        return False

    monkeypatch.setattr(client, "has_file", lacking)
    workflow = await deliver(client, prepared)
    given = name.replace(".png", " (1).png")
    assert [one["inputs"]["image"] for one in workflow.values()] == [given, given]
    assert await client.get_file(FileRef(given, type="input")) == png()
    assert prepared.workflow["1"]["inputs"]["image"] == name


async def test_asset_that_left_the_cache_is_a_storage_error(origin, cache, client):
    prepared = await gather(loading(f"{origin.url}/a.png"), cache, OPEN)
    next(iter(prepared.uploads.values())).unlink()
    with pytest.raises(StorageError, match="could not read comfygen-"):
        await deliver(client, prepared)


# --- what was uploaded to the service itself


async def chunks(content: bytes):
    yield content


async def test_upload_is_taken_from_the_store(cache, tmp_path):
    store = await LocalStore.open(tmp_path / "artifacts")
    await store.put("uploads/comfygen-1.png", chunks(png()))
    prepared = await gather(loading("comfygen://uploads/comfygen-1.png"), cache, store=store)
    (path,) = prepared.uploads.values()
    assert path.read_bytes() == png()
    assert prepared.workflow["1"]["inputs"]["image"] == path.name


@pytest.mark.parametrize("name", ["comfygen-0.png", "../secret.key", ".parts/x"])
async def test_upload_that_is_not_there_is_told(cache, tmp_path, name):
    store = await LocalStore.open(tmp_path / "artifacts")
    with pytest.raises(AssetFetchError, match="nothing was uploaded"):
        await gather(loading(f"comfygen://uploads/{name}"), cache, store=store)


async def test_where_nothing_can_be_uploaded_no_upload_is_known(cache):
    with pytest.raises(AssetFetchError, match="nothing can be uploaded here"):
        await gather(loading("comfygen://uploads/comfygen-1.png"), cache)


def test_only_our_own_scheme_names_an_upload():
    assert is_upload("comfygen://uploads/a.png")
    assert not is_upload("https://example.org/uploads/a.png")
