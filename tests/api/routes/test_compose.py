"""Composing over HTTP: the documented requests and answers, field by field."""

from __future__ import annotations

import pytest

from tests.api.composing import dry, refused
from tests.api.conftest import SMALL

DOCUMENTED = {
    "input": "@portrait @outdoor professional headshot natural lighting",
    "dry_run": False,
    "max_categories": 3,
    "min_confidence": 0.3,
    "policy_tier": "general",
}
RECIPE = {
    "checkpoint",
    "workflow",
    "positive_prompt",
    "negative_prompt",
    "loras",
    "steps",
    "cfg",
    "width",
    "height",
    "sampler",
    "scheduler",
}
"""What the documentation says that a recipe has."""


async def test_documented_request_without_a_job_gives_the_documented_answer(served):
    answer = await served.client.post("/compose", json=DOCUMENTED | {"dry_run": True})
    told = answer.json()
    recipe = told["recipe"]
    assert answer.status_code == 200, answer.text
    assert recipe.keys() > RECIPE
    assert recipe["checkpoint"].endswith(".safetensors")
    assert recipe["positive_prompt"].startswith("professional headshot natural lighting, detailed face, sharp focus")
    assert recipe["negative_prompt"].startswith("blurry, distorted face")
    assert told["categories_used"][:2] == ["portrait", "outdoor"]
    assert told["explanation"]["summary"].startswith("Selected portrait (subject), outdoor (setting)")
    assert told["explanation"]["steps"][0] == {
        "phase": "parsing",
        "action": "tag_extraction",
        "detail": "Found @portrait, @outdoor tags",
        "source": "parser",
    }
    merged = [one for one in told["explanation"]["steps"] if one["action"] == "prompt_merge"]
    assert merged[0]["source"] == "portrait"
    assert merged[0]["detail"].endswith("positive fragments")


async def test_dry_run_starts_nothing(served):
    told = (await dry(served, "@portrait a woman")).json()
    assert told["dry_run"] is True
    assert [told[name] for name in ("generation_id", "status", "state", "links")] == [None] * 4
    assert (await served.client.get("/jobs")).json()["jobs"] == []


async def test_lora_of_a_recipe_has_the_documented_fields(served):
    told = (await dry(served, "@portrait a woman", loras=[{"name": "detail.safetensors", "strength": 0.4}])).json()
    assert {"filename": "detail.safetensors", "strength": 0.4} in told["recipe"]["loras"]


async def test_what_is_left_out_is_as_documented(served):
    told = (await dry(served, "@portrait @outdoor @night @rain professional headshot")).json()
    assert len(told["categories_used"]) == 3
    assert told["recipe"]["tier"] == "general"
    rejected = {one["what"]: one for one in told["explanation"]["rejected"] if one["kind"] == "category"}
    assert rejected["rain"].keys() == {"what", "kind", "reason", "source"}
    started = (await served.client.post("/compose", json={"input": "@portrait a woman", **SMALL})).json()
    assert started["dry_run"] is False


async def test_recipe_that_was_made_without_a_job_is_found_by_its_id(served):
    told = (await dry(served, "@portrait a woman", seed=7)).json()
    assert told["recipe_id"].startswith("sha256:")
    for said in (told["recipe_id"], told["recipe_id"].removeprefix("sha256:"), told["recipe_id"][:19]):
        found = await served.client.get(f"/recipes/{said}")
        assert found.json() == {"recipe_id": told["recipe_id"], "recipe": told["recipe"]}


@pytest.mark.parametrize("said", ["sha256:" + "0" * 64, "0" * 12, "sha256:", "x", "%", "0" * 11, "'"])
async def test_recipe_that_nobody_made_is_not_found(served, said):
    await dry(served, "@portrait a woman")
    assert refused(await served.client.get(f"/recipes/{said}")) == (404, "recipe_not_found")


async def test_same_text_gives_the_same_recipe(served):
    first, second = [(await dry(served, DOCUMENTED["input"])).json() for _ in range(2)]
    assert first == second


async def test_what_is_said_beside_the_text_wins(served):
    said = {
        "workflow": "sd15",
        "steps": 11,
        "cfg": 3.5,
        "seed": 42,
        "width": 256,
        "height": 512,
        "sampler": "euler",
        "scheduler": "normal",
    }
    recipe = (await dry(served, "@portrait a woman", **said)).json()["recipe"]
    assert {name: recipe[name] for name in said} == said


async def test_negative_prompt_of_ones_own_comes_before_that_of_the_categories(served):
    recipe = (await dry(served, "@portrait a woman", negative_prompt="a hat")).json()["recipe"]
    assert recipe["negative_prompt"].startswith("a hat, blurry")


async def test_person_who_is_not_to_be_shown_is_not(served):
    told = (await dry(served, "@beach at noon, no people")).json()
    assert "people" not in told["categories_used"]
    assert "people" in told["recipe"]["negative_prompt"]


