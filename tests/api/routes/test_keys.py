"""Tests of the routes about keys."""

from __future__ import annotations

import pytest

from tests.api.conftest import client_of


async def test_key_is_made_shown_once_and_used(served):
    boss = await served.caller("boss", "admin")
    body = {"name": "anna", "scopes": ["generate"], "rate": "600/Minute", "max_waiting": 5, "tier": "mature"}
    answer = await boss.post("/keys", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    text = made.pop("key")
    assert (made["name"], made["owner"], made["scopes"], made["revoked"]) == ("anna", "anna", ["generate"], None)
    assert (made["rate"], made["max_waiting"], made["tier"]) == ("600/minute", 5, "mature")
    assert answer.headers["cache-control"] == "no-store"
    listed = await boss.get("/keys")
    assert listed.json()["keys"] == [listed.json()["keys"][0], made]
    assert text.rpartition("_")[2] not in listed.text
    assert "digest" not in listed.text
    session = (await client_of(served.app, {"X-API-Key": text}).get("/session")).json()
    assert (session["name"], session["tier"]) == ("anna", "mature")


async def test_key_may_generate_and_see_if_nothing_else_is_said(served):
    made = (await served.client.post("/keys", json={"name": "anna", "owner": "studio"})).json()
    assert (made["scopes"], made["owner"], made["tier"], made["rate"]) == (
        ["generate", "read"],
        "studio",
        "general",
        "",
    )


async def test_from_the_first_key_on_everybody_needs_one(served):
    text = (await served.client.post("/keys", json={"name": "anna", "scopes": ["admin"]})).json()["key"]
    assert (await served.client.get("/keys")).status_code == 401
    assert (await client_of(served.app, {"X-API-Key": text}).get("/keys")).status_code == 200


async def test_revoked_key_is_told_and_opens_nothing(served):
    boss = await served.caller("boss", "admin")
    made = (await boss.post("/keys", json={"name": "anna"})).json()
    assert (await boss.delete(f"/keys/{made['id']}")).status_code == 204
    assert (await client_of(served.app, {"X-API-Key": made["key"]}).get("/jobs")).status_code == 401
    assert (await boss.get("/keys")).json()["keys"][1]["revoked"] > 0
    assert (await boss.delete(f"/keys/{made['id']}")).status_code == 204


async def test_key_that_is_not_there_cannot_be_revoked(served):
    answer = await served.client.delete("/keys/aaaaaaaa")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "key_not_found")


async def test_keys_are_for_administrators(served):
    anna = await served.caller("anna")
    assert (await anna.get("/keys")).status_code == 403
    assert (await anna.post("/keys", json={"name": "x", "scopes": ["admin"]})).status_code == 403
    assert (await anna.delete("/keys/aaaaaaaa")).status_code == 403


async def test_name_is_taken_until_its_key_is_revoked(served):
    boss = await served.caller("boss", "admin")
    made = (await boss.post("/keys", json={"name": "anna"})).json()
    assert (await boss.post("/keys", json={"name": "anna"})).status_code == 422
    await boss.delete(f"/keys/{made['id']}")
    assert (await boss.post("/keys", json={"name": "anna"})).status_code == 201


async def test_all_that_is_wrong_with_a_key_is_told_at_once(served):
    body = {"name": "", "scopes": ["fly"], "rate": "often", "max_waiting": 0, "tier": "x", "owner": "x" * 65}
    answer = await served.client.post("/keys", json=body)
    assert answer.status_code == 422
    named = {one["where"].split(".")[1] for one in answer.json()["error"]["details"]["problems"]}
    assert named == set(body)
    assert (await served.client.get("/keys")).json()["keys"] == []


@pytest.mark.parametrize("body", [{"name": "a\nb"}, {"name": " a"}, {"name": "a", "scopes": []}, {"name": "a", "x": 1}])
async def test_key_that_cannot_be_is_not_made(served, body):
    assert (await served.client.post("/keys", json=body)).status_code == 422
    assert (await served.client.get("/keys")).json()["keys"] == []
