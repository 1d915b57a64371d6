"""An agent starts from pictures that exist."""

from __future__ import annotations

import base64

import pytest

from tests.mcp.serving import picture

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def known(agents, facts):
    found = await agents.call("search_library", {"generation_id": facts["job_id"]})
    return found.facts["generations"][0]


async def sha256(agents, facts):
    return (await agents.service.get(f"/jobs/{facts['job_id']}"))["output"][0]["sha256"]


async def test_rerun_alone_makes_the_very_same(agents):
    made = await agents.made(seed=5)

    again = (await agents.call("rerun", {"generation_id": made["job_id"]})).facts

    assert again["job_id"] != made["job_id"]
    assert (await known(agents, again))["seed"] == 5
    # The pictures have their graphs written into them: where these are the same, so are the files.
    assert await sha256(agents, again) == await sha256(agents, made)


async def test_rerun_with_changes_keeps_the_rest(agents):
    made = await agents.made(seed=5, negative_prompt="fog")

    changed = (await agents.call("rerun", {"generation_id": made["job_id"], "prompt": "a windmill"})).facts

    found = await known(agents, changed)
    assert (found["prompt"], found["negative_prompt"], found["seed"]) == ("a windmill", "fog", 5)


async def test_rerun_with_seed_minus_one_is_a_variation(agents):
    made = await agents.made(seed=5)

    varied = (await agents.call("rerun", {"generation_id": made["job_id"], "seed": -1})).facts

    found = await known(agents, varied)
    assert found["seed"] not in {5, -1}
    assert found["prompt"] == "a lighthouse"


async def test_edited_picture_can_be_made_again_with_changes(agents):
    made = await agents.made()
    edited = (await agents.call("edit_image", {"image": made["job_id"], "prompt": "in snow", "steps": 1})).facts

    varied = (await agents.call("rerun", {"generation_id": edited["job_id"], "seed": 7})).facts

    assert (await known(agents, varied))["seed"] == 7
    assert (await known(agents, varied))["prompt"] == "in snow"


async def test_rerun_of_what_there_is_not_says_where_to_look(agents):
    error = (await agents.call("rerun", {"generation_id": "nope"})).error

    assert error.startswith("error[generation_not_found]: ")
    assert "Call search_library" in error


@pytest.mark.parametrize("by", ["job", "artifact", "resource", "file", "upload"])
async def test_picture_to_edit_may_be_named_in_every_way(agents, by):
    made = await agents.made()
    (agents.folder / "in.png").write_bytes(picture())
    data = base64.b64encode(picture()).decode()
    names = {
        "job": made["job_id"],
        "artifact": made["outputs"][0]["id"],
        "resource": made["outputs"][0]["resource"],
        "file": "in.png",
        "upload": (await agents.call("upload_image", {"data": data})).facts["image"],
    }

    told = await agents.call("edit_image", {"image": names[by], "prompt": "in snow", "strength": 0.5, "steps": 1})

    assert told.facts["status"] == "completed"


async def test_masked_part_is_painted_by_the_workflow_for_that(agents):
    (agents.folder / "whole.png").write_bytes(picture())
    (agents.folder / "mask.png").write_bytes(picture("white"))
    arguments = {"image": "whole.png", "mask": "mask.png", "prompt": "a door", "steps": 1, "grow_mask": 0}

    facts = (await agents.call("edit_image", arguments)).facts

    asked = await agents.service.get(f"/jobs/{facts['job_id']}/request")
    assert asked["title"] == "sd15-inpaint"
    grown = [node["inputs"]["grow_mask_by"] for node in asked["workflow"].values() if "grow_mask_by" in node["inputs"]]
    assert grown == [0]


@pytest.mark.parametrize(
    ("said", "wrong"), [({"mask": "mask.png", "strength": 0.5}, "strength"), ({"grow_mask": 3}, "grow_mask")]
)
async def test_what_has_no_effect_is_refused(agents, said, wrong):
    error = (await agents.call("edit_image", {"image": "in.png", "prompt": "x", **said})).error

    assert error.startswith(f"error[invalid_parameter]: {wrong} is ")


@pytest.mark.parametrize("image", ["/etc/passwd", "../in.png", "missing/in.png"])
async def test_picture_outside_the_folders_is_refused(agents, image):
    error = (await agents.call("edit_image", {"image": image, "prompt": "x"})).error

    assert error.startswith("error[invalid_parameter]: image is ")


async def test_picture_of_a_job_that_made_none_is_refused(agents):
    made = (await agents.call("generate_image", {"prompt": "x", "timeout": 0, "width": 1024, "steps": 50})).facts
    await agents.call("cancel", {"prompt_id": made["job_id"]})

    error = (await agents.call("upscale", {"image": made["job_id"]})).error

    assert "must be a job that has made a picture" in error


async def test_picture_is_enlarged(agents):
    made = await agents.made()

    told = await agents.call("upscale", {"image": made["job_id"], "scale_by": 0.5})

    assert (told.facts["outputs"][0]["width"], told.facts["outputs"][0]["height"]) == (512, 512)
