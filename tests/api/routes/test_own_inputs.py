"""What a workflow takes beside what every request can say, by the names of its schema."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from comfy_gen.workflows.catalogue import load_template
from tests.api.composing import dry

INPAINT = {"prompt": "a lighthouse", "workflow": "sd15-inpaint"}


async def uploaded(served: Any, color: str) -> str:
    """Upload a small picture, and return what it is called in requests."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(file, "PNG")
    answer = await served.client.post("/uploads", files={"file": ("a.png", file.getvalue(), "image/png")})
    assert answer.status_code == 201, answer.text
    return answer.json()["image"]


async def workflow_of(served: Any, answer: Any) -> dict[str, Any]:
    """Return what a job that was accepted runs."""
    assert answer.status_code < 300, answer.text
    return (await served.client.get(f"/jobs/{answer.json()['id']}/request")).json()["workflow"]


def nodes(workflow: dict[str, Any], class_type: str) -> list[dict[str, Any]]:
    return [node["inputs"] for node in workflow.values() if node["class_type"] == class_type]


def refusal(answer: Any) -> dict[str, str]:
    """Return what is wrong, by the names of what it is wrong with."""
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    parts = error["details"].get("problems") or [error]
    return {one["message"].split(" is ")[0]: one["message"] for one in parts}


async def test_picture_is_painted_over_where_a_mask_says(served):
    picture, mask = await uploaded(served, "teal"), await uploaded(served, "white")
    body = {**INPAINT, "input_image": picture, "inputs": {"mask": mask, "grow_mask": 3}, "steps": 1}
    answer = await served.client.post("/generate/sync", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, "completed"), answer.text
    workflow = await workflow_of(served, answer)
    assert [one["image"] for one in nodes(workflow, "LoadImage")] == [picture]
    assert [one["image"] for one in nodes(workflow, "LoadImageMask")] == [mask]
    assert nodes(workflow, "VAEEncodeForInpaint")[0]["grow_mask_by"] == 3


async def test_all_mistakes_are_told_at_once(served):
    body = {
        **INPAINT,
        "steps": 4,
        "cfg": 5,
        "input_image": "a.png",
        "inputs": {"steps": 5, "image": "b.png", "grow_mask": -1, "marsk": "c.png", "mask": ""},
    }
    told = refusal(await served.client.post("/generate", json=body))
    assert set(told) == {f"inputs.{name}" for name in body["inputs"]}
    assert "input_image" in told["inputs.image"]


async def test_what_every_request_can_say_may_be_said_by_its_name_too(served):
    await served.service.queue.store.set_paused(True)
    inputs = {"steps": 7, "seed": 9, "width": 256, "model": "sd-v1-5-inpainting.ckpt"}
    workflow = await workflow_of(
        served,
        await served.client.post(
            "/generate",
            json={"prompt": "a fox", "workflow": "sd15", "preset": "draft", "height": 320, "inputs": inputs},
        ),
    )
    (sampler,), (canvas,) = nodes(workflow, "KSampler"), nodes(workflow, "EmptyLatentImage")
    assert (sampler["steps"], sampler["seed"]) == (7, 9)
    assert (canvas["width"], canvas["height"]) == (256, 320)


async def test_input_goes_before_a_preset_of_ones_own(served):
    await served.service.queue.store.set_paused(True)
    assert (await served.client.put("/presets/mine", json={"values": {"steps": 3, "cfg": 2.5}})).status_code == 201
    body = {"prompt": "a {fox|fox}", "workflow": "sd15", "preset": "mine", "inputs": {"steps": 8, "seed": 4}}
    (sampler,) = nodes(await workflow_of(served, await served.client.post("/generate", json=body)), "KSampler")
    assert (sampler["steps"], sampler["cfg"], sampler["seed"]) == (8, 2.5, 4)


async def test_recipe_is_told_the_same(served):
    await served.service.queue.store.set_paused(True)
    recipe = (await dry(served, "@portrait a keeper", workflow="sd15", steps=9, seed=5)).json()
    body = {
        "recipe_id": recipe["recipe_id"],
        "workflow": "sd15-inpaint",
        "input_image": "a.png",
        "inputs": {"mask": "b.png", "steps": 4},
    }
    answer = await served.client.post("/generate", json=body)
    workflow = await workflow_of(served, answer)
    assert answer.json()["notes"] == []
    assert nodes(workflow, "LoadImage")[0]["image"] == "a.png"
    assert nodes(workflow, "LoadImageMask")[0]["image"] == "b.png"
    (sampler,) = nodes(workflow, "KSampler")
    assert (sampler["steps"], sampler["seed"]) == (4, 5)
    assert set(refusal(await served.client.post("/generate", json={**body, "steps": 3}))) == {"inputs.steps"}


async def test_recipe_whose_workflow_takes_no_picture_says_so(served):
    recipe_id = (await dry(served, "@portrait a keeper", workflow="sd15")).json()["recipe_id"]
    answer = await served.client.post("/generate", json={"recipe_id": recipe_id, "input_image": "a.png"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "role_not_found")
    assert "input image" in answer.text


@pytest.mark.parametrize("inputs", [None, [], "mask"])
async def test_inputs_are_an_object(served, inputs):
    assert (await served.client.post("/generate", json={**INPAINT, "inputs": inputs})).status_code == 422


async def test_same_body_with_other_inputs_is_another_request(served):
    await served.service.queue.store.set_paused(True)
    body = {**INPAINT, "input_image": "a.png"}
    for inputs, status in (({}, 202), ({"mask": "b.png"}, 409)):
        said = {**body, "inputs": inputs} if inputs else body
        answer = await served.client.post("/generate", json=said, headers={"Idempotency-Key": "one"})
        assert answer.status_code == status
    answer = await served.client.post("/generate", json={**body, "inputs": {}}, headers={"Idempotency-Key": "one"})
    assert answer.status_code in {200, 202}


def test_inpainting_is_told_by_the_names_that_the_studio_uses():
    names = {one.name: one.required for one in load_template("sd15-inpaint").parameters if one.type == "image"}
    assert names == {"image": True, "mask": False}


async def test_mask_without_a_workflow_is_for_one_that_paints_over(served):
    await served.service.queue.store.set_paused(True)
    body = {"prompt": "a fox", "input_image": "a.png", "inputs": {"mask": "b.png"}}
    workflow = await workflow_of(served, await served.client.post("/generate", json=body))
    assert nodes(workflow, "LoadImageMask")[0]["image"] == "b.png"
