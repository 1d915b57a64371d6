"""Tests of the route that says whether a workflow would run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.composition.tier import Tier
from comfy_gen.engines.registry import parse_entry
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.workflows.catalogue import load_template
from tests.api.conftest import picture_graph

UI = {
    "last_node_id": 2,
    "last_link_id": 1,
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "inputs": [],
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            "widgets_values": [64, 64, 1, 0],
        },
        {
            "id": 2,
            "type": "SaveImage",
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "outputs": [],
            "widgets_values": ["x"],
        },
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}


async def validated(served, said, client=None, **headers):
    answer = await (client or served.client).post("/workflows/validate", json=said, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


def sd15(**changes):
    graph = load_template("sd15").workflow
    sampler = next(node for node in graph.values() if node["class_type"] == "KSampler")
    sampler["inputs"] |= changes
    return graph


@pytest.mark.parametrize(
    ("said", "file"),
    [
        ({"workflow": "sd15"}, "sd15.json"),
        ({"workflow": "flux", "prompt": "a fox"}, "flux-dev.json"),
        ({"prompt": "a {red|blue} fox", "width": 512, "height": 512}, "sdxl.json"),
        ({"workflow": "sd15", "inputs": {"prompt": "a fox", "steps": 4}}, "sd15.json"),
        ({"workflow_json": picture_graph()}, None),
        ({"workflow_json": UI}, None),
    ],
)
async def test_what_would_run_is_valid_and_nothing_is_queued(served, said, file):
    told = await validated(served, said)
    assert (told["status"], told["is_valid"], told["errors"]) == ("valid", True, [])
    assert (told["workflow_file"], told["engine"]) == (file, "sandbox")
    assert (told["missing_models"], told["missing_nodes"]) == ([], [])
    assert (await served.client.get("/jobs")).json()["jobs"] == []


async def test_missing_model_is_told_with_what_could_stand_in(served):
    (file, *_) = (await served.service.knowledge.models(need="x"))["checkpoints"]
    told = await validated(served, {"workflow": "sd15", "model": f"x{file}"})
    (missing,) = told["missing_models"]
    assert (told["status"], told["is_valid"]) == ("invalid", False)
    assert (missing["folder"], missing["file"]) == ("checkpoints", f"x{file}")
    assert missing["nearest"]
    assert told["errors"] == [f"the engine has no checkpoints/x{file}; nearest: {', '.join(missing['nearest'])}"]


async def test_model_of_a_shipped_workflow_is_told_with_where_it_can_be_had(serve):
    served = await serve(engine=SandboxOptions(models={"checkpoints": ["other.safetensors"]}))
    (missing,) = (await validated(served, {"workflow": "sd15"}))["missing_models"]
    assert missing["source"] == load_template("sd15").models[0].page


async def test_no_model_for_any_workflow_is_missing_too(serve):
    served = await serve(engine=SandboxOptions(models={"checkpoints": []}))
    told = await validated(served, {"prompt": "a fox"})
    assert (told["is_valid"], told["engine"]) == (False, None)
    assert told["missing_models"][0]["folder"] == "checkpoints"


async def test_missing_node_is_told_once_with_the_nearest(served):
    graph = {
        **picture_graph(),
        "3": {"class_type": "SaveImagex", "inputs": {"images": ["1", 0]}},
        "4": {"class_type": "SaveImagex", "inputs": {"images": ["1", 0]}},
    }
    told = await validated(served, {"workflow_json": graph})
    (missing,) = told["missing_nodes"]
    assert (missing["class_type"], missing["node_ids"]) == ("SaveImagex", ["3", "4"])
    assert missing["nearest"][0] == "SaveImage"
    assert len(told["errors"]) == 1


async def test_values_that_no_engine_takes_are_all_told(served):
    told = await validated(served, {"workflow_json": sd15(steps=0, sampler_name="eulerr")})
    assert len(told["errors"]) == 2
    assert any("steps is 0" in one for one in told["errors"])
    assert any("'eulerr'" in one and "nearest: euler" in one for one in told["errors"])
    assert told["missing_models"] == []


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"workflow": "sd51"}, "sd51"),
        ({"workflow": "sd15", "inputs": {"stepps": 4}}, "stepps"),
        ({"workflow_json": {"1": {"class_type": "X"}}}, "inputs"),
        ({"workflow_json": {str(number): picture_graph()["1"] for number in range(2001)}}, "2,001"),
    ],
)
async def test_what_cannot_work_anywhere_is_an_answer_and_no_error(served, said, word):
    told = await validated(served, said)
    assert (told["status"], told["engine"]) == ("invalid", None)
    assert word in told["errors"][0]


async def test_all_that_speaks_against_a_request_is_told(served):
    told = await validated(served, {"workflow": "upscale", "steps": 4, "cfg": 3.0})
    assert len(told["errors"]) == 2


async def test_node_that_is_not_run_here_is_told(serve):
    served = await serve(denied_nodes=("EmptyImage",))
    told = await validated(served, {"workflow_json": picture_graph()})
    assert "EmptyImage" in told["errors"][0]


@pytest.mark.parametrize("picture", ["https://example.com/a.png", "comfygen://uploads/comfygen-1.png"])
async def test_picture_that_is_fetched_for_the_run_is_there(served, picture):
    assert (await validated(served, {"workflow": "sd15-img2img", "prompt": "x", "input_image": picture}))["is_valid"]


async def test_picture_that_the_engine_lacks_is_an_error(served):
    told = await validated(served, {"workflow": "sd15-img2img", "prompt": "x", "input_image": "nowhere.png"})
    assert not told["is_valid"]
    assert "nowhere.png" in told["errors"][0]


async def test_engine_that_has_the_most_is_the_one_that_is_told_of(serve):
    async with Sandbox(SandboxOptions(models={"checkpoints": ["ours.safetensors"]})) as other:
        served = await serve(with_worker=False)
        await served.service.queue.store.roster.add_engine(parse_entry(f"other={other.url}"))
        assert (await validated(served, {"workflow": "sd15", "model": "ours"}))["engine"] == "other"
        assert (await validated(served, {"workflow": "sd15"}))["engine"] == "sandbox"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"workflow_json": picture_graph(), "prompt": "a fox"}, "prompt"),
        ({"workflow_json": picture_graph(), "inputs": {}}, "inputs"),
        ({"workflow": "sd15", "inputs": {}, "steps": 4}, "steps"),
        ({"inputs": {}}, "workflow"),
    ],
)
async def test_body_that_contradicts_itself_is_refused(served, said, name):
    answer = await served.client.post("/workflows/validate", json=said)
    assert refused(answer) == (422, "invalid_parameter")
    assert answer.json()["error"]["details"]["name"] == name


async def test_preset_of_mine_is_filled_in_and_one_that_is_not_there_is_not_found(served):
    assert (await served.client.put("/presets/none", json={"values": {"model": "nothing"}})).status_code == 201
    told = await validated(served, {"workflow": "sd15", "prompt": "x", "preset": "none"})
    assert told["missing_models"][0]["file"] == "nothing"
    answer = await served.client.post("/workflows/validate", json={"prompt": "x", "preset": "nobodys"})
    assert refused(answer) == (404, "preset_not_found")


async def test_tier_that_the_caller_may_not_have_is_a_warning_and_its_content_refused(served):
    ann = await served.caller("ann", "read", tier=Tier.GENERAL)
    told = await validated(served, {"prompt": "a fox", "policy_tier": "explicit"}, ann)
    assert told["warnings"][0].startswith("the tier is general")
    answer = await ann.post("/workflows/validate", json={"prompt": "a nude woman"})
    assert refused(answer) == (403, "policy_tier")


async def test_nothing_is_said_while_no_engine_answers(serve):
    served = await serve(engines="gone=http://127.0.0.1:9")
    answer = await served.client.post("/workflows/validate", json={"workflow": "sd15"})
    assert refused(answer) == (503, "no_engine")


async def test_missing_model_that_nothing_stands_in_for_is_told_with_like_names(served):
    told = await validated(served, {"workflow": "sd15", "model": "quite-another.safetensors"})
    assert set(told["missing_models"][0]["nearest"]) <= {
        *(await served.service.knowledge.models(need="x"))["checkpoints"]
    }
    assert told["missing_models"][0]["nearest"]


async def test_missing_models_of_a_whole_workflow_are_told_with_where_they_can_be_had(serve):
    served = await serve(engine=SandboxOptions(models={"checkpoints": ["other.safetensors"]}))
    graph, need = load_template("sd15").workflow, load_template("sd15").models[0]
    (missing,) = (await validated(served, {"workflow_json": graph}))["missing_models"]
    assert (missing["folder"], missing["file"], missing["node_ids"]) == (need.folder, need.file, ["1"])
    assert missing["page"]
    assert missing["source"]
    assert missing["name"]


async def test_own_manifest_that_cannot_be_read_is_no_reason_to_say_nothing(serve, tmp_path):
    served = await serve(engine=SandboxOptions(models={"checkpoints": []}))
    broken = tmp_path / "models.yaml"
    broken.write_text("models: 7")
    models = replace(served.service.settings.models, manifest=broken)
    served.service.settings = replace(served.service.settings, models=models)
    (missing,) = (await validated(served, {"workflow": "sd15"}))["missing_models"]
    assert missing["name"]
