from __future__ import annotations

import pytest

from comfy_gen.app.importing import Known, Stock, find_lacks, take_stock
from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.errors import NotComfyUIError
from comfy_gen.models.manifest import load_manifest
from comfy_gen.sandbox import Sandbox
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.convert import Conversion, convert
from tests.workflows.samples import plain

SDXL = "sd_xl_base_1.0.safetensors"


@pytest.fixture
def stock(object_info):
    """The recorded engine, with one model."""
    return Stock("http://engine", object_info, {"checkpoints": ["tiny_sd15.safetensors"], "loras": []})


def converted(workflow):
    return Conversion(workflow, problems=(), notes=())


def as_recorded(workflow, object_info):
    """A workflow with a checkpoint that the recorded engine offers."""
    workflow["41"]["inputs"]["ckpt_name"] = object_info["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0][
        0
    ]
    return workflow


def own(object_info):
    workflow = as_recorded(plain(), object_info)
    files = {"checkpoints": [workflow["41"]["inputs"]["ckpt_name"]], "loras": []}
    return workflow, Stock("http://engine", object_info, files)


def test_workflow_whose_every_need_is_there_lacks_nothing(object_info):
    workflow, stock = own(object_info)
    lacks = find_lacks(converted(workflow), stock, Known())
    assert lacks.is_complete
    assert lacks.as_json()["complete"] is True


def test_missing_model_is_told_once_with_its_source_and_not_as_a_problem_too(object_info):
    workflow, stock = own(object_info)
    workflow["41"]["inputs"]["ckpt_name"] = SDXL
    lacks = find_lacks(converted(workflow), stock, Known(load_manifest()))
    (missing,) = lacks.models
    assert (missing.folder, missing.file, missing.node_ids) == ("checkpoints", SDXL, ("41",))
    assert missing.can_be_fetched
    assert missing.model.name == "sdxl-base"
    assert lacks.problems == ()
    assert lacks.as_json()["missing_models"][0]["model"]["source"].startswith("hf:")


def test_model_that_nobody_knows_cannot_be_fetched_and_has_fallbacks(object_info):
    workflow, stock = own(object_info)
    there = stock.models["checkpoints"][0]
    workflow["41"]["inputs"]["ckpt_name"] = there.rsplit(".", 1)[0] + ".gguf"
    (missing,) = find_lacks(converted(workflow), stock, Known()).models
    assert not missing.can_be_fetched
    assert [one.file for one in missing.fallbacks] == [there]
    assert missing.as_json()["fallbacks"][0]["file"] == there


def test_files_of_a_folder_of_which_nothing_is_known_are_trusted(object_info):
    workflow, stock = own(object_info)
    trusting = Stock(stock.url, object_info, {})
    assert find_lacks(converted(workflow), trusting, Known()).models == ()


def test_missing_class_is_told_once_with_all_its_nodes_and_the_nearest(object_info):
    workflow, stock = own(object_info)
    workflow["45"]["class_type"] = "VAEDecoder"
    workflow["50"] = {"class_type": "VAEDecoder", "inputs": {"samples": ["40", 0], "vae": ["41", 2]}}
    lacks = find_lacks(converted(workflow), stock, Known())
    (missing,) = lacks.nodes
    assert (missing.class_type, missing.node_ids, missing.nearest[0]) == ("VAEDecoder", ("45", "50"), "VAEDecode")
    assert lacks.problems == ()
    assert not lacks.is_complete


def test_missing_output_class_does_not_make_a_workflow_without_outputs(object_info):
    workflow, stock = own(object_info)
    workflow["46"]["class_type"] = "SaveImageFancy"
    lacks = find_lacks(converted(workflow), stock, Known())
    assert [one.class_type for one in lacks.nodes] == ["SaveImageFancy"]
    assert lacks.problems == ()


def test_wrong_value_is_a_problem(object_info):
    workflow, stock = own(object_info)
    workflow["40"]["inputs"]["steps"] = 0
    (problem,) = find_lacks(converted(workflow), stock, Known()).problems
    assert "steps is 0" in problem


def test_picture_to_work_on_is_but_noted(object_info):
    template = load_template("sd15-img2img")
    files = {"checkpoints": [one.file for one in template.models]}
    lacks = find_lacks(converted(template.workflow), Stock("", object_info, files), Known())
    assert not any("LoadImage" in problem for problem in lacks.problems)
    assert any("LoadImage" in note for note in lacks.notes)


def ui(*, class_type="ImpactThing"):
    image = [{"name": "IMAGE", "type": "IMAGE", "links": [1]}]
    return {
        "nodes": [
            {
                "id": 1,
                "type": class_type,
                "inputs": [],
                "outputs": image,
                "widgets_values": [64, 48, 1, 255],
                "mode": 0,
                "properties": {"cnr_id": "impact-pack"},
            },
            {
                "id": 2,
                "type": "SaveImage",
                "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
                "outputs": [],
                "widgets_values": ["grey"],
                "mode": 0,
            },
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "version": 0.4,
    }


def test_what_could_not_be_converted_whole_is_garbled(stock, object_info):
    lacks = find_lacks(convert(ui(), object_info), stock, Known(document=ui()))
    assert lacks.nodes[0].origin == "https://registry.comfy.org/nodes/impact-pack"
    assert lacks.is_garbled
    assert lacks.problems == ()  # what it says of the node is told as the missing class


def test_class_that_can_be_had_nowhere_says_why(stock, object_info):
    document = ui(class_type="workflow>My group")
    (missing,) = find_lacks(convert(document, object_info), stock, Known(document=document)).nodes
    assert "group node" in missing.reason
    assert missing.nearest == ()


def test_editors_own_hint_says_where_a_model_comes_from(object_info):
    workflow, stock = own(object_info)
    workflow["60"] = {"class_type": "LoraLoaderModelOnly", "inputs": {"lora_name": "ink.safetensors"}}
    hint = {"name": "ink.safetensors", "url": "https://example.org/ink.safetensors", "directory": "loras"}
    document = {"nodes": [{"type": "LoraLoaderModelOnly", "properties": {"models": [hint]}}]}
    (missing,) = find_lacks(converted(workflow), stock, Known(document=document)).models
    assert missing.model.source == "https://example.org/ink.safetensors"


async def test_stock_is_what_an_engine_has():
    async with Sandbox() as sandbox, AsyncComfyUIClient(url=sandbox.url) as client:
        stock = await take_stock(client)
    assert SDXL in stock.models["checkpoints"]
    assert "KSampler" in stock.object_info


async def test_nonsense_is_no_stock():
    async with Sandbox() as sandbox, AsyncComfyUIClient(url=sandbox.url) as client:

        async def nonsense():
            return {"KSampler": 3}

        client.get_object_info = nonsense
        with pytest.raises(NotComfyUIError):
            await take_stock(client)
