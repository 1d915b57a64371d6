"""Tests of the routes about engines and the queue as a whole."""

from __future__ import annotations

import asyncio

from tests.api.conftest import PATIENCE


async def test_engine_is_told_as_it_is(served):
    await served.done()
    (engine,) = (await served.client.get("/engines")).json()["engines"]
    assert (engine["name"], engine["condition"], engine["state"]) == ("sandbox", "up", "active")
    assert engine["address"] == served.engine.url


async def test_engine_is_not_known_where_another_process_drives_it(serve):
    served = await serve(with_worker=False)
    (engine,) = (await served.client.get("/engines")).json()["engines"]
    assert (engine["condition"], engine["queue"]) == ("unknown", None)


async def test_address_of_an_engine_is_for_administrators(served):
    reader = await served.caller("reader", "read")
    (engine,) = (await reader.get("/engines")).json()["engines"]
    assert (engine["name"], engine["address"], engine["error"]) == ("sandbox", None, None)
    for method, path in [("POST", "/sandbox/drain"), ("POST", "/sandbox/resume"), ("DELETE", "/sandbox")]:
        assert (await reader.request(method, f"/engines{path}")).status_code == 403
    assert (await reader.post("/engines", json={"url": "http://gpu-2:8188"})).status_code == 403


async def test_engine_is_added_drained_resumed_and_removed(served):
    body = {"url": "http://me:secret@gpu-2.example:8188", "name": "gpu-2", "tags": ["xl"], "depth": 3}
    added = await served.client.post("/engines", json=body)
    assert added.status_code == 201, added.text
    assert "secret" not in added.text
    assert (added.json()["depth"], added.json()["tags"]) == (3, ["xl"])
    assert (await served.client.post("/engines/gpu-2/drain")).json()["state"] == "draining"
    assert (await served.client.post("/engines/gpu-2/resume")).json()["state"] == "active"
    assert (await served.client.delete("/engines/gpu-2")).status_code == 204
    assert [one["name"] for one in (await served.client.get("/engines")).json()["engines"]] == ["sandbox"]


async def test_engine_that_cannot_be_added_is_refused(served):
    twice = await served.client.post("/engines", json={"url": "http://other:1", "name": "sandbox"})
    assert (twice.status_code, twice.json()["error"]["code"]) == (409, "duplicate_engine")
    same = await served.client.post("/engines", json={"url": served.engine.url, "name": "again"})
    assert same.status_code == 422
    wrong = await served.client.post("/engines", json={"url": "ftp://x", "depth": 0})
    assert (wrong.status_code, len(wrong.json()["error"]["details"]["problems"])) == (422, 2)


async def test_engine_that_does_not_exist_is_not_found(served):
    for method, path in [("POST", "/none/drain"), ("POST", "/none/resume"), ("DELETE", "/none")]:
        assert (await served.client.request(method, f"/engines{path}")).status_code == 404


async def test_engine_that_is_added_does_jobs(serve):
    served = await serve()
    await served.client.delete("/engines/sandbox")
    job_id = await served.job()
    await served.client.post("/engines", json={"url": served.engine.url, "name": "again"})
    async with asyncio.timeout(PATIENCE):
        job = await served.service.queue.watching.end(job_id)
    assert (job.state, job.engine) == ("completed", "again")


async def test_queue_is_paused_and_resumed(served):
    assert (await served.client.post("/queue/pause")).json()["is_paused"] is True
    job_id = await served.job()
    assert (await served.client.get(f"/jobs/{job_id}")).json()["state"] == "queued"
    assert (await served.client.post("/queue/resume")).json()["is_paused"] is False
    async with asyncio.timeout(PATIENCE):
        assert (await served.service.queue.watching.end(job_id)).state == "completed"


async def test_queue_is_paused_by_administrators_alone(served):
    ada = await served.caller("ada")
    assert (await ada.post("/queue/pause")).status_code == 403
    assert (await ada.post("/queue/resume")).status_code == 403
