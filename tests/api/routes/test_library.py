"""The library over HTTP: what was made, found again, made again, and compared."""

from __future__ import annotations

import pytest

from comfy_gen.composition.tier import Tier
from tests.api.conftest import SMALL, picture_graph


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


async def listed(served, client=None, **asked):
    answer = await (client or served.client).get("/library", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["generation_id"] for one in answer.json()["generations"]]


async def rerun(served, generation_id, client=None, headers=None):
    """Make it again, wait for its end, and return what was told of it at first."""
    answer = await (client or served.client).post(f"/library/{generation_id}/rerun", headers=headers)
    assert answer.status_code == 202, answer.text
    await served.service.queue.watching.end(answer.json()["id"])
    return answer


# --- told of


async def test_generation_is_told_with_all_that_is_needed_to_make_it_again(served):
    composed = await served.composed("@portrait a lighthouse keeper", seed=5, title="the keeper")
    told = (await served.client.get(f"/library/{composed['generation_id']}")).json()
    assert (told["recipe"], told["recipe_id"]) == (composed["recipe"], composed["recipe_id"])
    assert (told["seed"], told["tier"], told["state"], told["title"]) == (5, "general", "completed", "the keeper")
    assert told["categories"] == composed["categories_used"]
    assert (told["workflow"], len(told["workflow_digest"])) == (composed["recipe"]["workflow"], 64)
    assert told["models"] == [
        {"folder": "checkpoints", "file": composed["recipe"]["checkpoint"], "sha256": told["models"][0]["sha256"]}
    ]
    assert told["engine"] == "sandbox"
    assert told["comfyui_version"]
    assert told["version"]
    assert told["timings"]["generate"] >= 0
    assert (told["repeats"], told["run_id"], told["favorite"]) == (None, None, None)
    (output,) = told["output"]
    assert (await served.client.get(output["url"])).status_code == 200


async def test_workflow_that_was_not_composed_is_a_generation_too(served):
    job_id = (await served.done())["id"]
    told = (await served.client.get(f"/library/{job_id}")).json()
    assert (told["workflow"], told["prompt"], told["seed"], told["categories"]) == ("", "", None, [])


async def test_beginning_of_an_id_will_do_where_it_is_only_ones(served):
    job_id = (await served.done())["id"]
    assert (await served.client.get(f"/library/{job_id[:8]}")).json()["generation_id"] == job_id


@pytest.mark.parametrize("path", ["/library/nothing", "/library/%25", "/library/nothing/diff/nothing"])
async def test_generation_that_there_is_not_is_not_found(served, path):
    await served.done()
    assert refused(await served.client.get(path)) == (404, "generation_not_found")


async def test_favorite_is_told_with_its_generation(served):
    job_id = (await served.done())["id"]
    made = await served.client.post("/favorites", json={"generation_id": job_id, "rating": 4, "tags": ["best"]})
    told = (await served.client.get(f"/library/{job_id}")).json()
    assert told["favorite"]["id"] == made.json()["id"]
    assert (told["favorite"]["rating"], told["favorite"]["tags"]) == (4, ["best"])


# --- listed


async def test_list_has_what_was_asked_for_the_newest_first(served):
    keeper = await served.composed("@portrait a lighthouse keeper", title="Ahab")
    cat = await served.composed("@cat on a sofa", workflow="sd15")
    first, second = keeper["generation_id"], cat["generation_id"]
    await served.client.post("/favorites", json={"generation_id": second, "rating": 4, "tags": ["best"]})
    between = (await served.client.get(f"/library/{second}")).json()["created"]
    for asked, wanted in [
        ({}, [second, first]),
        ({"text": "lighthouse"}, [first]),
        ({"text": "ahab"}, [first]),
        ({"text": "%"}, []),
        ({"category": "cat"}, [second]),
        ({"category": "c"}, []),
        ({"model": keeper["recipe"]["checkpoint"]}, [first]),
        ({"model": cat["recipe"]["checkpoint"]}, [second]),
        ({"recipe": keeper["recipe_id"]}, [first]),
        ({"favorites": True}, [second]),
        ({"min_rating": 4}, [second]),
        ({"min_rating": 5}, []),
        ({"tag": "best"}, [second]),
        ({"since": between}, [second]),
        ({"until": between}, [first]),
        ({"since": between, "category": "portrait"}, []),
    ]:
        assert await listed(served, **asked) == wanted, asked


