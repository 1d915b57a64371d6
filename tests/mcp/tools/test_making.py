"""An agent makes pictures."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from mcp.client.client import Client
from PIL import Image

from tests.mcp.serving import SMALL, Told

pytestmark = pytest.mark.asyncio(loop_scope="module")


def format_of(path):
    with Image.open(path) as found:
        return found.format


async def test_picture_comes_with_its_facts_its_image_and_a_link_that_lasts(agents):
    told = await agents.call("generate_image", {"prompt": "a lighthouse", **SMALL, "title": "first"})

    facts = told.facts
    assert facts["status"] == "completed"
    assert facts["prompt_id"] == facts["job_id"] == str(uuid.UUID(facts["job_id"]))
    assert facts["url"].startswith("http://127.0.0.1:8000/artifacts/")
    assert facts["outputs"][0]["resource"] == f"comfygen://artifacts/{facts['outputs'][0]['id']}"
    assert (facts["local_path"], facts["progress_updates"], facts["next"]) == (None, None, None)
    assert told.kinds() == ["text", "image", "resource_link"]
    assert told.result.content[1].mime_type == "image/png"
    assert told.result.content[2].uri == facts["outputs"][0]["resource"]


async def test_picture_that_is_too_large_for_its_budget_is_sent_smaller(agents):
    told = await agents.call("generate_image", {"prompt": "a lighthouse", **SMALL}, image_budget=9_000)

    assert told.facts["outputs"][0]["size"] > 9_000
    assert told.result.content[1].mime_type == "image/jpeg"
    assert len(told.result.content[1].data) <= 12_000


async def test_progress_tells_the_id_first_and_only_grows(agents):
    seen = []

    async def note(progress, total, message):
        seen.append((progress, total, message))

    async with Client(agents.server()) as client:
        arguments = {"prompt": "a lighthouse", **SMALL, "steps": 4, "json_progress": True}
        facts = Told(await client.call_tool("generate_image", arguments, progress_callback=note)).facts

    assert seen[0][2] == f"Job {facts['job_id']} is accepted"
    assert [one[0] for one in seen] == sorted({one[0] for one in seen})
    assert all(progress <= total for progress, total, _ in seen)
    updates = facts["progress_updates"]
    assert (updates[0]["type"], updates[-1]["type"]) == ("connected", "complete")
    assert {one["prompt_id"] for one in updates} == {facts["prompt_id"]}


async def test_picture_is_saved_where_it_is_wanted(agents):
    facts = await agents.made(output_path="deep/first.png")

    assert facts["local_path"] == str(agents.folder / "deep/first.png")
    assert format_of(facts["local_path"]) == "PNG"


async def test_picture_is_saved_in_the_format_that_its_name_says(agents):
    facts = await agents.made(output_path="first.jpg")

    assert format_of(facts["local_path"]) == "JPEG"


@pytest.mark.parametrize("path", ["../out.png", "/etc/out.png", "run.sh", "taken.png"])
async def test_nothing_is_made_that_could_not_be_saved(agents, path):
    (agents.folder / "taken.png").write_bytes(b"mine")

    told = await agents.call("generate_image", {"prompt": "x", "output_path": path, "title": "unsaved"})

    assert told.error.startswith("error[invalid_parameter]: output_path is ")
    assert (await agents.call("list_jobs", {"text": "unsaved"})).facts["jobs"] == []
    assert (agents.folder / "taken.png").read_bytes() == b"mine"


async def test_call_that_does_not_wait_says_how_to_go_on_and_that_brings_all(agents):
    arguments = {"prompt": "x", **SMALL, "timeout": 0, "output_path": "later.png", "json_progress": True}
    facts = (await agents.call("generate_image", arguments)).facts

    assert facts["status"] in {"pending", "running"}
    assert facts["next"]["tool"] == "wait"
    assert facts["next"]["arguments"] == {
        "prompt_id": facts["prompt_id"],
        "output_path": "later.png",
        "json_progress": True,
    }
    later = (await agents.call("wait", facts["next"]["arguments"])).facts
    assert (later["status"], later["job_id"]) == ("completed", facts["job_id"])
    assert later["local_path"] == str(agents.folder / "later.png")
    assert later["progress_updates"][-1]["type"] == "complete"


@pytest.mark.parametrize("model", ["sd15", "v1-5-pruned-emaonly-fp16.safetensors"])
async def test_model_may_be_called_by_its_family_or_its_file(agents, model):
    facts = await agents.made(model=model)

    found = (await agents.call("search_library", {"generation_id": facts["job_id"]})).facts["generations"]
    assert found[0]["prompt"] == "a lighthouse"


async def test_refused_request_says_why_what_helps_and_under_which_id(agents):
    error = (await agents.call("generate_image", {"prompt": "x", "model": "nope.safetensors"})).error

    code, *_, hint, job = error.splitlines()
    assert code.startswith("error[no_capable_engine]: ")
    assert "Call list_models" in hint
    assert uuid.UUID(job.removeprefix("Job: ").removesuffix("."))


async def test_wrong_arguments_are_named_without_what_was_sent(agents):
    error = (await agents.call("generate_image", {"prompt": "secret", "width": 13, "seed": -2})).error

    assert error.startswith("error[invalid_parameter]: width: ")
    assert "seed: " in error
    assert "secret" not in error


async def test_argument_that_is_not_known_is_refused_with_the_nearest(agents):
    error = (await agents.call("generate_image", {"prompt": "x", "negative": "y"})).error

    assert error == ("error[invalid_parameter]: generate_image knows no negative.\nHint: Did you mean negative_prompt?")


@pytest.mark.parametrize("prompt", ['["a", "b"]', '{"a": 1}', "null", "12"])
async def test_prompt_that_looks_like_json_is_a_prompt(agents, prompt):
    facts = (await agents.call("generate_image", {"prompt": prompt, "negative_prompt": prompt, **SMALL})).facts

    found = (await agents.call("search_library", {"generation_id": facts["job_id"]})).facts["generations"][0]
    assert (found["prompt"], found["negative_prompt"]) == (prompt, prompt)


async def test_workflow_runs_with_named_parameters_and_a_picture_by_its_resource(agents):
    made = await agents.made()
    parameters = {"image": f"comfygen://jobs/{made['job_id']}", "scale_by": 0.5}

    facts = (await agents.call("generate_from_workflow", {"workflow": "upscale", "parameters": parameters})).facts

    assert (facts["outputs"][0]["width"], facts["outputs"][0]["height"]) == (512, 512)


async def test_parameter_that_a_workflow_has_not_is_refused_with_the_nearest(agents):
    arguments = {"workflow": "sd15", "parameters": {"stepz": 3}}

    error = (await agents.call("generate_from_workflow", arguments)).error

    assert error.startswith("error[invalid_parameter]: stepz is 3")
    assert "steps" in error


async def test_composing_dry_shows_the_recipe_and_how_to_make_it(agents):
    before = (await agents.call("list_jobs")).facts["jobs"]

    facts = (await agents.call("compose", {"input": "@portrait an old sailor", "dry_run": True, "steps": 1})).facts

    assert (facts["status"], facts["job_id"], facts["url"]) == ("composed", "", None)
    assert facts["categories_used"] == ["portrait"]
    assert "an old sailor" in facts["recipe"]["positive_prompt"]
    assert "portrait" in facts["explanation"]
    assert facts["next"]["tool"] == "compose"
    assert (await agents.call("list_jobs")).facts["jobs"] == before
    made = (await agents.call("compose", {**facts["next"]["arguments"], **SMALL})).facts
    assert (made["status"], made["recipe"]["steps"]) == ("completed", 1)


async def test_composed_picture_comes_with_its_recipe(agents):
    told = await agents.call("compose", {"input": "@portrait an old sailor", **SMALL})

    assert (told.facts["status"], told.facts["categories_used"]) == ("completed", ["portrait"])
    assert told.facts["recipe_id"].startswith("sha256:")
    assert told.kinds() == ["text", "image", "resource_link"]


async def test_unknown_tag_is_refused_with_the_nearest(agents):
    error = (await agents.call("compose", {"input": "@portrat an old sailor"})).error

    assert error.startswith("error[unknown_tag]: ")
    assert "@portrait" in error


async def test_pictures_of_several_agents_at_once_are_each_their_own(agents):
    made = await asyncio.gather(*(agents.made(title=f"agent {number}") for number in range(4)))

    assert len({one["job_id"] for one in made}) == 4
    assert {one["status"] for one in made} == {"completed"}
