"""Which tiers composing takes from whom, over HTTP."""

from __future__ import annotations

import logging

import pytest

from comfy_gen.composition.tier import Tier
from tests.api.composing import dry, refused
from tests.api.conftest import SMALL


async def test_tier_that_is_needed_is_told_and_by_what(served):
    error = (await dry(served, "@horror a castle")).json()["error"]
    assert error["details"]["needed"] == "mature"
    assert error["details"]["allowed"] == "general"
    assert error["details"]["by"] == ["@horror"]


async def test_body_asks_for_a_tier_and_so_does_the_header_and_the_body_wins(served):
    tiers = [("mature", None, 200), (None, "mature", 200), ("general", "mature", 403), ("mature", "general", 200)]
    for body, header, status in tiers:
        answer = await dry(
            served,
            "@horror a castle",
            headers={"X-Policy-Tier": header} if header else {},
            **({"policy_tier": body} if body else {}),
        )
        assert answer.status_code == status, (body, header)
    assert (await dry(served, "@horror a castle", policy_tier="mature")).json()["recipe"]["tier"] == "mature"


async def test_tier_that_nobody_knows_is_refused(served):
    assert refused(await dry(served, "@cat", headers={"X-Policy-Tier": "all"})) == (422, "invalid_request")


async def test_key_caps_the_tier_and_the_answer_says_so(served):
    ada = await served.caller("ada")
    answer = await dry(served, "@horror a castle", ada, policy_tier="mature")
    assert refused(answer) == (403, "policy_tier")
    assert answer.json()["error"]["details"]["may"] == "general"
    told = (await dry(served, "@cat on a wall", ada, policy_tier="mature")).json()
    assert told["recipe"]["tier"] == "general"
    assert told["notes"] == ["the tier is general: this caller may not have mature"]
    bob = await served.caller("bob", tier=Tier.MATURE)
    assert (await dry(served, "@horror a castle", bob, policy_tier="mature")).status_code == 200
    assert refused(await dry(served, "@horror a castle", bob)) == (403, "policy_tier")  # who asks for it gets it


async def test_installation_caps_the_tier_of_everybody(serve):
    served = await serve(policy={"max_tier": "general"})
    assert refused(await dry(served, "@horror a castle", policy_tier="mature")) == (403, "policy_tier")


async def test_note_of_a_tier_comes_with_the_job_too(served):
    ada = await served.caller("ada")
    told = await served.composed("@cat on a wall", ada, policy_tier="explicit")
    assert "the tier is general: this caller may not have explicit" in told["notes"]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_words_need_a_tier_as_categories_do(served, dry_run):
    body = {"input": "@portrait a nude model in a studio", "dry_run": dry_run, **SMALL}
    answer = await served.client.post("/compose", json=body)
    assert refused(answer) == (403, "policy_tier")
    assert answer.json()["error"]["details"]["needed"] == "mature"
    assert answer.json()["error"]["details"]["by"] == ["nude"]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_no_tier_allows_is_refused_and_logged_without_its_words(served, caplog, dry_run):
    caplog.set_level(logging.WARNING)
    body = {"input": "@portrait nude, aged 12", "policy_tier": "explicit", "dry_run": dry_run, **SMALL}
    answer = await served.client.post("/compose", json=body)
    assert refused(answer) == (403, "forbidden_content")
    assert any("refused in every tier" in one.getMessage() for one in caplog.records)
    assert not any("aged 12" in one.getMessage() for one in caplog.records)
    assert (await served.client.get("/jobs")).json()["jobs"] == []


async def test_picture_of_the_general_tier_is_looked_at(serve):
    served = await serve(policy={"check_pictures": "auto"})
    await served.composed()
    (found,) = (await served.client.get("/library")).json()["generations"]
    assert [(one["check"], one["passed"]) for one in found["verdicts"]] == [("safety", True)]


# --- variants


async def test_recipe_of_a_higher_tier_is_not_shown_to_who_may_not_have_it(served):
    bob, ada = await served.caller("bob", tier=Tier.MATURE), await served.caller("ada")
    told = (await dry(served, "@horror a castle", bob, policy_tier="mature")).json()
    assert (await bob.get(f"/recipes/{told['recipe_id']}")).status_code == 200
    assert refused(await ada.get(f"/recipes/{told['recipe_id']}")) == (403, "policy_tier")
    answer = await ada.get(f"/recipes/{told['recipe_id']}", headers={"X-Policy-Tier": "mature"})
    assert refused(answer) == (403, "policy_tier")
