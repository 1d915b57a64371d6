"""Favorites over HTTP: the documented requests and answers, field by field."""

from __future__ import annotations

import re

import pytest

from comfy_gen.composition.tier import Tier
from tests.api.conftest import picture_graph

SAID = {"rating": 5, "feedback": "Perfect lighting and composition", "tags": ["best", "portfolio"]}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def kept(served, generation_id, client=None, **said):
    answer = await (client or served.client).post("/favorites", json={"generation_id": generation_id, **said})
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


# --- kept


async def test_documented_request_gives_the_documented_answer(served):
    composed = await served.composed("@portrait @outdoor a lighthouse keeper")
    answer = await served.client.post("/favorites", json={"generation_id": composed["generation_id"], **SAID})
    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/favorites/{told['id']}"
    assert re.fullmatch(r"fav_\w+", told["id"])
    assert (told["generation_id"], told["recipe_hash"]) == (composed["generation_id"], composed["recipe_id"])
    assert {name: told[name] for name in SAID} == SAID
    assert told["categories"] == composed["categories_used"]
    assert MOMENT.fullmatch(told["created_at"])
    assert (await served.client.get(told["image_url"])).headers["content-type"] == "image/png"
    again = (await served.client.get(answer.headers["location"])).json()
    assert again | {"image_url": told["image_url"]} == told  # a link is signed at the moment it is asked for


async def test_generation_that_was_not_composed_can_be_a_favorite_too(served):
    told = await kept(served, (await served.done())["id"])
    assert (told["rating"], told["feedback"], told["tags"], told["categories"]) == (5, "", [], [])
    assert told["recipe_hash"].startswith("sha256:")


async def test_same_generation_again_is_the_same_favorite_rated_anew(served):
    job_id = (await served.done())["id"]
    first = await kept(served, job_id, rating=5)
    answer = await served.client.post("/favorites", json={"generation_id": job_id, "rating": 2})
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["rating"]) == (first["id"], 2)
    assert (await served.client.get("/favorites")).json()["total"] == 1


@pytest.mark.parametrize("generation_id", ["6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10", "abc123-run", "%", "..", "' OR 1=1"])
async def test_generation_that_there_is_not_is_not_found(served, generation_id):
    await served.done()
    answer = await served.client.post("/favorites", json={"generation_id": generation_id, "rating": 5})
    assert refused(answer) == (404, "generation_not_found")


async def test_job_that_has_not_ended_is_no_generation_yet(served):
    await served.service.queue.store.set_paused(is_wanted=True)
    answer = await served.client.post("/favorites", json={"generation_id": await served.job(), "rating": 5})
    assert refused(answer) == (404, "generation_not_found")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"generation_id": ""},
        {"generation_id": "a", "rating": 0},
        {"generation_id": "a", "rating": 6},
        {"generation_id": "a", "rating": 4.5},
        {"generation_id": "a", "tags": "best"},
        {"generation_id": "a", "tags": ["x"] * 51},
        {"generation_id": "a", "tags": ["x" * 65]},
        {"generation_id": "a", "feedback": "x" * 10_001},
        {"generation_id": "a", "stars": 5},
    ],
)
async def test_what_cannot_be_said_of_a_favorite_is_refused(served, said):
    assert refused(await served.client.post("/favorites", json=said)) == (422, "invalid_request")


async def test_favorite_is_kept_where_mlflow_does_not_answer(serve):
    pytest.importorskip("mlflow", reason="pip install 'comfygen[mlflow]'")
    served = await serve(tracking={"url": "http://127.0.0.1:9"})
    job_id = (await served.done())["id"]
    answer = await served.client.post("/favorites", json={"generation_id": job_id, **SAID})
    assert refused(answer) == (503, "tracking_unavailable")
    assert answer.headers["retry-after"]
    (found,) = (await served.client.get("/favorites")).json()["favorites"]
    assert (found["generation_id"], found["feedback"]) == (job_id, SAID["feedback"])
    assert found["id"] in answer.json()["error"]["message"]


# --- listed


async def test_list_has_what_was_asked_for(served):
    keeper = await served.composed("@portrait a lighthouse keeper")
    cat = await served.composed("@cat on a @beach")
    first = await kept(served, keeper["generation_id"], rating=3, tags=["best"])
    second = await kept(served, cat["generation_id"], rating=5)
    for asked, wanted in [
        ({}, [second, first]),
        ({"min_rating": 4}, [second]),
        ({"categories": "portrait"}, [first]),
        ({"categories": "beach, portrait,nothing"}, [second, first]),
        ({"categories": "nothing"}, []),
        ({"tags": "best"}, [first]),
    ]:
        told = (await served.client.get("/favorites", params=asked)).json()
        assert [one["id"] for one in told["favorites"]] == [one["id"] for one in wanted], asked
        assert (told["total"], told["limit"], told["offset"]) == (len(wanted), 20, 0)
    told = (await served.client.get("/favorites?limit=1&offset=1")).json()
    assert ([one["id"] for one in told["favorites"]], told["total"]) == ([first["id"]], 2)
    assert (told["limit"], told["offset"]) == (1, 1)


