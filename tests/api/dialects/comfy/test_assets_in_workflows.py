"""Tests of what stands for files in workflows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from comfy_gen.api.dialects.comfy.assets_in_workflows import mention_in, mentions_in, resolved, with_files
from comfy_gen.app.caller import ALL_SCOPES
from comfy_gen.errors import GraphTooLargeError, MissingAssetError
from comfy_gen.pipeline.inputs import MAX_ASSETS, find_assets
from comfy_gen.workflows.slots import Slot
from tests.api.dialects.comfy.sending import found, hash_of, kept, passed_on, picture, reference, sent

if TYPE_CHECKING:
    from comfy_gen.app.caller import Caller

module_loop = pytest.mark.asyncio(loop_scope="module")
ID, HASH = "9f8a1c0d-2b3e-4f56-8a7b-1c2d3e4f5a6b", hash_of(b"x")


async def caller_of(desk: Any, client: Any) -> Caller:
    """Return whose key a client brings."""
    return await desk.app.state.gate.admit(None, client.headers)


async def files_of(desk: Any, client: Any, workflow: dict[str, Any]) -> dict[str, Any]:
    return await resolved(desk.service, await caller_of(desk, client), workflow)


async def missing_in(desk: Any, client: Any, workflow: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(MissingAssetError) as caught:
        await files_of(desk, client, workflow)
    return dict(caught.value.missing)


@pytest.mark.parametrize(
    ("value", "asset_id", "digest", "name"),
    [
        (reference(id=ID), ID, None, None),
        (reference(id=ID.upper(), file_path="a.png"), ID, None, None),
        (reference(id=ID, hash=HASH), ID, HASH[7:], None),
        (reference(id="gone", hash=HASH), None, HASH[7:], None),
        (HASH, None, HASH[7:], None),
        ("photo.png", None, None, "photo.png"),
        (" photo.PNG ", None, None, "photo.PNG"),
        ("input/sea/photo.webm", None, None, "sea/photo.webm"),
    ],
)
def test_each_way_to_name_a_file_is_known(value, asset_id, digest, name):
    mention = mention_in(value, is_for_files=True)
    assert mention is not None
    assert (mention.asset_id, mention.digest, mention.name, mention.fault) == (asset_id, digest, name, "")


@pytest.mark.parametrize(
    "value", ["euler", "", 1, None, True, ["4", 0], {"a": 1}, "https://x/a.png", "comfygen://uploads/a.png"]
)
def test_what_names_no_file_is_left_alone(value):
    assert mention_in(value, is_for_files=True) is None
    assert mention_in("photo.png", is_for_files=False) is None


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ({"__type": "core/ASSET"}, "<malformed core/ASSET: missing info>"),
        ({"__type": "core/ASSET", "info": "x"}, "<malformed core/ASSET: missing info>"),
        (reference(), "<malformed core/ASSET: missing info>"),
        (reference(file_path="photo.png"), "<no id>"),
        (reference(id=5), "5"),
        (reference(id="../../x"), "../../x"),
        (reference(id="x" * 5000), "x" * 100),
        (reference(hash="md5:12"), "md5:12"),
        ([reference(id=ID)], ID),
        ({"deep": [{"in": reference(id=ID)}]}, ID),
    ],
)
def test_reference_that_cannot_be_a_file_is_told_by_what_there_is_of_it(value, label):
    mention = mention_in(value, is_for_files=True)
    assert mention is not None
    assert (mention.label, mention.asset_id, mention.fault != "") == (label, None, True)


def test_reference_in_an_input_that_takes_no_file_is_told():
    workflow: Any = {"1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": reference(id=ID)}}}
    ((slot, mention),) = mentions_in(workflow)
    assert (slot, mention.fault) == (Slot("1", "ckpt_name"), "it stands where no file can")


@pytest.mark.parametrize(
    "workflow", [{}, {"nodes": [], "links": []}, {"1": None}, {"1": {"inputs": [1]}}, {"1": {"inputs": {"a": {}}}}]
)
def test_what_is_no_workflow_mentions_nothing(workflow):
    assert list(mentions_in(workflow)) == []


def test_files_are_written_into_a_copy():
    workflow = passed_on(reference(id=ID))
    written = with_files(workflow, {Slot("1", "image"): "comfygen://uploads/a.png", Slot("2", "x"): None})
    assert written == passed_on("comfygen://uploads/a.png")
    assert workflow == passed_on(reference(id=ID))
    assert written["2"] is workflow["2"]


@module_loop
async def test_job_works_on_what_was_sent_however_it_is_named(desk, ada):
    told = await kept(ada, picture(), "input/sea/photo.png")
    asset = await found(desk, told)
    for value in (
        reference(id=told["id"], hash=told["hash"], file_path="x"),
        reference(id=str(uuid4()), hash=told["hash"]),
        told["hash"],
        "sea/photo.png",
        "input/sea/photo.png",
    ):
        assert await files_of(desk, ada, passed_on(value)) == passed_on(asset.kept.reference), value
    assert find_assets(passed_on(asset.kept.reference)) == [Slot("1", "image")]
    result = await desk.done(passed_on(asset.kept.reference), ada)
    assert (result["state"], result["output"][0]["width"]) == ("completed", 16)


@module_loop
async def test_job_works_on_what_another_job_made_even_when_that_is_deleted(desk, ada):
    first = await desk.done(client=ada)
    output = first["output"][0]["id"]
    once = await files_of(desk, ada, passed_on(reference(id=output)))
    assert await files_of(desk, ada, passed_on(reference(id=output))) == once
    assert (await ada.delete(f"/jobs/{first['id']}")).status_code == 204
    assert (await desk.done(once, ada))["state"] == "completed"
    assert await missing_in(desk, ada, passed_on(reference(id=output))) == {output: "it is no asset of yours"}


@module_loop
async def test_everything_that_is_missing_is_told_at_once(desk, ada):
    await kept(ada, b"nothing that is known", "upload.bin")
    damaged = await kept(ada, picture()[:50], "damaged.png")
    unknown = str(uuid4())
    workflow = {
        str(number): {"class_type": "LoadImage", "inputs": {"image": value}}
        for number, value in enumerate((
            reference(id=unknown), {"__type": "core/ASSET"}, hash_of(b"nothing that is known"), "damaged.png",
            reference(id=damaged["id"]), HASH, "the-engines-own.png",
        ))
    }  # fmt: skip
    missing = await missing_in(desk, ada, workflow)
    malformed, useless = "<malformed core/ASSET: missing info>", hash_of(b"nothing that is known")
    assert list(missing) == [unknown, malformed, useless, "damaged.png", damaged["id"], HASH]
    assert missing[unknown] == missing[HASH] == "it is no asset of yours"
    assert missing[useless].startswith("it is no picture, video, sound")


@module_loop
async def test_name_of_the_engines_own_file_stays_as_it_is(desk, ada, bob):
    await kept(bob, picture(), "example.png")
    workflow = passed_on("example.png")
    assert await files_of(desk, ada, workflow) == workflow


@module_loop
async def test_name_means_what_was_sent_last_under_it(desk, ada):
    first, last = await kept(ada, picture("red")), await kept(ada, picture("blue"))
    asset = await found(desk, last)
    assert await files_of(desk, ada, passed_on("photo.png")) == passed_on(asset.kept.reference)
    assert (await ada.delete(f"/api/v2/assets/{last['id']}")).status_code == 204
    assert await files_of(desk, ada, passed_on("photo.png")) == passed_on("photo.png")
    await ada.post("/api/v2/assets/from-hash", json={"hash": first["hash"], "file_path": "photo.png"})
    assert (await files_of(desk, ada, passed_on("photo.png"))) != passed_on("photo.png")


@module_loop
async def test_nobody_works_on_what_is_somebody_elses(desk, ada, bob):
    told, output = await kept(ada, picture(), "hers.png"), (await desk.done(client=ada))["output"][0]["id"]
    asked = {
        "1": {"class_type": "LoadImage", "inputs": {"image": reference(id=told["id"], hash=told["hash"])}},
        "2": {"class_type": "LoadImage", "inputs": {"image": reference(id=output)}},
        "3": {"class_type": "LoadImage", "inputs": {"image": told["hash"]}},
    }
    assert list(await missing_in(desk, bob, asked)) == [told["id"], output, told["hash"]]
    place = (await found(desk, told)).kept.key
    assert told["hash"].partition(":")[2] not in place


@module_loop
async def test_administrator_works_on_what_is_anybodys_and_it_stays_theirs(desk, ada, bob):
    told, output = await kept(ada, picture(), "hers.png"), (await desk.done(client=ada))["output"][0]["id"]
    admin = replace(await caller_of(desk, bob), scopes=ALL_SCOPES)
    for value in (reference(id=told["id"]), reference(id=output)):
        workflow = await resolved(desk.service, admin, passed_on(value))
        name = workflow["1"]["inputs"]["image"].rpartition("/")[2]
        assert (await ada.get(f"/uploads/{name}")).status_code == 200
        assert (await bob.get(f"/uploads/{name}")).status_code == 404


@module_loop
async def test_workflow_of_more_files_than_anybody_works_on_is_refused(desk, ada):
    many: Any = {str(number): {"class_type": "X", "inputs": {"a": f"{number}.png"}} for number in range(MAX_ASSETS + 1)}
    with pytest.raises(GraphTooLargeError):
        await files_of(desk, ada, many)


@module_loop
async def test_output_that_is_gone_from_the_store_is_missing(desk, ada):
    output = (await desk.done(client=ada))["output"][0]["id"]
    artifact, _ = await desk.service.queue.store.artifact(output)
    await desk.service.artifacts.delete(artifact.key)
    assert await missing_in(desk, ada, passed_on(reference(id=output))) == {output: "its content is not there any more"}


@module_loop
async def test_files_that_are_no_pictures_are_given_to_jobs_too(desk, ada):
    for content, name in ((b"a,b\n1,2\n", "table.csv"), (b"RIFF\0\0\0\0WAVEfmt ", "sound.wav"), (b"\0", "a.latent")):
        told = (await sent(ada, content, name)).json()
        workflow: Any = {"1": {"class_type": "Load", "inputs": {"file": reference(id=told["id"])}}}
        found = (await files_of(desk, ada, workflow))["1"]["inputs"]["file"]
        assert found.endswith(name[name.index(".") :])
