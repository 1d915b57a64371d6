"""Presets over HTTP: kept, used, and forgotten."""

from __future__ import annotations

import pytest

from tests.api.conftest import SMALL

VALUES = {"steps": 3, "width": 256, "height": 256, "sampler": "euler"}


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


async def saved(served, name="mine", client=None, **values):
    answer = await (client or served.client).put(f"/presets/{name}", json={"values": values or VALUES})
    assert answer.status_code in {200, 201}, answer.text
    return answer


async def test_preset_is_kept_and_told(served):
    body = {"values": VALUES, "description": "small ones"}
    answer = await served.client.put("/presets/mine", json=body)
    told = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, "/presets/mine")
    assert (told["name"], told["values"], told["description"]) == ("mine", VALUES, "small ones")
    assert told["created"] == told["updated"]
    assert (await served.client.get("/presets/mine")).json() == told
    assert (await served.client.get("/presets")).json() == {"presets": [told]}


async def test_preset_of_a_name_that_there_is_takes_its_place(served):
    first = (await saved(served)).json()
    answer = await saved(served, steps=4)
    assert (answer.status_code, answer.json()["values"]) == (200, {"steps": 4})
    assert answer.json()["created"] == first["created"]


async def test_preset_is_forgotten(served):
    await saved(served)
    assert (await served.client.delete("/presets/mine")).status_code == 204
    assert refused(await served.client.get("/presets/mine")) == (404, "preset_not_found")
    assert refused(await served.client.delete("/presets/mine")) == (404, "preset_not_found")


async def test_nearest_is_told_where_there_is_none(served):
    await saved(served, "portraits")
    error = (await served.client.get("/presets/potraits")).json()["error"]
    assert "portraits" in error["hint"]


@pytest.mark.parametrize("name", ["draft", "balanced", "Mine", "-mine", "x" * 49, "a b", "%2e%2e"])
async def test_name_that_cannot_be_is_refused(served, name):
    answer = await served.client.put(f"/presets/{name}", json={"values": VALUES})
    assert refused(answer) == (422, "invalid_parameter")
    assert (await served.client.get("/presets")).json() == {"presets": []}


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ["values"]),
        ({"prompt": "x", "steps": 0}, ["prompt", "steps"]),
        ({"stepz": 3}, ["stepz"]),
        ({"seed": 3}, ["seed"]),
        ({"loras": [{"name": "x", "weight": 1}]}, ["loras[0]"]),
        ({"loras": [{"name": "x", "strength": None}]}, ["loras[0]"]),
        ({"categories": "car"}, ["categories"]),
        ({"cfg": True}, ["cfg"]),
        ({"width": 100}, ["width"]),
    ],
)
async def test_values_that_cannot_be_kept_are_all_told(served, values, names):
    error = (await served.client.put("/presets/mine", json={"values": values})).json()["error"]
    assert (error["details"]["status"], error["code"], error["details"]["name"]) == (422, "invalid_parameter", names[0])
    assert all(name in error["message"] for name in names)


async def test_presets_are_their_owners(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    await saved(served, client=ada)
    assert (await bob.get("/presets")).json() == {"presets": []}
    assert refused(await bob.get("/presets/mine")) == (404, "preset_not_found")
    assert refused(await bob.delete("/presets/mine")) == (404, "preset_not_found")
    assert refused(await bob.post("/generate", json={"prompt": "x", "preset": "mine"})) == (404, "preset_not_found")
    assert refused(await bob.post("/compose", json={"input": "@cat", "preset": "mine"})) == (404, "preset_not_found")
    await saved(served, client=bob, steps=9)
    assert (await ada.get("/presets/mine")).json()["values"] == VALUES


async def test_prompt_is_generated_with_the_values_of_a_preset_that_it_does_not_say_itself(served):
    await saved(served, **VALUES, negative_prompt="a hat", workflow="sd15", categories=["car"])
    body = {"prompt": "a fox", "preset": "mine", "steps": 1}
    done = (await served.client.post("/generate/sync", json=body)).json()
    told = (await served.client.get(f"/library/{done['id']}")).json()
    recipe = told["recipe"]
    assert {name: recipe[name] for name in SMALL} == SMALL
    assert (recipe["sampler"], told["negative_prompt"], told["workflow"]) == ("euler", "a hat", "sd15")


async def test_preset_of_the_workflows_is_still_one(served):
    body = {"prompt": "a fox", "workflow": "sd15", "preset": "draft", "width": 256, "height": 256}
    answer = await served.client.post("/generate", json=body)
    assert answer.status_code == 202, answer.text


async def test_lora_of_a_preset_is_used(served):
    loras = [{"name": "detail.safetensors", "strength": 0.5}]
    await saved(served, loras=loras, **SMALL)
    told = (await served.client.post("/compose", json={"input": "@cat", "preset": "mine", "dry_run": True})).json()
    assert {"filename": "detail.safetensors", "strength": 0.5} in told["recipe"]["loras"]
