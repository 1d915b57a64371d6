"""The categories over HTTP: the documented lists and fields."""

from __future__ import annotations

import pytest

SUMMARY = {"id", "type", "display_name", "description", "icon", "keywords", "policy_tier"}
DETAIL = {"id", "type", "display_name", "description", "prompts", "loras", "settings", "composition"}


async def listed(served, **asked):
    answer = await served.client.get("/categories", params=asked)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.keys() == {"categories", "total"}
    assert told["total"] == len(told["categories"])
    return told["categories"]


async def test_list_has_the_documented_fields(served):
    found = await listed(served, type="subject", policy_tier="general", search="portrait")
    portrait = next(one for one in found if one["id"] == "portrait")
    assert portrait.keys() == SUMMARY
    assert {"portrait", "headshot", "face"} <= {*portrait.pop("keywords")}
    assert portrait == {
        "id": "portrait",
        "type": "subject",
        "display_name": "Portrait",
        "description": "Human portrait photography and art",
        "icon": "person",
        "policy_tier": "general",
    }


async def test_list_without_conditions_has_all_that_the_general_tier_allows(served):
    found = await listed(served)
    assert len(found) >= 60
    assert {one["type"] for one in found} == {"subject", "setting", "modifier", "style"}
    assert {one["policy_tier"] for one in found} == {"general"}


@pytest.mark.parametrize("kind", ["subject", "setting", "modifier", "style"])
async def test_list_of_a_type_has_no_other(served, kind):
    assert {one["type"] for one in await listed(served, type=kind)} == {kind}


async def test_list_of_a_tier_has_what_it_allows_by_query_or_header_and_the_query_wins(served):
    assert "horror" not in {one["id"] for one in await listed(served)}
    assert "horror" in {one["id"] for one in await listed(served, policy_tier="mature")}
    header = {"X-Policy-Tier": "mature"}
    by_header = (await served.client.get("/categories", headers=header)).json()["categories"]
    assert "horror" in {one["id"] for one in by_header}
    both = (await served.client.get("/categories?policy_tier=general", headers=header)).json()["categories"]
    assert "horror" not in {one["id"] for one in both}


async def test_installation_says_which_tier_is_usual(serve):
    served = await serve(policy={"tier": "mature"})
    assert "horror" in {one["id"] for one in await listed(served)}


async def test_search_finds_by_keyword_name_and_description(served):
    assert "portrait" in {one["id"] for one in await listed(served, search="headshot")}
    assert "portrait" in {one["id"] for one in await listed(served, search="PORTR")}
    assert await listed(served, search="no category says this") == []


@pytest.mark.parametrize("asked", ["type=thing", "policy_tier=all", f"search={'x' * 201}"])
async def test_condition_that_means_nothing_is_refused(served, asked):
    answer = await served.client.get(f"/categories?{asked}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


async def test_category_has_the_documented_fields(served):
    answer = await served.client.get("/categories/portrait")
    told = answer.json()["category"]
    assert answer.status_code == 200
    assert told.keys() >= DETAIL
    assert told["prompts"]["positive_fragments"]["required"] == ["detailed face", "sharp focus on eyes"]
    assert told["prompts"]["negative_fragments"]["required"] == ["blurry", "distorted face"]
    assert {"filename": "add_detail.safetensors", "strength": 0.4}.items() <= told["loras"]["recommended"][1].items()
    for setting in ("steps", "cfg"):
        bounds = told["settings"][setting]
        assert bounds.keys() == {"min", "max", "default"}
        assert bounds["min"] <= bounds["default"] <= bounds["max"]
    assert told["composition"]["priority"] == 70
    assert told["composition"]["conflicts_with"] == []
    assert told["composition"]["enhances"] == ["lighting", "photorealistic"]


async def test_each_category_of_the_list_can_be_asked_for(served):
    for one in await listed(served, policy_tier="explicit"):
        told = (await served.client.get(f"/categories/{one['id']}")).json()["category"]
        assert {name: told[name] for name in SUMMARY - {"keywords"}} == {
            name: one[name] for name in SUMMARY - {"keywords"}
        }


@pytest.mark.parametrize("category_id", ["portrat", "%2e%2e", "Portrait.yaml", "x" * 100])
async def test_category_that_there_is_not_is_not_found(served, category_id):
    answer = await served.client.get(f"/categories/{category_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "category_not_found")


async def test_nearest_are_told_where_there_is_none(served):
    error = (await served.client.get("/categories/portrat")).json()["error"]
    assert error["details"]["nearest"][0] == "portrait"
    assert "portrait" in error["hint"]
