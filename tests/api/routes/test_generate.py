"""Generating over HTTP: both documented bodies, waiting, watching, and asking again."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from comfy_gen.composition.tier import Tier
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.faults import Fault, Kind
from tests.api.conftest import SMALL, events_in, picture_graph

BOTH_DOCUMENTS = {"id", "status", "message", "output", "generation_id", "output_url", "progress"}


def wrapped(**said):
    return {"input": {"workflow_json": picture_graph(), **said}}


async def test_wrapper_body_is_accepted_and_says_where_to_go_on(served):
    answer = await served.client.post("/generate", json=wrapped(title="a fox"))
    told = answer.json()
    assert answer.status_code == 202
    assert told.keys() >= BOTH_DOCUMENTS
    assert (told["status"], told["output"], told["title"]) == ("queued", [], "a fox")
    assert answer.headers["location"] == f"/jobs/{told['id']}"


async def test_flat_body_is_accepted_with_a_workflow_that_fits_the_engines(served):
    body = {"recipe_id": None, "prompt": "a sunset over mountains", "width": 64, "height": 64, "steps": 1}
    answer = await served.client.post("/generate", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["generation_id"] == answer.json()["id"]


async def test_modifier_is_run(served):
    body = {"input": {"modifier": "Text2Image", "modifications": {"prompt": "a fox", "width": 64, "height": 64}}}
    told = (await served.client.post("/generate/sync", json=body)).json()
    assert told["status"] == "completed"
    assert told["title"] == "Text2Image"


async def test_waiting_brings_the_result_with_links_that_open(served):
    told = await served.done()
    (output,) = told["output"]
    content = await served.client.get(output["url"])
    assert content.status_code == 200
    assert len(content.content) == output["size"]
    assert output["local_path"].endswith(".png")


@pytest.mark.parametrize("path", ["/result", "/generate"])
async def test_result_can_be_asked_for_again(served, path):
    done = await served.done()
    for _ in range(2):  # the second comes from the cache
        told = (await served.client.get(f"{path}/{done['id']}")).json()
        assert told["status"] == "completed"
        assert (await served.client.get(told["output_url"])).status_code == 200


async def test_waiting_too_long_gives_the_job_to_come_back_to(serve):
    served = await serve(engine=SandboxOptions(faults=[Fault(Kind.HANG)]))
    answer = await served.client.post("/generate/sync?timeout=0.05", json=wrapped())
    told = answer.json()
    assert answer.status_code == 202
    assert told["status"] in {"queued", "processing", "generating"}
    assert (await served.client.get(f"/result/{told['id']}")).status_code == 200


async def test_who_leaves_while_waiting_loses_nothing(served):
    job_id = str(uuid.uuid4())
    waiting = asyncio.create_task(served.client.post("/generate/sync", json=wrapped(request_id=job_id)))
    while (await served.client.get(f"/result/{job_id}")).status_code == 404:
        await asyncio.sleep(0)
    waiting.cancel()
    end = await served.service.queue.watching.end(job_id)
    assert end.state == "completed"


async def test_failed_job_is_an_answer_with_its_class_node_and_reason(serve):
    served = await serve(jobs={"max_attempts": 1}, engine=SandboxOptions(faults=[Fault(Kind.GPU_ERROR)]))
    answer = await served.client.post("/generate/sync", json=wrapped())
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "failed")
    last = told["error"]["details"]["last"]
    assert (last["code"], last["details"]["node_id"]) == ("gpu_error", "1")
    assert "CUDA" in last["message"]
    assert told["error"]["message"] == told["message"]


async def test_stream_tells_how_it_goes_and_ends_with_the_result(served):
    answer = await served.client.post("/generate/stream", json=wrapped())
    events = events_in(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert all("event" not in one for one in events)  # so that a browser's onmessage hears them
    *updates, last = [one["data"] for one in events]
    assert last["status"] == "final_result"
    assert last["result"]["status"] == "completed"
    wanted = {"request_id", "status", "message", "elapsed_time", "queue_position", "queue_info"}
    assert updates
    assert all(one.keys() >= wanted for one in updates)
    assert updates[0]["queue_position"].keys() >= {"current_queue", "position", "queue_size", "estimated_wait_time"}
    assert updates[0]["queue_info"].keys() == {
        "preprocess_queue_size",
        "generation_queue_size",
        "postprocess_queue_size",
    }


async def test_job_that_runs_already_can_be_watched(served):
    job_id = await served.job()
    events = events_in((await served.client.get(f"/generate/{job_id}/stream")).text)
    assert events[-1]["data"]["result"]["id"] == job_id


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_parameter"),
        ({"input": {}}, 422, "invalid_parameter"),
        ({"input": {"modifier": "Text3Image"}}, 422, "modifier_not_found"),
        ({"input": {"modifier": "Text2Image", "workflow_json": picture_graph()}}, 422, "invalid_parameter"),
        ({"input": {"workflow_json": picture_graph(), "modifications": {"a": 1}}}, 422, "invalid_parameter"),
        ({"input": {"workflow_json": {"1": 2}}}, 422, "workflow_format"),
        ({"input": {"workflow_json": picture_graph(), "modifcations": {}}}, 422, "invalid_request"),
        ({"input": {"workflow_json": picture_graph(), "request_id": "x"}}, 422, "invalid_request"),
        ({"prompt": "x", "workflow": "nowhere"}, 404, "workflow_not_found"),
        ({"prompt": "x", "recipe_id": "r1"}, 404, "recipe_not_found"),
        ({"recipe_id": ""}, 422, "invalid_request"),
        ({"recipe_id": None}, 422, "invalid_parameter"),
        ({"prompt": "x", "preset": "nobodys"}, 404, "preset_not_found"),
        ({"prompt": "a {red|green"}, 422, "prompt_syntax"),
        ({"prompt": "a __colour__ fox"}, 422, "prompt_syntax"),
        ({"prompt": "a nude on a sofa", "workflow": "sd15"}, 403, "policy_tier"),
        ({"prompt": "nude, aged 12", "workflow": "sd15"}, 403, "forbidden_content"),
        ({"prompt": "nude, aged 12", "workflow": "sd15", "policy_tier": "explicit"}, 403, "forbidden_content"),
        ({"prompt": "x", "steps": 0}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_work_is_refused_with_a_reason(served, body, status, code):
    answer = await served.client.post("/generate", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_what_no_engine_has_is_refused_at_once(served):
    await served.done()  # by now the engine has said what it has
    graph = {"1": {"class_type": "NodeThatNobodyHas", "inputs": {}}}
    answer = await served.client.post("/generate", json={"input": {"workflow_json": graph}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_capable_engine")


async def test_same_key_means_the_same_job_also_where_a_seed_is_chosen_at_random(served):
    body = {"prompt": "a fox", "width": 64, "height": 64, "steps": 1}
    answers = [await served.client.post("/generate", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert "idempotent-replayed" not in answers[0].headers
    assert answers[1].headers["idempotent-replayed"] == "true"
    other = await served.client.post("/generate", json=body | {"prompt": "a cat"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")


async def test_id_of_the_callers_choosing_is_kept(served):
    job_id = str(uuid.uuid4())
    answers = [await served.client.post("/generate", json=wrapped(request_id=job_id)) for _ in range(2)]
    assert [one.json()["id"] for one in answers] == [job_id, job_id]


async def test_job_that_nobody_has_is_not_found(served):
    answer = await served.client.get(f"/result/{uuid.uuid4()}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "job_not_found")


async def test_too_many_waiting_jobs_of_one_key_are_refused(serve):
    served = await serve(max_waiting=1, engine=SandboxOptions(faults=[Fault(Kind.HANG)]))
    client = await served.caller("a")
    await served.service.queue.store.set_paused(is_wanted=True)
    assert (await client.post("/generate", json=wrapped())).status_code == 202
    answer = await client.post("/generate", json=wrapped())
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "owner_queue_full")
    assert "retry-after" in answer.headers
    other = await served.caller("b")
    assert (await other.post("/generate", json=wrapped())).status_code == 202


async def test_queue_info_counts_what_there_is_to_do(served):
    await served.service.queue.store.set_paused(is_wanted=True)
    await served.job()
    told = (await served.client.get("/queue-info")).json()
    assert told["generation_queue_size"] == told["waiting"] == told["by_state"]["queued"] == 1
    assert told["is_paused"] is True


async def test_health_and_readiness_need_no_key(served):
    await served.done()  # by now the engine has answered
    await served.caller("a")  # from now on others need one
    health = await served.client.get("/health")
    assert (health.status_code, health.json()["status"], health.json()["comfyui_available"]) == (200, "healthy", True)
    assert (await served.client.get("/ready")).json() == {"ready": True}
    assert (await served.client.get("/queue-info")).status_code == 401


# --- of a recipe


async def recipe(served, text="@portrait a lighthouse keeper", client=None, **said):
    """Compose a recipe, and return it with its id."""
    body = {"input": text, "dry_run": True, **SMALL, **said}
    answer = await (client or served.client).post("/compose", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def made(served, body, client=None):
    """Generate, and return what the library has of it."""
    answer = await (client or served.client).post("/generate/sync", json=body)
    assert (answer.status_code, answer.json().get("status")) == (200, "completed"), answer.text
    return (await (client or served.client).get(f"/library/{answer.json()['id']}")).json()


async def test_recipe_is_generated_by_its_id(served):
    composed = await recipe(served)
    told = await made(served, {"recipe_id": composed["recipe_id"]})
    assert (told["recipe_id"], told["recipe"]) == (composed["recipe_id"], composed["recipe"])
    assert told["prompt"] == composed["recipe"]["positive_prompt"]
    assert told["categories"] == composed["categories_used"]


async def test_recipe_without_a_seed_gives_another_picture_each_time_and_with_one_the_same(served):
    random, fixed = (await recipe(served))["recipe_id"], (await recipe(served, seed=7))["recipe_id"]
    seeds = [(await made(served, {"recipe_id": one}))["seed"] for one in (random, random, fixed, fixed)]
    assert seeds[0] != seeds[1]
    assert seeds[2:] == [7, 7]


async def test_what_is_said_beside_a_recipe_changes_it(served):
    composed = await recipe(served, seed=7)
    said = {"negative_prompt": "a hat", "cfg": 4.0, "sampler": "euler", "scheduler": "normal", "steps": 2, "seed": 8}
    told = await made(served, {"recipe_id": composed["recipe_id"], "prompt": "a fox", **said})
    assert {name: told["recipe"][name] for name in said} == said
    assert (told["prompt"], told["seed"]) == ("a fox", 8)
    assert told["recipe_id"] != composed["recipe_id"]
    assert told["recipe"]["width"] == composed["recipe"]["width"]


async def test_prompt_beside_a_recipe_is_what_was_written_and_has_its_variants_chosen(served):
    composed = await recipe(served, seed=7)
    told = await made(served, {"recipe_id": composed["recipe_id"], "prompt": "a {fox|fox}"})
    assert (told["prompt"], told["recipe"]["input"]) == ("a fox", "a {fox|fox}")
    assert [one["chosen"] for one in told["recipe"]["expansions"]] == ["fox"]
    plain = await made(served, {"recipe_id": told["recipe_id"], "prompt": "an owl"})
    assert (plain["recipe"]["input"], plain["recipe"]["expansions"]) == ("an owl", [])


async def test_preset_of_a_workflow_is_none_of_a_recipe(served):
    composed = await recipe(served)
    answer = await served.client.post("/generate", json={"recipe_id": composed["recipe_id"], "preset": "draft"})
    assert (answer.status_code, answer.json()["error"]["details"]["name"]) == (422, "preset")


async def test_random_seed_beside_a_recipe_takes_the_place_of_its_own(served):
    composed = await recipe(served, seed=7)
    told = await made(served, {"recipe_id": composed["recipe_id"], "seed": -1})
    assert told["seed"] != 7
    assert told["recipe"]["seed"] is None


async def test_recipe_that_nobody_made_is_not_found(served):
    answer = await served.client.post("/generate", json={"recipe_id": "sha256:" + "0" * 64})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "recipe_not_found")


async def test_recipe_of_a_higher_tier_is_for_who_asks_for_it_and_may(served):
    bob, ada = await served.caller("bob", tier=Tier.MATURE), await served.caller("ada")
    body = {"recipe_id": (await recipe(served, "@horror a castle", bob, policy_tier="mature"))["recipe_id"]}
    for client, headers, said, status in [
        (bob, {}, {}, 403),
        (bob, {}, {"policy_tier": "mature"}, 202),
        (bob, {"X-Policy-Tier": "mature"}, {}, 202),
        (bob, {"X-Policy-Tier": "mature"}, {"policy_tier": "general"}, 403),
        (ada, {"X-Policy-Tier": "explicit"}, {"policy_tier": "explicit"}, 403),
    ]:
        answer = await client.post("/generate", json=body | said, headers=headers)
        assert answer.status_code == status, (headers, said, answer.text)
        assert status == 202 or answer.json()["error"]["code"] == "policy_tier"


async def test_same_key_means_the_same_job_of_a_recipe(served):
    body, key = {"recipe_id": (await recipe(served))["recipe_id"]}, {"Idempotency-Key": "k"}
    answers = [await served.client.post("/generate", json=body, headers=key) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["idempotent-replayed"] == "true"


async def test_recipe_whose_workflow_has_no_name_says_how_else_to_repeat_it(served):
    done = await served.done()
    recipe_id = (await served.client.get(f"/library/{done['id']}")).json()["recipe_id"]
    answer = await served.client.post("/generate", json={"recipe_id": recipe_id})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_parameter")
    assert "rerun" in answer.json()["error"]["hint"]


async def test_tier_counts_for_whole_workflows_and_modifiers_too(served):
    graph = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a nude on a sofa", "clip": ["2", 1]}}}
    bodies = [
        {"input": {"workflow_json": graph}},
        {"input": {"modifier": "Text2Image", "modifications": {"prompt": "a nude on a sofa"}}},
    ]
    for body in bodies:
        answer = await served.client.post("/generate", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "policy_tier"), body


async def test_wildcards_of_a_prompt_are_recorded(serve, tmp_path):
    (tmp_path / "wild").mkdir()
    (tmp_path / "wild" / "colour.txt").write_text("red\ngreen\n")
    served = await serve(composition={"wildcards_dir": tmp_path / "wild"})
    told = await made(served, {"prompt": "a __colour__ fox", "workflow": "sd15", **SMALL, "seed": 3})
    (choice,) = told["recipe"]["expansions"]
    assert (choice["source"], choice["options_count"]) == ("colour", 2)
    assert told["prompt"] == f"a {choice['chosen']} fox"
