"""The inputs of workflows: all that there are, and those that somebody names."""

from __future__ import annotations

import jsonschema
import pytest

from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_size

PROMPT = {"node_id": "2", "input": "text", "name": "subject", "title": "Subject", "description": "What to paint."}
STEPS = {"node_id": "5", "input": "steps", "name": "steps"}
FILE = {"node_id": "7", "input": "filename_prefix", "name": "file_name"}


def small():
    return set_size(load_template("sd15").workflow, 64, 64)


async def inputs_of(served, name):
    answer = await served.client.get(f"/workflows/{name}/inputs")
    assert answer.status_code == 200, answer.text
    return {(one["node_id"], one["input"]): one for one in answer.json()["inputs"]}


@pytest.fixture
async def saving(served):
    """A service with a workflow that was saved."""
    assert (await served.client.put("/workflows/mine", json=small(), params={"title": "Mine"})).status_code == 201
    return served


async def test_every_input_with_a_value_is_told(served):
    told = await inputs_of(served, "sd15")
    graph = load_template("sd15").workflow
    assert [*told] == [
        (node_id, name)
        for node_id, node in graph.items()
        for name, value in node["inputs"].items()
        if not isinstance(value, list)
    ]
    assert all(one["value"] == graph[node_id]["inputs"][name] for (node_id, name), one in told.items())
    kinds = {name: one["type"] for (_, name), one in told.items()}
    assert (kinds["text"], kinds["steps"], kinds["cfg"]) == ("string", "integer", "number")
    assert kinds["sampler_name"] == "choice"
    assert "euler" in told["5", "sampler_name"]["choices"]
    assert told["2", "text"]["name"] == "prompt"
    assert told["2", "text"]["node_title"] == "Positive prompt"
    assert (told["7", "filename_prefix"]["name"], told["7", "filename_prefix"]["choices"]) == (None, None)
    assert (await inputs_of(served, "sd15-inpaint"))["4", "image"]["type"] == "image"


async def test_named_inputs_are_the_ones_it_has(saving):
    answer = await saving.client.put("/workflows/mine/inputs", json={"inputs": [PROMPT, STEPS, FILE]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["name"], told["title"], told["source"]) == ("mine", "Mine", "saved")
    properties = told["input_schema"]["properties"]
    assert [*properties] == ["subject", "steps", "file_name"]
    assert (properties["subject"]["title"], properties["subject"]["description"]) == ("Subject", "What to paint.")
    assert properties["steps"]["minimum"] == 1
    jsonschema.Draft202012Validator.check_schema(told["input_schema"])
    assert (await saving.client.get("/workflows/mine")).json() == told
    named = {place: one["name"] for place, one in (await inputs_of(saving, "mine")).items() if one["name"]}
    assert named == {("2", "text"): "subject", ("5", "steps"): "steps", ("7", "filename_prefix"): "file_name"}


async def test_workflow_runs_by_the_names_it_was_given(saving):
    await saving.client.put("/workflows/mine/inputs", json={"inputs": [PROMPT, FILE]})
    body = {"inputs": {"subject": "a fox", "file_name": "fox"}}
    run = await saving.client.post("/workflows/mine/run", json=body, params={"wait": 30})
    assert run.json()["state"] == "completed", run.text
    workflow = (await saving.client.get(f"/jobs/{run.json()['id']}/request")).json()["workflow"]
    assert workflow["2"]["inputs"]["text"] == "a fox"
    assert workflow["7"]["inputs"]["filename_prefix"] == "fox"
    refused = await saving.client.post("/workflows/mine/run", json={"inputs": {"prompt": "a fox"}})
    assert refused.status_code == 422
    said = {"prompt": "an owl", "workflow": "mine", "inputs": {"file_name": "owl", "subject": "a fox"}}
    twice = await saving.client.post("/generate", json=said)
    assert (twice.status_code, "left out where there is a prompt" in twice.text) == (422, True)


async def test_all_mistakes_are_told_at_once_and_nothing_is_changed(saving):
    before = (await saving.client.get("/workflows/mine")).json()
    wrong = [
        {**STEPS, "name": "Steps!"},
        {**STEPS, "name": "preset"},
        {"node_id": "99", "input": "text", "name": "a"},
        {"node_id": "2", "input": "txet", "name": "b"},
        {"node_id": "5", "input": "model", "name": "c"},
        {**FILE, "name": "a"},
    ]
    answer = await saving.client.put("/workflows/mine/inputs", json={"inputs": wrong})
    assert answer.status_code == 422, answer.text
    problems = [one["message"] for one in answer.json()["error"]["details"]["problems"]]
    assert len(problems) == 7
    for said in (
        "inputs[0].name",
        "inputs[1].name",
        "inputs[1].input",
        "'99'",
        "'txet'",
        "inputs[4].input",
        "[5].name",
    ):
        assert any(said in one for one in problems), said
    assert (await saving.client.get("/workflows/mine")).json() == before


async def test_workflows_inputs_are_its_owners_to_name(served):
    ada, bob, root = await served.caller("ada"), await served.caller("bob"), await served.caller("root", "admin")
    await ada.put("/workflows/hers", json=small())
    body = {"inputs": [STEPS]}
    assert (await bob.get("/workflows/hers/inputs")).status_code == 200
    assert (await bob.put("/workflows/hers/inputs", json=body)).status_code == 403
    assert (await ada.put("/workflows/hers/inputs", json=body)).status_code == 200
    assert (await root.put("/workflows/hers/inputs", json={"inputs": []})).json()["owner"] == "ada"
    assert (await ada.get("/workflows/hers/schema")).json()["properties"] == {}
    assert (await root.put("/workflows/sd15/inputs", json=body)).status_code == 403
    assert (await root.put("/workflows/none/inputs", json=body)).status_code == 404
    assert (await root.get("/workflows/none/inputs")).status_code == 404


async def test_inputs_are_named_without_any_engine(saving):
    await saving.service.queue.store.roster.remove_engine("sandbox")
    assert (await inputs_of(saving, "mine"))["5", "sampler_name"]["type"] == "string"
    assert (await saving.client.put("/workflows/mine/inputs", json={"inputs": [PROMPT, FILE]})).status_code == 200