@pytest.mark.parametrize("asked", ["min_rating=0", "min_rating=6", "limit=0", "limit=501", "offset=-1", "limit=x"])
async def test_condition_that_means_nothing_is_refused(served, asked):
    assert refused(await served.client.get(f"/favorites?{asked}")) == (422, "invalid_request")


# --- rated and removed


async def test_change_keeps_what_is_left_out(served):
    made = await kept(served, (await served.done())["id"], **SAID)
    for said in ({"tags": ["print"]}, {"rating": 2}, {"feedback": ""}, {"rating": None, "tags": []}, {}):
        answer = await served.client.put(f"/favorites/{made['id']}", json=said)
        assert answer.status_code == 200, answer.text
        made |= {name: value for name, value in said.items() if value is not None}
        told = answer.json()
        assert {name: told[name] for name in SAID} == {name: made[name] for name in SAID}, said
    again = (await served.client.get(f"/favorites/{made['id']}")).json()
    assert {name: again[name] for name in SAID} == {"rating": 2, "feedback": "", "tags": []}


@pytest.mark.parametrize(
    "said", [{"rating": 0}, {"rating": "five"}, {"tags": "best"}, {"tags": [1]}, {"tags": ["a,b"]}, {"stars": 5}, []]
)
async def test_change_that_means_nothing_is_refused(served, said):
    made = await kept(served, (await served.done())["id"], **SAID)
    answer = await served.client.put(f"/favorites/{made['id']}", json=said)
    assert answer.status_code == 422, answer.text
    told = (await served.client.get(f"/favorites/{made['id']}")).json()
    assert {name: told[name] for name in SAID} == SAID


