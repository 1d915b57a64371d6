"""An agent looks up what there is."""

from __future__ import annotations

import pytest

from comfy_gen.mcp.tools.knowing import _said_of
from tests.mcp.serving import Gone

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKED = {"prompt": "test", "width": 512, "height": 512}


@pytest.mark.parametrize(("model", "file"), [("sd15", "sd15.json"), ("flux", "flux-dev.json"), ("sdxl", "sdxl.json")])
async def test_documented_check_answers_the_documented_fields(agents, model, file):
    facts = (await agents.call("validate_workflow", {"model": model, **CHECKED})).facts

    assert facts == {
        "status": "valid",
        "workflow_file": file,
        "is_valid": True,
        "errors": [],
        "warnings": [],
        "missing_models": [],
        "next": None,
    }


async def test_missing_model_comes_with_the_nearest(agents):
    facts = (await agents.call("validate_workflow", {"model": "sd_xl_base.safetensors", **CHECKED})).facts

    assert (facts["status"], facts["is_valid"]) == ("invalid", False)
    assert facts["errors"]
    assert facts["missing_models"][0]["folder"] == "checkpoints"
    assert "sd_xl_base_1.0.safetensors" in facts["missing_models"][0]["nearest"]
    assert facts["next"]["tool"] == "list_models"


async def test_named_workflow_is_checked_with_its_parameters(agents):
    arguments = {"workflow": "upscale", "parameters": {"image": "https://example.com/x.png"}}
    assert (await agents.call("validate_workflow", arguments)).facts["is_valid"]

    wrong = (await agents.call("validate_workflow", {"workflow": "sd15", "parameters": {"stepz": 1}})).facts
    assert not wrong["is_valid"]
    assert "stepz" in wrong["errors"][0]


async def test_whole_workflow_is_checked_and_nothing_queued(agents):
    graph = {"1": {"class_type": "NoSuchNode", "inputs": {}}}
    before = (await agents.call("list_jobs")).facts["jobs"]

    facts = (await agents.call("validate_workflow", {"workflow_json": graph})).facts

    assert not facts["is_valid"]
    assert any("NoSuchNode" in one for one in facts["errors"])
    assert (await agents.call("list_jobs")).facts["jobs"] == before


async def test_models_are_listed_by_folder_and_words_with_their_engines(agents):
    facts = (await agents.call("list_models", {"folder": "checkpoints", "text": "inpainting"})).facts

    assert facts["models"] == [{"name": "sd-v1-5-inpainting.ckpt", "folder": "checkpoints", "engines": ["sandbox"]}]
    assert facts["total"] == 1
    everything = (await agents.call("list_models", {"limit": 2})).facts
    assert (len(everything["models"]), everything["total"] > 2) == (2, True)


async def test_workflows_are_listed_and_described_as_they_are_run(agents):
    listed = (await agents.call("list_workflows")).facts
    assert {"sd15", "sdxl", "upscale"} <= {one["name"] for one in listed["workflows"]}
    assert listed["total"] == len(listed["workflows"])

    facts = (await agents.call("describe_workflow", {"workflow": "upscale"})).facts
    assert facts["parameters"]["required"] == ["image"]
    assert facts["resource"] == "comfygen://workflows/upscale"
    assert facts["next"]["arguments"] == {"workflow": "upscale", "parameters": {}}


async def test_unknown_workflow_is_refused_with_where_to_look(agents):
    error = (await agents.call("describe_workflow", {"workflow": "sd16"})).error

    assert error.startswith("error[workflow_not_found]: ")
    assert "Call list_workflows" in error


async def test_name_that_is_no_part_of_a_path_is_refused(agents):
    error = (await agents.call("describe_workflow", {"workflow": ".."})).error

    assert error.startswith("error[invalid_parameter]: ")


async def test_categories_are_found_by_type_and_words(agents):
    facts = (await agents.call("list_categories", {"type": "subject", "search": "headshot"})).facts

    assert [one["id"] for one in facts["categories"]] == ["portrait"]
    assert facts["total"] == 1


async def test_library_is_searched_by_words_and_by_id(agents):
    made = await agents.made(prompt="a very particular windmill", seed=11)

    by_words = (await agents.call("search_library", {"text": "particular"})).facts["generations"]
    by_id = (await agents.call("search_library", {"generation_id": made["job_id"]})).facts["generations"]

    assert [one["generation_id"] for one in by_words] == [made["job_id"]]
    assert (by_id[0]["generation_id"], by_id[0]["seed"]) == (made["job_id"], 11)
    assert by_id[0]["outputs"][0]["id"] == made["outputs"][0]["id"]


async def test_service_and_its_engines_tell_how_they_are(agents):
    facts = (await agents.call("service_status")).facts

    assert (facts["status"], facts["queue_length"], facts["is_paused"]) == ("healthy", 0, False)
    assert [(one["name"], one["condition"]) for one in facts["engines"]] == [("sandbox", "up")]


async def test_status_of_a_service_that_is_away_is_an_answer(agents):
    facts = (await agents.call("service_status", transport=Gone())).facts

    assert facts["status"] == "unreachable"
    assert "nobody is there" in facts["message"]


async def test_engines_that_nobody_has_looked_at_are_not_called_dead():
    health = {"database_available": True, "comfyui_available": False}

    assert _said_of(health, [{"condition": "unknown"}]).startswith("nobody has looked at its engines yet")
    assert _said_of(health, [{"condition": "unknown"}, {"condition": "down"}]).startswith("no engine answers")
    assert _said_of(health, []).startswith("no engine answers")