async def test_list_is_read_page_by_page(served):
    made = [(await served.done())["id"] for _ in range(3)]
    first = (await served.client.get("/library?limit=2")).json()
    assert [one["generation_id"] for one in first["generations"]] == [made[2], made[1]]
    second = (await served.client.get("/library", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([one["generation_id"] for one in second["generations"]], second["next"]) == ([made[0]], None)


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=501", "min_rating=0", "since=-1", "since=nan", "until=inf", "favorites=perhaps"]
)
async def test_condition_that_means_nothing_is_refused(served, asked):
    assert refused(await served.client.get(f"/library?{asked}")) == (422, "invalid_request")


@pytest.mark.parametrize("cursor", ["x", "1", "1.5:x", "'", "-"])
async def test_cursor_that_is_none_of_ours_is_refused(served, cursor):
    await served.done()
    answer = await served.client.get("/library", params={"cursor": cursor})
    assert refused(answer) == (422, "invalid_parameter")


async def test_generations_are_their_owners_and_an_administrators(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    job_id, own = (await served.done(client=ada))["id"], (await served.done(client=bob))["id"]
    assert await listed(served, ada) == [job_id]
    assert await listed(served, bob) == [own]
    for method, path in [
        ("GET", f"/library/{job_id}"),
        ("GET", f"/library/{job_id[:8]}"),
        ("POST", f"/library/{job_id}/rerun"),
        ("GET", f"/library/{own}/diff/{job_id}"),
        ("GET", f"/library/{job_id}/diff/{own}"),
    ]:
        assert refused(await bob.request(method, path)) == (404, "generation_not_found"), path
    root = await served.caller("root", "admin")
    assert {*await listed(served, root)} == {job_id, own}


# --- made again


async def test_rerun_makes_the_same_once_more(served):
    composed = await served.composed("@portrait a {red|green} hat", metadata={"order": 12})
    first = composed["generation_id"]
    answer = await rerun(served, first)
    second = answer.json()["id"]
    assert answer.headers["location"] == f"/jobs/{second}"
    assert second != first
    told = [(await served.client.get(f"/library/{one}")).json() for one in (first, second)]
    assert told[1]["repeats"] == first
    for name in ("recipe", "recipe_id", "seed", "workflow_digest", "prompt", "tier", "models"):
        assert told[0][name] == told[1][name], name
    assert told[0]["output"][0]["sha256"] == told[1]["output"][0]["sha256"]
    diff = (await served.client.get(f"/library/{first}/diff/{second}")).json()
    assert (diff["a"], diff["b"], diff["is_same_outcome"]) == (first, second, True)
    assert {one["field"].partition(".")[0] for one in diff["differences"]} <= {"timings"}


async def test_rerun_with_changes_keeps_the_rest_of_the_graph(served):
    job_id = (await served.composed("a lighthouse keeper", seed=5))["generation_id"]
    request_id = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"
    said = {"request_id": request_id, "prompt": "a windmill", "steps": 2}

    answers = [await served.client.post(f"/library/{job_id}/rerun", json=said) for _ in range(2)]

    assert [one.json()["id"] for one in answers] == [request_id] * 2
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    await served.service.queue.watching.end(request_id)
    found = (await served.client.get(f"/library/{request_id}")).json()
    assert (found["prompt"], found["seed"], found["recipe"]["steps"]) == ("a windmill", 5, 2)


async def test_rerun_alone_may_have_an_id_of_ones_choosing(served):
    job_id = (await served.done())["id"]
    said = {"request_id": "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"}

    answer = await served.client.post(f"/library/{job_id}/rerun", json=said)

    assert (answer.status_code, answer.json()["id"]) == (202, said["request_id"])


async def test_rerun_with_what_its_graph_cannot_be_told_is_refused(served):
    job_id = (await served.done())["id"]

    assert (await served.client.post(f"/library/{job_id}/rerun", json={"prompt": "x"})).status_code == 422


async def test_rerun_under_a_key_is_one_job(served):
    job_id = (await served.done())["id"]
    first, second = [await rerun(served, job_id, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"] != job_id
    assert second.headers["idempotent-replayed"] == "true"
    other = (await served.done(picture_graph(2)))["id"]
    answer = await served.client.post(f"/library/{other}/rerun", headers={"Idempotency-Key": "k"})
    assert refused(answer) == (409, "idempotency_conflict")


async def test_rerun_tells_nobody_of_what_was_asked_for_once(served):
    body = {"input": {"workflow_json": picture_graph(), "webhook": {"url": "https://hooks.invalid/x"}}}
    done = (await served.client.post("/generate/sync", json=body)).json()
    again = (await rerun(served, done["id"])).json()
    assert (await served.client.get(f"/jobs/{again['id']}/webhooks")).json()["webhooks"] == []


async def test_rerun_of_what_is_not_allowed_any_more_is_refused(serve):
    served = await serve()
    bob = await served.caller("bob", tier=Tier.MATURE)
    job_id = (await served.composed("@horror a castle", bob, policy_tier="mature"))["generation_id"]
    await served.service.keys.revoke("bob", now=2.0)
    _, text = await served.service.keys.create("bobs second", "bob", frozenset({"generate"}), now=3.0)
    answer = await served.client.post(f"/library/{job_id}/rerun", headers={"X-API-Key": text})
    assert refused(answer) == (403, "policy_tier")
    assert {"needed": "mature", "may": "general"}.items() <= answer.json()["error"]["details"].items()


async def test_rerun_counts_as_a_job_that_waits(serve):
    served = await serve(max_waiting=1)
    ada = await served.caller("ada")
    job_id = (await served.done(client=ada))["id"]
    await served.service.queue.store.set_paused(is_wanted=True)
    assert (await ada.post(f"/library/{job_id}/rerun")).status_code == 202
    assert refused(await ada.post(f"/library/{job_id}/rerun")) == (429, "owner_queue_full")


# --- compared


async def test_difference_of_two_generations_is_told_field_by_field(served):
    one = (await served.composed("@portrait a keeper", seed=1, cfg=6.0))["generation_id"]
    two = (await served.composed("@portrait a keeper", seed=2, cfg=6.5))["generation_id"]
    told = (await served.client.get(f"/library/{one}/diff/{two}")).json()
    found = {change["field"]: (change["before"], change["after"]) for change in told["differences"]}
    assert told["is_same_outcome"] is False
    assert found["seed"] == (1, 2)
    assert found["recipe.cfg"] == (6.0, 6.5)
    assert not {"recipe.steps", "recipe.sampler", "prompt", "models.checkpoints"} & found.keys()


async def test_generation_does_not_differ_from_itself(served):
    job_id = (await served.done())["id"]
    told = (await served.client.get(f"/library/{job_id}/diff/{job_id}")).json()
    assert told == {"a": job_id, "b": job_id, "is_same_outcome": True, "differences": []}


# --- what is asked of the ordinary routes is recorded too


async def test_variants_of_a_prompt_are_recorded_and_repeatable_by_seed(served):
    body = {"prompt": "a {red|green|blue|white} fox", "workflow": "sd15", **SMALL}
    first = (await served.client.post("/generate/sync", json=body)).json()
    found = (await served.client.get(f"/library/{first['id']}")).json()
    (choice,) = found["recipe"]["expansions"]
    assert found["recipe"]["input"] == body["prompt"]
    assert found["prompt"] == f"a {choice['chosen']} fox"
    again = (await served.client.post("/generate/sync", json=body | {"seed": found["seed"]})).json()
    told = (await served.client.get(f"/library/{again['id']}")).json()
    assert (told["prompt"], told["recipe_id"]) == (found["prompt"], found["recipe_id"])
    assert again["output"][0]["sha256"] == first["output"][0]["sha256"]