async def test_contradictory_wishes_are_composed_as_far_as_possible_and_told(served):
    answer = await dry(served, "@anime @photorealistic @portrait a woman")
    told = answer.json()
    assert answer.status_code == 200
    (conflict,) = [one for one in told["conflicts"] if one["about"] == "category"]
    assert conflict.keys() == {"kept", "dropped", "about", "reason"}
    assert {conflict["kept"], conflict["dropped"]} == {"anime", "photorealistic"}
    assert conflict["dropped"] not in told["categories_used"]


async def test_document_of_a_recipe_has_its_own_settings_within_those_of_its_categories(served):
    told = (await dry(served, DOCUMENTED["input"])).json()
    for name in told["categories_used"]:
        settings = (await served.client.get(f"/categories/{name}")).json()["category"]["settings"]
        for setting in ("steps", "cfg"):
            if bounds := settings[setting]:
                assert bounds["min"] <= told["recipe"][setting] <= bounds["max"], (name, setting)


# --- a job


async def test_documented_request_starts_a_job_that_ends_well(served):
    answer = await served.client.post("/compose", json=DOCUMENTED | SMALL)
    told = answer.json()
    assert answer.status_code == 202, answer.text
    assert told["dry_run"] is False
    assert told["status"] == "queued"
    assert answer.headers["location"] == told["links"]["self"] == f"/jobs/{told['generation_id']}"
    await served.service.queue.watching.end(told["generation_id"])
    polled = (await served.client.get(f"/generate/{told['generation_id']}")).json()
    assert (polled["generation_id"], polled["status"], polled["progress"]) == (told["generation_id"], "completed", 100)
    assert (await served.client.get(polled["output_url"])).status_code == 200


async def test_engine_gets_what_the_recipe_says(served):
    told = await served.composed("@portrait a lighthouse keeper", seed=5)
    (found,) = (await served.client.get("/library")).json()["generations"]
    recipe = told["recipe"]
    assert found["recipe"] == recipe
    assert (found["prompt"], found["negative_prompt"]) == (recipe["positive_prompt"], recipe["negative_prompt"])
    assert (found["seed"], found["recipe_id"]) == (5, told["recipe_id"])
    assert [one["file"] for one in found["models"]] == [recipe["checkpoint"]]


async def test_job_takes_what_any_job_takes(served):
    told = await served.composed(title="the keeper", metadata={"order": 12}, priority=3)
    job = (await served.client.get(f"/jobs/{told['generation_id']}")).json()
    assert (job["title"], job["metadata"], job["priority"]) == ("the keeper", {"order": 12}, 3)


