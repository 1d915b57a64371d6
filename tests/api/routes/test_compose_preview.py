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
        "categories": [],
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


async def test_each_category_is_told_with_what_a_chip_shows(served):
    text = "@portrait \U0001f600 in a city at sunset"
    told = (await served.client.post("/compose/preview", json={"input": text})).json()
    assert [(one["id"], one["source"]) for one in told["categories"]] == [
        ("portrait", "tag"),
        ("sunset", "inferred"),
        ("city", "inferred"),
    ]
    assert [[text[start:end] for start, end in one["spans"]] for one in told["categories"]] == [
        ["@portrait"],
        ["sunset"],
        ["city"],
    ]
    assert told["categories"][0] == {
        "id": "portrait",
        "type": "subject",
        "display_name": "Portrait",
        "icon": "person",
        "source": "tag",
        "confidence": 1.0,
        "spans": [[0, 9]],
    }
    inferred = {one["id"]: one for one in told["categories_inferred"]}
    assert inferred["city"]["spans"] == told["categories"][2]["spans"]
    assert inferred["city"]["display_name"]


async def test_category_that_is_not_wanted_is_not_used(served):
    body = {"input": "a cat in a city", "without": ["city", "no-such-category"]}
    told = (await served.client.post("/compose/preview", json=body)).json()
    assert [one["id"] for one in told["categories"]] == ["cat"]
    assert "city" in [one["id"] for one in told["categories_inferred"]]


async def test_preview_of_variants_is_the_same_each_time(served):
    body = {"input": "a {cat|dog|castle|car|forest|beach} at {sunset|night|noon}"}
    told = [(await served.client.post("/compose/preview", json=body)).json() for _ in range(3)]
    assert told[0]["categories"]
    assert told[1:] == told[:1] * 2
