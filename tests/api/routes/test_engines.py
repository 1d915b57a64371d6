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


# --- memory


async def test_memory_of_an_engine_is_told(served):
    await served.done()
    (engine,) = (await served.client.get("/engines")).json()["engines"]
    assert engine["is_sandbox"] is True
    memory = engine["memory"]
    assert memory["device"].startswith("comfygen sandbox")
    assert memory["vram_total"] >= memory["vram_free"] > 0
    assert memory["ram_total"] >= memory["ram_free"] > 0


async def test_memory_is_not_known_where_another_process_drives_the_engine(serve):
    served = await serve(with_worker=False)
    (engine,) = (await served.client.get("/engines")).json()["engines"]
    assert (engine["memory"], engine["is_sandbox"]) == (None, False)


# --- the sandbox


async def test_service_is_its_own_engine(serve):
    served = await serve(engines="gpu=http://127.0.0.1:9")
    made = await served.client.post("/engines/sandbox")
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["is_sandbox"]) == ("sandbox", True)
    again = await served.client.post("/engines/sandbox")
    assert (again.status_code, again.json()["address"]) == (200, made.json()["address"])
    assert (await served.done())["engine"] == "sandbox"
    assert (await served.client.delete("/engines/sandbox")).status_code == 204
    assert served.service.practice.url is None
    assert [one["name"] for one in (await served.client.get("/engines")).json()["engines"]] == ["gpu"]


async def test_sandbox_that_drains_is_the_same(serve):
    served = await serve(engines="gpu=http://127.0.0.1:9")
    await served.client.post("/engines/sandbox")
    assert (await served.client.post("/engines/sandbox/drain")).json()["state"] == "draining"
    again = await served.client.post("/engines/sandbox")
    assert (again.status_code, again.json()["state"]) == (200, "draining")


async def test_engine_of_somebody_s_that_is_called_sandbox_stays(served):
    answer = await served.client.post("/engines/sandbox")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "duplicate_engine")
    assert served.service.practice.url is None
    (engine,) = (await served.client.get("/engines")).json()["engines"]
    assert engine["address"] == served.engine.url


async def test_sandbox_comes_back_with_the_service(serve):
    first = await serve(engines="gpu=http://127.0.0.1:9")
    await first.client.post("/engines/sandbox")
    await first.service.practice.close()
    second = await serve(engines="gpu=http://127.0.0.1:9")
    assert second.service.practice.url is not None
    addresses = {one["name"]: one["address"] for one in (await second.client.get("/engines")).json()["engines"]}
    assert addresses["sandbox"] == second.service.practice.url


async def test_sandbox_is_for_administrators(served):
    assert (await (await served.caller("ada")).post("/engines/sandbox")).status_code == 403