async def test_same_key_means_the_same_job_with_the_recipe_of_the_first(served):
    body = {"input": "{@cat|@dog} on a sofa", **SMALL}
    answers = [await served.client.post("/compose", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    first, second = [one.json() for one in answers]
    assert second["generation_id"] == first["generation_id"]
    assert (second["recipe"], second["recipe_id"]) == (first["recipe"], first["recipe_id"])
    assert second["categories_used"] == first["categories_used"]
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in answers[0].headers
    other = await served.client.post("/compose", json=body | {"input": "@cat"}, headers={"Idempotency-Key": "k"})
    assert refused(other) == (409, "idempotency_conflict")


async def test_key_that_a_prompt_was_sent_under_is_none_for_composing(served):
    key = {"Idempotency-Key": "k"}
    await served.client.post("/generate", json={"prompt": "a fox", "workflow": "sd15", **SMALL}, headers=key)
    answer = await served.client.post("/compose", json={"input": "@cat a fox", **SMALL}, headers=key)
    assert refused(answer) == (409, "idempotency_conflict")


async def test_without_an_engine_a_recipe_is_made_and_no_job(serve):
    served = await serve(with_worker=False, engines="away=http://127.0.0.1:9")
    told = (await dry(served, "@portrait a woman")).json()
    assert told["recipe"]["checkpoint"].endswith(".safetensors")
    answer = await served.client.post("/compose", json={"input": "@portrait a woman"})
    assert refused(answer) == (503, "no_engine")
    assert answer.headers["retry-after"]
    assert (await served.client.get("/jobs")).json()["jobs"] == []
    generated = await served.client.post("/generate", json={"recipe_id": told["recipe_id"]})
    assert refused(generated) == (503, "no_engine")


# --- what cannot be composed


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"input": "qwertz uiop"}, 400, "no_category"),
        ({"input": "a painting", "min_confidence": 1.0}, 400, "no_category"),
        ({"input": "@portrat a woman"}, 422, "unknown_tag"),
        ({"input": "@portrait {a|b"}, 422, "prompt_syntax"),
        ({"input": "@portrait __nothing__"}, 422, "prompt_syntax"),
        ({"input": "@portrait", "workflow": "nowhere"}, 404, "workflow_not_found"),
        ({"input": "@portrait", "preset": "nobodys"}, 404, "preset_not_found"),
        ({"input": "@horror a castle"}, 403, "policy_tier"),
        ({"input": "@portrait", "model": "nobody-has-this"}, 422, "missing_model"),
        ({"input": "@portrait", "width": 16_384}, 422, "invalid_parameter"),
        ({}, 422, "invalid_request"),
        ({"input": ""}, 422, "invalid_request"),
        ({"input": "x" * 10_001}, 422, "invalid_request"),
        ({"input": "@portrait", "max_categories": 0}, 422, "invalid_request"),
        ({"input": "@portrait", "max_categories": 11}, 422, "invalid_request"),
        ({"input": "@portrait", "min_confidence": 1.1}, 422, "invalid_request"),
        ({"input": "@portrait", "policy_tier": "everything"}, 422, "invalid_request"),
        ({"input": "@portrait", "dryrun": True}, 422, "invalid_request"),
        ({"input": "@portrait", "seed": -2}, 422, "invalid_request"),
        ({"input": "@portrait", "steps": "20"}, 422, "invalid_request"),
        ({"input": "@portrait", "min_confidence": False}, 422, "invalid_request"),
        ({"input": "@portrait", "dry_run": "true"}, 422, "invalid_request"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_cannot_be_composed_is_refused_with_a_reason(served, body, status, code, dry_run):
    answer = await served.client.post("/compose", json={**SMALL, "dry_run": dry_run, **body})
    assert refused(answer) == (status, code), answer.text
    assert answer.json()["error"]["message"]
    assert (await served.client.get("/jobs")).json()["jobs"] == []


async def test_unknown_tags_are_all_told_with_the_nearest(served):
    error = (await dry(served, "@portrat @outdor a woman")).json()["error"]
    assert (error["details"]["status"], error["code"]) == (422, "unknown_tag")
    assert error["details"]["tags"]["portrat"][0] == "portrait"
    assert error["details"]["tags"]["outdor"][0] == "outdoor"
    assert "@portrait" in error["hint"]


# --- tiers


async def test_variants_are_recorded_and_repeatable_by_their_seed(served):
    text = "@portrait a {red|green|blue} hat and {two|three} feathers"
    first = (await dry(served, text)).json()
    recipe = first["recipe"]
    assert [one["options_count"] for one in recipe["expansions"]] == [3, 2]
    assert recipe["input"] == text
    for one in recipe["expansions"]:
        assert one["chosen"] in recipe["positive_prompt"]
    again = (await dry(served, text, seed=recipe["seed"])).json()
    assert again["recipe_id"] == first["recipe_id"]
    others = {(await dry(served, text, seed=seed)).json()["recipe"]["positive_prompt"] for seed in range(30)}
    assert len(others) == 6


async def test_wildcards_are_read_from_the_folder_that_is_set(serve, tmp_path):
    (tmp_path / "wild" / "hats").mkdir(parents=True)
    (tmp_path / "wild" / "hats" / "old.txt").write_text("a bowler\n# none\na top hat\n")
    served = await serve(composition={"wildcards_dir": tmp_path / "wild"})
    recipe = (await dry(served, "@portrait a man in __hats/old__", seed=1)).json()["recipe"]
    (choice,) = recipe["expansions"]
    assert (choice["source"], choice["options_count"]) == ("hats/old", 2)
    assert choice["chosen"] in {"a bowler", "a top hat"}
    assert recipe["positive_prompt"].startswith(f"a man in {choice['chosen']}")
    assert refused(await dry(served, "@portrait in __hats/new__")) == (422, "prompt_syntax")


async def test_preset_says_what_the_body_does_not(served):
    values = {"steps": 7, "width": 256, "height": 256, "categories": ["night"]}
    assert (await served.client.put("/presets/mine", json={"values": values})).status_code == 201
    told = (await dry(served, "@portrait a woman", preset="mine", steps=9)).json()
    assert {name: told["recipe"][name] for name in SMALL} == {"width": 256, "height": 256, "steps": 9}
    assert "night" in told["categories_used"]


async def test_categories_of_ones_own_are_used(serve, tmp_path):
    folder = tmp_path / "categories"
    folder.mkdir()
    (folder / "teapot.yaml").write_text(
        "schema_version: 1\nid: teapot\ntype: subject\ndisplay_name: Teapot\ndescription: Pots for tea.\n"
        "keywords:\n  primary: [teapot]\nprompts:\n  positive_fragments:\n    required: [glazed spout]\n"
    )
    served = await serve(composition={"categories_dir": folder})
    told = (await dry(served, "two teapots on a table")).json()
    assert "teapot" in told["categories_used"]
    assert "glazed spout" in told["recipe"]["positive_prompt"]


# --- previews
