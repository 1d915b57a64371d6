"""Previews of texts over HTTP: the documented request and answer, and what else they tell."""

from __future__ import annotations

from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.faults import Fault, Kind


async def test_documented_preview_gives_the_documented_answer(served):
    body = {"input": "@portrait in city at sunset", "policy_tier": "general"}
    answer = await served.client.post("/compose/preview", json=body)
    told = answer.json()
    assert answer.status_code == 200
    assert told["tags_found"] == ["portrait"]
    inferred = {one["id"]: one for one in told["categories_inferred"]}
    assert (inferred["city"]["type"], inferred["sunset"]["type"]) == ("setting", "modifier")
    assert all(0.3 <= one["confidence"] <= 1 for one in inferred.values())
    assert (told["conflicts"], told["policy_violations"], told["unknown_tags"]) == ([], [], {})


async def test_preview_tells_what_stands_against_a_text_and_is_no_refusal(served):
    told = (
        await served.client.post("/compose/preview", json={"input": "@horror @anime @photorealistic @potrait nude"})
    ).json()
    assert {"id": "horror", "kind": "category", "needs": "mature"} in told["policy_violations"]
    assert {"id": "nude", "kind": "word", "needs": "mature"} in told["policy_violations"]
    assert "portrait" in told["unknown_tags"]["potrait"]
    assert [{one["kept"], one["dropped"]} for one in told["conflicts"]] == [{"anime", "photorealistic"}]


async def test_preview_of_what_means_nothing_is_empty(served):
    told = (await served.client.post("/compose/preview", json={"input": "qwertz"})).json()
    assert told == {
        "tags_found": [],
        "categories_inferred": [],
        "conflicts": [],
        "policy_violations": [],
        "unknown_tags": {},
        "negated": [],
    }


async def test_preview_asks_no_engine_and_keeps_nothing(serve):
    served = await serve(with_worker=False, engine=SandboxOptions(faults=[Fault(Kind.HANG)]))
    told = (await served.client.post("/compose/preview", json={"input": "a beach, no people"})).json()
    assert told["negated"] == ["people"]


async def test_preview_goes_by_the_tier_of_the_header(served):
    body = {"input": "@horror a castle"}
    told = (await served.client.post("/compose/preview", json=body, headers={"X-Policy-Tier": "mature"})).json()
    assert told["policy_violations"] == []