async def test_favorite_of_somebody_else_cannot_be_changed(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    made = await kept(served, (await served.done(client=ada))["id"], client=ada, rating=3)
    assert (await bob.put(f"/favorites/{made['id']}", json={"rating": 1})).status_code == 404
    assert (await bob.put(f"/favorites/{made['id']}", json={})).status_code == 404
    assert (await ada.get(f"/favorites/{made['id']}")).json()["rating"] == 3


async def test_rating_is_changed_and_feedback_that_is_left_out_stays(served):
    made = await kept(served, (await served.done())["id"], **SAID)
    answer = await served.client.put(f"/favorites/{made['id']}/rating", json={"rating": 4, "feedback": "Updated"})
    assert (answer.status_code, answer.json()["rating"], answer.json()["feedback"]) == (200, 4, "Updated")
    told = (await served.client.put(f"/favorites/{made['id']}/rating", json={"rating": 1})).json()
    assert (told["rating"], told["feedback"], told["tags"]) == (1, "Updated", SAID["tags"])


async def test_favorite_is_removed_and_its_generation_stays(served):
    job_id = (await served.done())["id"]
    made = await kept(served, job_id)
    answer = await served.client.delete(f"/favorites/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, {"message": "Favorite removed", "id": made["id"]})
    assert refused(await served.client.delete(f"/favorites/{made['id']}")) == (404, "favorite_not_found")
    assert (await served.client.get(f"/library/{job_id}")).json()["favorite"] is None


@pytest.mark.parametrize("rating", [0, 6, "five", None, 4.5])
async def test_rating_that_is_none_is_refused(served, rating):
    made = await kept(served, (await served.done())["id"])
    answer = await served.client.put(f"/favorites/{made['id']}/rating", json={"rating": rating})
    assert refused(answer) == (422, "invalid_request")


async def test_favorite_that_there_is_not_is_not_found(served):
    for method, path, body in [
        ("GET", "/favorites/fav_001", None),
        ("DELETE", "/favorites/fav_001", None),
        ("PUT", "/favorites/fav_001/rating", {"rating": 4}),
        ("POST", "/favorites/fav_001/extract-recipe", {"target_categories": ["car"]}),
    ]:
        assert refused(await served.client.request(method, path, json=body)) == (404, "favorite_not_found"), path


async def test_job_that_is_a_favorite_is_not_deleted(served):
    job_id = (await served.done())["id"]
    made = await kept(served, job_id)
    assert refused(await served.client.delete(f"/jobs/{job_id}")) == (409, "favorite_kept")
    assert (await served.client.get(made["image_url"])).status_code == 200
    await served.client.delete(f"/favorites/{made['id']}")
    assert (await served.client.delete(f"/jobs/{job_id}")).status_code == 204
    assert refused(await served.client.get(f"/library/{job_id}")) == (404, "generation_not_found")


async def test_favorite_is_its_owners_and_an_administrators(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    job_id = (await served.done(client=ada))["id"]
    answer = await bob.post("/favorites", json={"generation_id": job_id, "rating": 5})
    assert refused(answer) == (404, "generation_not_found")
    made = await kept(served, job_id, ada)
    assert (await bob.get("/favorites")).json()["total"] == 0
    for method, path, body in [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PUT", "/rating", {"rating": 1}),
        ("POST", "/extract-recipe", {"target_categories": ["car"]}),
    ]:
        answer = await bob.request(method, f"/favorites/{made['id']}{path}", json=body)
        assert refused(answer) == (404, "favorite_not_found"), path
    root = await served.caller("root", "admin")
    assert (await root.get("/favorites")).json()["total"] == 1
    assert (await ada.get(f"/favorites/{made['id']}")).json()["rating"] == 5


# --- recipes made of them


async def test_recipe_for_other_categories_says_what_had_to_change(served):
    composed = await served.composed("@portrait @outdoor a headshot in natural light")
    made = await kept(served, composed["generation_id"])
    body = {"target_categories": ["car"], "preserve_loras": True, "preserve_settings": True}
    answer = await served.client.post(f"/favorites/{made['id']}/extract-recipe", json=body)
    told = answer.json()
    assert answer.status_code == 200, answer.text
    assert told.keys() >= {"recipe", "source_favorite", "adaptations"}
    assert told["source_favorite"] == made["id"]
    assert "car" in told["recipe"]["categories"]
    assert "portrait" not in told["recipe"]["categories"]
    assert "outdoor" in told["recipe"]["categories"]
    assert any("portrait" in sentence for sentence in told["adaptations"])
    assert "headshot" not in told["recipe"]["positive_prompt"]
    assert (await served.client.get(f"/recipes/{told['recipe_id']}")).json()["recipe"] == told["recipe"]


async def test_recipe_that_was_made_of_a_favorite_can_be_generated(served):
    composed = await served.composed("@portrait a headshot")
    made = await kept(served, composed["generation_id"])
    path = f"/favorites/{made['id']}/extract-recipe"
    told = (await served.client.post(path, json={"target_categories": ["car"]})).json()
    body = {"recipe_id": told["recipe_id"], "width": 256, "height": 256, "steps": 1}
    done = (await served.client.post("/generate/sync", json=body)).json()
    assert done["status"] == "completed", done


async def test_settings_are_kept_or_not(served):
    composed = await served.composed("@portrait a headshot", cfg=6.0)
    made = await kept(served, composed["generation_id"])
    path = f"/favorites/{made['id']}/extract-recipe"
    target = {"target_categories": ["car"]}
    kept_ones = (await served.client.post(path, json=target)).json()["recipe"]
    fresh = (await served.client.post(path, json=target | {"preserve_settings": False})).json()["recipe"]
    assert (kept_ones["width"], kept_ones["height"]) == (256, 256)
    assert (fresh["width"], fresh["height"]) != (256, 256)


async def test_recipe_of_a_workflow_without_a_name_can_be_adapted_too(served):
    made = await kept(served, (await served.done(picture_graph()))["id"])
    path = f"/favorites/{made['id']}/extract-recipe"
    answer = await served.client.post(path, json={"target_categories": ["car"]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["recipe"]["categories"] == ["car"]


@pytest.mark.parametrize(
    ("targets", "status", "code"),
    [
        (["nowhere"], 404, "category_not_found"),
        (["horror"], 403, "policy_tier"),
        ([], 422, "invalid_request"),
        (["car"] * 11, 422, "invalid_request"),
        ("car", 422, "invalid_request"),
    ],
)
async def test_target_that_cannot_be_is_refused(served, targets, status, code):
    made = await kept(served, (await served.composed())["generation_id"])
    path = f"/favorites/{made['id']}/extract-recipe"
    assert refused(await served.client.post(path, json={"target_categories": targets})) == (status, code)


async def test_tier_of_a_target_is_asked_for_by_the_header(served):
    made = await kept(served, (await served.composed())["generation_id"])
    path, body = f"/favorites/{made['id']}/extract-recipe", {"target_categories": ["horror"]}
    answer = await served.client.post(path, json=body, headers={"X-Policy-Tier": "mature"})
    assert (answer.status_code, answer.json()["recipe"]["tier"]) == (200, "mature")


async def test_favorite_of_a_higher_tier_is_adapted_for_who_asks_for_it(served):
    bob = await served.caller("bob", tier=Tier.MATURE)
    composed = await served.composed("@horror a castle", bob, policy_tier="mature")
    made = await kept(served, composed["generation_id"], bob)
    path, body = f"/favorites/{made['id']}/extract-recipe", {"target_categories": ["car"]}
    assert refused(await bob.post(path, json=body)) == (403, "policy_tier")
    answer = await bob.post(path, json=body, headers={"X-Policy-Tier": "mature"})
    assert answer.status_code == 200, answer.text
