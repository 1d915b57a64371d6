"""Results of prompts on the sandbox, taken into a store."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.tracker import Ending, Outcome
from comfy_gen.errors import CorruptOutputError, EngineResponseError, NoOutputError, StorageError
from comfy_gen.pipeline import files
from comfy_gen.pipeline.artifact import artifact_id
from comfy_gen.pipeline.collect import collect, numbered, shown
from comfy_gen.pipeline.inspection import Inspection
from comfy_gen.storage.local import LocalStore
from comfy_gen.validation.safety import SafetyCheck
from comfy_gen.workflows.picture import read_picture
from tests.contracts.graphs import picture, text_to_image
from tests.contracts.peer import node
from tests.contracts.pictures import png

WEBP = {"fps": 6.0, "lossless": True, "quality": 80, "method": "default"}
JOB = "6f1f0f6e-55a4-4c9b-8a3e-0d3b0a1c2d3e"


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch):
    monkeypatch.setattr(files, "FETCH_DELAYS", (0, 0))


@pytest.fixture
async def store(tmp_path):
    return await LocalStore.open(tmp_path / "store")


@pytest.fixture
def stored(tmp_path):
    """Return the names of all files in the store."""

    def stored():
        root = tmp_path / "store"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    return stored


@pytest.fixture
def run(client, store):
    """Run a graph and collect what it made."""

    async def run(graph):
        outcome = await (await client.submit(graph)).result(10)
        return await collect(client, outcome, job_id=JOB, store=store, workflow=graph)

    return run


@pytest.fixture
def take(client, store):
    """Collect what an engine might have said that it made."""

    async def take(outputs, workflow=None):
        outcome = Outcome("p", Ending.SUCCESS, outputs)
        return await collect(client, outcome, job_id=JOB, store=store, workflow=workflow or {})

    return take


async def content(store, key):
    return b"".join([chunk async for chunk in store.read(key)])


async def test_picture_is_stored_with_all_that_is_known_of_it(run, store, stored):
    (artifact,) = await run(picture(size=300))
    assert artifact.artifact_id == artifact_id(JOB, "2", "images", 0)
    assert (artifact.job_id, artifact.node_id, artifact.kind) == (JOB, "2", "image")
    assert artifact.filename.startswith("picture_")
    assert (artifact.media_type, artifact.width, artifact.height) == ("image/png", 300, 300)
    assert artifact.key == f"6f/{JOB}-{artifact.artifact_id}.png"
    raw = await content(store, artifact.key)
    assert (artifact.size, artifact.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    small = Image.open(io.BytesIO(await content(store, artifact.thumbnail_key)))
    assert (small.format, small.size) == ("WEBP", (256, 256))
    assert stored() == sorted([artifact.key, artifact.thumbnail_key])


async def test_png_carries_its_parameters_beside_its_workflow(run, store):
    graph = text_to_image(seed=7)
    graph["4"]["inputs"]["ckpt_name"] = "v1-5-pruned-emaonly-fp16.safetensors"
    (artifact,) = await run(graph)
    path = store.path(artifact.key)
    assert read_picture(path).settings.seed == 7
    assert read_picture(path).workflow == graph


async def test_doing_it_twice_leaves_what_doing_it_once_leaves(run, stored):
    graph = picture()
    first, before = await run(graph), stored()
    assert await run(graph) == first
    assert stored() == before


async def test_every_picture_of_a_batch_has_its_own_id(run):
    artifacts = await run(picture(batch=3))
    assert [one.artifact_id for one in artifacts] == [artifact_id(JOB, "2", "images", number) for number in range(3)]


async def test_previews_are_kept_only_where_there_is_nothing_else(run):
    graph = {**picture(), "3": node("PreviewImage", images=["1", 0])}
    assert [one.node_id for one in await run(graph)] == ["2"]
    del graph["2"]
    assert [one.node_id for one in await run(graph)] == ["3"]


@pytest.mark.parametrize(
    ("class_type", "settings", "suffix", "kind", "media_type"),
    [
        ("SaveAnimatedWEBP", WEBP, ".webp", "image", "image/webp"),
        ("SaveAnimatedPNG", {"fps": 6.0, "compress_level": 4}, ".png", "image", "image/png"),
        ("SaveWEBM", {"codec": "vp9", "fps": 24.0, "crf": 32.0}, ".webm", "video", "video/webm"),
    ],
)
async def test_animation_is_stored_and_its_first_frame_stands_for_a_picture(
    run, store, class_type, settings, suffix, kind, media_type
):
    graph = {**picture(size=64), "3": picture(size=64)["1"], "4": node("ImageBatch", image1=["1", 0], image2=["3", 0])}
    graph["2"] = node(class_type, images=["4", 0], filename_prefix="x", **settings)
    (artifact,) = await run(graph)
    assert artifact.key.endswith(suffix)
    assert (artifact.kind, artifact.media_type) == (kind, media_type)
    assert (artifact.width, bool(artifact.thumbnail_key)) == ((64, True) if kind == "image" else (None, False))
    if kind == "image":
        assert Image.open(io.BytesIO(await content(store, artifact.key))).n_frames == 2


@pytest.mark.parametrize(
    ("word", "name", "kind", "media_type"),
    [
        ("audio", "a.flac", "audio", "audio/flac"),
        ("gifs", "a.mp4", "video", "video/mp4"),
        ("3d", "a.glb", "3d", "model/gltf-binary"),
        ("latents", "a.latent", "file", "application/octet-stream"),
        ("text", "a.txt", "text", "text/plain"),
        ("images", "a.exr", "image", "image/x-exr"),
        ("files", "noname", "file", "application/octet-stream"),
        ("files", "a.toolongforasuffix", "file", "application/octet-stream"),
    ],
)
async def test_every_other_kind_of_file_is_stored_as_it_is(client, store, take, word, name, kind, media_type):
    await client.upload_image(b"content", name=name)
    (artifact,) = await take({"5": {word: [{"filename": name, "subfolder": "", "type": "input"}]}})
    assert (artifact.kind, artifact.media_type, artifact.filename) == (kind, media_type, name)
    assert (artifact.width, artifact.height, artifact.thumbnail_key) == (None, None, None)
    assert artifact.artifact_id == artifact_id(JOB, "5", word, 0)
    assert await content(store, artifact.key) == b"content"


async def test_texts_that_nodes_show_are_stored(store, take):
    artifacts = await take({"57:8": {"text": ["a fox", "ein Füchslein"]}})
    assert [(one.kind, one.media_type, one.filename) for one in artifacts] == [
        ("text", "text/plain", "text_57:8_0.txt"),
        ("text", "text/plain", "text_57:8_1.txt"),
    ]
    assert [await content(store, one.key) for one in artifacts] == [b"a fox", "ein Füchslein".encode()]


async def test_prompt_that_made_nothing_is_an_error(take, stored):
    with pytest.raises(NoOutputError):
        await take({"5": {"animated": [True]}})
    assert stored() == []


async def test_way_of_a_comfyui_keeps_what_is_shown_and_the_very_bytes(client, store):
    graph = {**text_to_image(), "20": node("PreviewImage", images=["8", 0])}
    graph["4"]["inputs"]["ckpt_name"] = "sd_xl_base_1.0.safetensors"
    outcome = await (await client.submit(graph)).result(10)
    saved, seen = await collect(client, outcome, job_id=JOB, store=store, workflow=graph, as_comfyui=True)
    assert (saved.node_id, seen.node_id) == ("9", "20")
    (file,) = [one for one in outcome.files if one.type == "output"]
    assert await content(store, saved.key) == await client.get_file(file)


async def test_way_of_a_comfyui_lets_a_prompt_leave_nothing(client, store):
    outcome = Outcome("p", Ending.SUCCESS, {"5": {"animated": [True]}})
    assert await collect(client, outcome, job_id=JOB, store=store, workflow={}, as_comfyui=True) == []


async def test_damaged_picture_is_not_stored(run, sandbox, stored):
    sandbox.add_fault("corrupt_output")
    with pytest.raises(CorruptOutputError):
        await run(picture())
    assert stored() == []


async def test_png_without_its_end_is_damaged_though_it_opens(client, take, stored):
    await client.upload_image(png()[:-12], name="a.png")
    graph = text_to_image()
    with pytest.raises(CorruptOutputError, match="cut off"):
        await take({"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "input"}]}}, graph)
    assert stored() == []


async def test_engine_that_hesitates_is_asked_again(run, sandbox):
    sandbox.add_fault("error_500:route=GET /view,times=2")
    assert len(await run(picture())) == 1


@pytest.mark.parametrize("class_type", ["SaveImage", "SaveWEBM"])
async def test_engine_that_does_not_give_a_file_is_an_error(run, sandbox, stored, class_type):
    sandbox.add_fault("error_500:route=GET /view,times=3")
    graph = picture()
    graph["2"] = node(class_type, images=["1", 0], filename_prefix="x", codec="vp9", fps=24.0, crf=32.0)
    with pytest.raises(EngineResponseError):
        await run(graph)
    assert stored() == []


async def test_large_picture_is_stored_as_the_engine_made_it(run, client, store, monkeypatch):
    monkeypatch.setattr(files, "IN_MEMORY", 100)
    monkeypatch.setattr("comfy_gen.pipeline.collect.IN_MEMORY", 100)
    graph = text_to_image()
    graph["4"]["inputs"]["ckpt_name"] = "v1-5-pruned-emaonly-fp16.safetensors"
    (artifact,) = await run(graph)
    assert await content(store, artifact.key) == await client.get_image(artifact.filename)
    assert artifact.thumbnail_key is not None


async def test_store_that_is_full_is_told(client, take, monkeypatch):
    async def full(*args, **options):
        raise StorageError("x", "No space left on device")

    await client.upload_image(png(), name="a.png")
    monkeypatch.setattr(LocalStore, "put", full)
    with pytest.raises(StorageError, match="No space left"):
        await take({"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "input"}]}})


def test_number_of_a_file_does_not_depend_on_which_are_kept():
    temporary, kept = FileRef("a.png", "", "temp", "9"), FileRef("b.png", "", "output", "9")
    other = FileRef("c.gif", "", "output", "9", "gifs")
    assert numbered([temporary, kept, other]) == [(kept, 1), (other, 0)]


def test_texts_are_counted_for_each_node():
    outputs = {
        "1": {"text": ["a", {"filename": "a.txt"}, "b"]},
        "2": {"text": ["c"]},
        "3": {"text": "no list"},
        "4": {},
    }
    assert [tuple(one) for one in shown(outputs)] == [("1", 0, "a"), ("1", 1, "b"), ("2", 0, "c")]


async def test_what_does_not_pass_an_inspection_is_not_stored_nor_made_small(client, store, stored):
    graph = {**picture(), "3": node("EmptyImage", width=8, height=8, batch_size=1, color=0xFFFFFF)}
    graph["4"] = node("SaveImage", images=["3", 0], filename_prefix="white")
    outcome = await (await client.submit(graph)).result(10)
    inspection = Inspection(SafetyCheck(0.8, scorer=lambda: is_white))
    (kept,) = await collect(client, outcome, job_id=JOB, store=store, workflow=graph, inspection=inspection)
    assert kept.node_id == "2"
    assert len(stored()) == 2
    assert len(inspection.withheld) == 1


async def test_an_animation_is_stored_whole_after_an_inspection(client, store):
    graph = {
        "1": node("EmptyImage", width=8, height=8, batch_size=5, color=1),
        "2": node("SaveAnimatedWEBP", images=["1", 0], filename_prefix="moving", **WEBP),
    }
    outcome = await (await client.submit(graph)).result(10)
    inspection = Inspection(SafetyCheck(0.8, scorer=lambda: is_white))
    (kept,) = await collect(client, outcome, job_id=JOB, store=store, workflow=graph, inspection=inspection)
    (file,) = outcome.files
    assert await content(store, kept.key) == await client.get_file(file)
    assert (await content(store, kept.thumbnail_key)).startswith(b"RIFF")


async def test_a_video_is_stored_and_said_not_to_be_looked_at(client, store):
    graph = {
        "1": node("EmptyImage", width=8, height=8, batch_size=2, color=0xFFFFFF),
        "2": node("SaveWEBM", images=["1", 0], filename_prefix="moving", codec="vp9", fps=24.0, crf=32.0),
    }
    outcome = await (await client.submit(graph)).result(10)
    inspection = Inspection(SafetyCheck(0.8, scorer=lambda: is_white))
    (kept,) = await collect(client, outcome, job_id=JOB, store=store, workflow=graph, inspection=inspection)
    assert kept.kind == "video"
    assert inspection.notes == ["files of the kind video are not looked at"]


def is_white(image):
    """Score a picture by whether any of it is white."""
    return float(image.convert("L").histogram()[255] > 0)
