"""Tests of the routes about workflows."""

from __future__ import annotations

import jsonschema
import pytest

from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.edits import set_size
from tests.api.conftest import picture_graph


def small():
    return set_size(load_template("sd15").workflow, 64, 64)


async def test_shipped_workflows_are_listed(served):
    told = (await served.client.get("/workflows")).json()["workflows"]
    assert [one["name"] for one in told] == list(template_names())
    assert {one["source"] for one in told} == {"shipped"}


async def test_workflow_is_told_with_its_inputs_and_models(served):
    told = (await served.client.get("/workflows/sd15")).json()
    assert "prompt" in told["input_schema"]["properties"]
    assert told["models"][0]["folder"] == "checkpoints"
    assert set(told["presets"]) >= {"draft", "balanced"}
    schema = (await served.client.get(told["links"]["input_schema"])).json()
    assert schema == told["input_schema"]
    graph = (await served.client.get(told["links"]["graph"])).json()
    assert graph == load_template("sd15").workflow


async def test_workflow_that_does_not_exist_is_not_found(served):
    for path in ("", "/schema", "/graph"):
        answer = await served.client.get(f"/workflows/sd51{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "workflow_not_found")
    assert (await served.client.post("/workflows/sd51/run", json={})).status_code == 404
    assert (await served.client.delete("/workflows/sd51")).status_code == 404


async def test_workflow_is_run_and_waited_for(served):
    body = {"inputs": {"prompt": "a lighthouse", "steps": 2, "width": 64, "height": 64, "seed": 7}}
    answer = await served.client.post("/workflows/sd15/run", json=body, params={"wait": 30})
    assert (answer.status_code, answer.json()["state"]) == (200, "completed")
    asked = (await served.client.get(f"/jobs/{answer.json()['id']}/request")).json()
    assert load_template("sd15").instantiate(**body["inputs"]) == asked["workflow"]


async def test_run_that_nobody_waits_for_is_accepted(served):
    await served.service.queue.store.set_paused(True)
    answer = await served.client.post("/workflows/sd15/run", json={"inputs": {}}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"


async def test_inputs_that_cannot_work_are_told_all_at_once(served):
    body = {"inputs": {"steps": 0, "nonsense": 1}}
    answer = await served.client.post("/workflows/sd15/run", json=body)
    assert answer.status_code == 422
    said = answer.text
    assert "steps" in said
    assert "nonsense" in said


async def test_workflow_is_saved_told_run_replaced_and_forgotten(served):
    saved = await served.client.put("/workflows/mine", json=small(), params={"title": "Mine", "summary": "Small."})
    assert saved.status_code == 201, saved.text
    told = saved.json()
    assert (told["source"], told["title"], told["summary"]) == ("saved", "Mine", "Small.")
    properties = told["input_schema"]["properties"]
    assert properties["steps"]["minimum"] == 1
    assert "enum" in properties["sampler"]  # an engine said which there are
    jsonschema.Draft202012Validator.check_schema(told["input_schema"])

    run = await served.client.post("/workflows/mine/run", json={"inputs": {"steps": 2}}, params={"wait": 30})
    assert run.json()["state"] == "completed"
    assert (await served.client.get("/workflows")).json()["workflows"][-1]["name"] == "mine"

    again = await served.client.put("/workflows/mine", json=picture_graph())
    assert again.status_code == 200
    assert (await served.client.get("/workflows/mine/graph")).json() == picture_graph()
    assert (await served.client.delete("/workflows/mine")).status_code == 204
    assert (await served.client.get("/workflows/mine")).status_code == 404


async def test_workflow_is_saved_without_any_engine(served):
    await served.service.queue.store.roster.remove_engine("sandbox")
    saved = await served.client.put("/workflows/mine", json=small())
    assert saved.status_code == 201
    assert "enum" not in saved.json()["input_schema"]["properties"]["sampler"]


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("sd15", picture_graph(), 409, "workflow_name_taken"),
        ("No Name", picture_graph(), 422, "invalid_parameter"),
        ("mine", {"not": "a workflow"}, 422, "workflow_format"),
    ],
)
async def test_what_cannot_be_saved_is_refused(served, name, body, status, code):
    answer = await served.client.put(f"/workflows/{name}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_shipped_workflow_is_not_deleted(served):
    answer = await served.client.delete("/workflows/sd15")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


async def test_saved_workflow_is_everybodys_to_run_and_its_owners_to_change(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    root = await served.caller("root", "admin")
    assert (await ada.put("/workflows/hers", json=picture_graph())).json()["owner"] is None
    assert (await bob.post("/workflows/hers/run", json={})).status_code == 202
    assert (await bob.put("/workflows/hers", json=picture_graph(2))).status_code == 409
    assert (await bob.delete("/workflows/hers")).status_code == 403
    assert (await root.get("/workflows/hers")).json()["owner"] == "ada"
    changeable = [(await who.get("/workflows/hers")).json()["is_changeable"] for who in (ada, bob, root)]
    assert changeable == [True, False, True]
    assert not (await root.get("/workflows/sd15")).json()["is_changeable"]
    assert (await root.delete("/workflows/hers")).status_code == 204


async def test_node_that_is_not_allowed_is_not_saved(serve):
    served = await serve(denied_nodes=("SaveImage",))
    answer = await served.client.put("/workflows/mine", json=picture_graph())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked_by_policy")


async def test_modifiers_are_listed_with_what_they_can_be_told(served):
    told = (await served.client.get("/modifiers")).json()
    found = {one["name"]: one for one in told["modifiers"]}
    assert {"Text2Image", "Image2Image", "Inpaint", "Upscale"} <= set(found)
    assert "prompt" in found["Text2Image"]["parameters"]["properties"]
    assert told["problems"] == []
