"""What is somebody else's is answered as what does not exist, on every route that takes an id."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import picture_graph
from tests.api.taking import judged
from tests.security.operations import ALL

IDS = {"job_id", "artifact_id", "webhook_id", "generation_id", "other_id", "favorite_id"}
"""What belongs to somebody. Workflows that are saved, and engines, are everybody's; of presets each has their own."""
PUBLIC = {"category_id", "recipe_id"}
"""What belongs to nobody: whoever knows the hash of a recipe may have it."""
KEYS = {"key_id"}
"""What administrators alone may name."""
OWNED = [operation for operation in ALL if operation.parameters & IDS]
HOOK = {"url": "https://hooks.invalid/ada"}


async def ended(served, client) -> dict[str, str]:
    """Have a job done, keep it as a favorite, and return all ids of it."""
    result, other = await served.done(client=client), await served.done(client=client)
    favorite = (await client.post("/favorites", json={"generation_id": result["id"], "feedback": "hers"})).json()
    return {
        "job_id": result["id"],
        "artifact_id": result["output"][0]["id"],
        "generation_id": result["id"],
        "other_id": other["id"],
        "favorite_id": favorite["id"],
    }


async def waiting(served, client) -> dict[str, str]:
    """Have a job that is held, and a webhook of one that was cancelled; return their ids."""
    await served.service.queue.store.set_paused(True)
    told = {"input": {"workflow_json": picture_graph(), "webhook": HOOK}}
    cancelled = (await client.post("/generate", json=told)).json()["id"]
    await client.post(f"/jobs/{cancelled}/cancel")
    (webhook,) = (await client.get(f"/jobs/{cancelled}/webhooks")).json()["webhooks"]
    return {"job_id": await served.job(client=client), "webhook_id": webhook["id"]}


def as_told(answer: Any, ids: dict[str, str]) -> tuple[int, str]:
    """Return an answer without what may differ: the ids that were asked for."""
    text = answer.text
    for one in ids.values():
        text = text.replace(one, "ID")
    return answer.status_code, text


def test_every_parameter_is_one_that_is_known_here():
    assert {name for operation in ALL for name in operation.parameters} == {*IDS, *PUBLIC, *KEYS, "name"}


@pytest.mark.parametrize("make", [ended, waiting])
async def test_what_is_somebody_elses_is_not_there(served, make):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    real = await make(served, ada)
    unreal = {name: str(uuid4()) for name in IDS}
    before = await state(ada, real)
    for operation in OWNED:
        if not operation.parameters <= real.keys():
            continue
        theirs = await bob.request(operation.method, operation.at(**real), **operation.content)
        nobodys = await bob.request(operation.method, operation.at(**unreal), **operation.content)
        assert as_told(theirs, real) == as_told(nobodys, unreal), operation
        assert theirs.status_code == 404, operation
        assert {**theirs.headers, "x-request-id": ""}.keys() == {**nobodys.headers, "x-request-id": ""}.keys()
    assert await state(ada, real) == before


async def state(client, real: dict[str, str]) -> list[Any]:
    """Return all that is told of what somebody has."""
    told = [without_times((await client.get(f"/jobs/{real['job_id']}")).json())]
    if "favorite_id" in real:
        favorite = (await client.get(f"/favorites/{real['favorite_id']}")).json()
        told.append({**favorite, "image_url": ""})
    return told


def without_times(told: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs from one moment to the next: links expire, estimates run."""
    output = [{**one, "url": ""} for one in told["output"]]
    return {**told, "eta": None, "output": output, "output_url": ""}


async def test_lists_have_nothing_of_somebody_elses(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    job_id = await served.job(client=ada)
    for asked in ({}, {"owner": "ada"}, {"owner": ""}, {"text": job_id}, {"text": "%"}):
        assert (await bob.get("/jobs", params=asked)).json()["jobs"] == [], asked
    assert [one["id"] for one in (await ada.get("/jobs", params={"owner": "bob"})).json()["jobs"]] == [job_id]


async def test_library_has_nothing_of_somebody_elses(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    hers = await served.composed("@portrait a lighthouse keeper", ada, title="hers")
    job_id = hers["generation_id"]
    said = {"generation_id": job_id, "tags": ["best"]}
    assert (await ada.post("/favorites", json=said)).status_code == 201
    for asked in ({}, {"text": "keeper"}, {"text": "%"}, {"category": "portrait"}, {"recipe": hers["recipe_id"]}):
        assert (await bob.get("/library", params=asked)).json() == {"generations": [], "next": None}, asked
        assert len((await ada.get("/library", params=asked)).json()["generations"]) == (asked != {"text": "%"}), asked
    for asked in ({}, {"tags": "best"}, {"categories": "portrait"}):
        assert (await bob.get("/favorites", params=asked)).json()["total"] == 0, asked
        assert (await ada.get("/favorites", params=asked)).json()["total"] == 1, asked
    assert (await bob.post("/favorites", json=said)).status_code == 404
    assert (await ada.get("/favorites")).json()["favorites"][0]["feedback"] == ""


async def test_takes_of_somebody_elses_are_as_if_they_were_not(serve):
    served = await serve(with_worker=False)
    ada, bob = await served.caller("ada"), await served.caller("bob")
    body = {"input": {"workflow_json": picture_graph(), "auto_retry": True}}
    job_id = (await ada.post("/generate", json=body)).json()["id"]
    await judged(served.service.queue.store, job_id)
    takes = (await ada.get(f"/jobs/{job_id}")).json()["takes"]
    assert (await bob.get(f"/jobs/{job_id}")).status_code == 404
    for path in (f"/artifacts/{one['output'][0]['id']}" for one in takes):
        assert (await bob.get(path)).status_code == 404
        assert (await bob.get(f"{path}/thumbnail")).status_code == 404
        assert (await ada.get(path)).status_code == 410  # it is known to her; no file was made of it
    assert [one["output"][0]["local_path"] for one in takes] == [None] * 3
    for asked in ({"min_score": 0}, {"passed": False}):
        assert (await bob.get("/library", params=asked)).json()["generations"] == []
        assert len((await ada.get("/library", params=asked)).json()["generations"]) == 1


async def test_preset_of_somebody_elses_is_as_if_it_were_not(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")

    async def asked() -> list[tuple[int, str]]:
        answers = [await bob.get("/presets"), await bob.get("/presets/hers"), await bob.delete("/presets/hers")]
        answers.append(await bob.post("/compose", json={"input": "@cat", "preset": "hers"}))
        answers.append(await bob.post("/generate", json={"prompt": "a cat", "preset": "hers"}))
        return [as_told(answer, {}) for answer in answers]

    before = await asked()
    assert (await ada.put("/presets/hers", json={"values": {"steps": 9}})).status_code == 201
    assert await asked() == before
    assert (await bob.put("/presets/hers", json={"values": {"steps": 5}})).status_code == 201
    assert (await ada.get("/presets/hers")).json()["values"] == {"steps": 9}


async def test_recipe_of_somebody_elses_is_found_by_its_whole_hash_and_tells_nothing_of_them(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    hers = await served.composed("@portrait a lighthouse keeper", ada, title="hers", metadata={"order": "hers"})
    answer = await bob.get(f"/recipes/{hers['recipe_id']}")
    assert answer.status_code == 200
    assert not [word for word in ("hers", "ada", hers["generation_id"]) if word in answer.text]


async def test_key_of_a_request_is_its_owners_alone(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    body, key = {"input": {"workflow_json": picture_graph()}}, {"Idempotency-Key": "one"}
    first = (await ada.post("/generate", json=body, headers=key)).json()["id"]
    assert (await bob.post("/generate", json=body, headers=key)).json()["id"] != first
    assert (await ada.post("/generate", json=body, headers=key)).json()["id"] == first


async def test_same_request_by_the_same_id_gives_nobody_anothers_job(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    body = {"input": {"workflow_json": picture_graph(), "request_id": str(uuid4()), "title": "hers"}}
    assert (await ada.post("/generate/sync", json=body)).status_code == 200
    for path in ("/generate", "/generate/sync", "/generate/stream"):
        answer = await bob.post(path, json=body)
        assert answer.status_code == 409, path
        assert "hers" not in answer.text
        assert "output" not in answer.text


async def test_saved_workflow_is_changed_by_who_saved_it_alone(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    await ada.put("/workflows/hers", json=picture_graph(1))
    assert (await bob.put("/workflows/hers", json=picture_graph(2))).status_code == 409
    assert (await bob.delete("/workflows/hers")).status_code == 403
    assert (await bob.get("/workflows/hers/graph")).json() == picture_graph(1)
    assert (await bob.get("/workflows/hers")).json()["owner"] is None
