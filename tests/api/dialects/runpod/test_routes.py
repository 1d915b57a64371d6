"""An endpoint's operations, over HTTP."""

from __future__ import annotations

import asyncio
import base64

import pytest

from tests.api.conftest import client_of
from tests.api.dialects.desk import newcomer
from tests.api.dialects.openai.sketches import opened, picture
from tests.api.dialects.runpod.graphs import body, copied, plain, sampled

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODY = "00000000-0000-4000-8000-000000000000"


async def ran(client, workflow, **more):
    """Return the id of a job that was just accepted."""
    answer = await client.post("/run", json=body(workflow, **more))
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"id", "status"}
    assert answer.json()["status"] == "IN_QUEUE"
    return answer.json()["id"]


async def until(client, job_id, status):
    while (found := (await client.get(f"/status/{job_id}")).json())["status"] != status:
        await asyncio.sleep(0.01)
    return found


@pytest.mark.parametrize("prefix", ["", "/v2/any-endpoint"])
async def test_job_is_run_to_its_end_and_its_pictures_are_in_the_answer(ann, prefix):
    answer = await ann.post(f"{prefix}/runsync", json=body(plain()))
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "COMPLETED")
    assert told["delayTime"] >= 0
    assert told["executionTime"] >= 0
    assert told["workerId"]
    (image,) = told["output"]["images"]
    assert (image["filename"], image["type"]) == ("x_00001_.png", "base64")
    assert opened(image["data"]).size == (8, 8)
    for method in ("GET", "POST"):
        assert (await ann.request(method, f"{prefix}/status/{told['id']}")).json() == told


async def test_body_says_what_it_likes_of_its_kind(ann):
    answer = await ann.post(
        "/runsync", content=b'{"input": {"workflow": {}}, "unknown": 1}', headers={"Content-Type": ""}
    )
    assert answer.json()["status"] == "FAILED"
    text = '{"workflow": {"1": {"class_type": "Nope", "inputs": {}}}}'
    assert "Nope" in (await ann.post("/runsync", json={"input": text})).json()["error"]


async def test_pictures_that_come_along_are_loaded_by_their_names(ann):
    data = base64.b64encode(picture((16, 8))).decode()
    for image in (data, f"data:image/png;base64,{data}"):
        sent = body(copied("room.png"), images=[{"name": "room.png", "image": image}])
        (made,) = (await ann.post("/runsync", json=sent)).json()["output"]["images"]
        assert opened(made["data"]).size == (16, 8)


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({}, "invalid_parameter", "workflow"),
        ({"workflow": []}, "invalid_parameter", "JSON object"),
        ("{", "invalid_parameter", "JSON object"),
        ({"workflow": {}, "images": [{"name": "a"}]}, "invalid_parameter", "`image`"),
        ({"workflow": plain(), "images": [{"name": "a", "image": "***"}]}, "invalid_parameter", "base64"),
        ({"workflow": plain(), "images": [{"name": "a", "image": "aGVsbG8="}]}, "invalid_image", "picture"),
        ({"workflow": {"1": {"class_type": "Nope", "inputs": {}}}}, "no_capable_engine", "Nope"),
        ({"workflow": copied("nowhere.png")}, "invalid_workflow", "nowhere.png"),
    ],
)
async def test_input_that_cannot_be_is_a_job_that_failed(ann, desk, said, code, words):
    told = (await ann.post("/runsync", json={"input": said})).json()
    assert told["status"] == "FAILED"
    assert words in told["error"]
    assert told["comfygen"]["code"] in {code, "invalid_workflow"}
    assert (await ann.get(f"/status/{told['id']}")).json() == told
    assert (await ann.get(f"/v2/x/status-sync/{told['id']}")).json() == told
    assert (await (await newcomer(desk)).get(f"/status/{told['id']}")).status_code == 404
    assert (await ann.get("/jobs")).json()["jobs"] == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"input": {}, "policy": {"ttl": -1}}', 400),
        (b'{"input":{},"webhook":7}', 400),
    ],
)
async def test_body_that_is_none_is_refused(ann, content, status):
    answer = await ann.post("/run", content=content)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert answer.json()["comfygen"]["code"]


async def test_who_waits_no_longer_is_told_how_it_goes(ann):
    job_id = await ran(ann, sampled(150))
    progress = (await until_progress(ann, job_id))["output"]
    assert progress.keys() >= {"type", "percent", "value", "max", "node"}
    assert (progress["type"], progress["max"], progress["node"]) == ("progress", 150, "4")
    assert (await ann.get(f"/status-sync/{job_id}", params={"wait": 1})).json()["status"] == "IN_PROGRESS"
    assert (await ann.post(f"/cancel/{job_id}")).json() == {"id": job_id, "status": "CANCELLED"}
    await until(ann, job_id, "CANCELLED")
    assert (await ann.post(f"/cancel/{job_id}")).json() == {"id": job_id, "status": "CANCELLED"}


async def until_progress(client, job_id):
    while "value" not in (found := (await client.get(f"/status/{job_id}")).json()).get("output", {}):
        await asyncio.sleep(0.01)
    return found


async def test_job_that_has_ended_is_not_cancelled_any_more(ann):
    told = (await ann.post("/runsync", json=body(plain()))).json()
    assert (await ann.post(f"/cancel/{told['id']}")).json() == {"id": told["id"], "status": "COMPLETED"}


async def test_stream_gives_progress_and_then_the_output_once(ann):
    job_id = await ran(ann, sampled(40))
    parts = []
    while not parts or parts[-1]["status"] == "IN_PROGRESS":
        parts.append((await ann.get(f"/v2/mine/stream/{job_id}")).json())
    outputs = [chunk["output"] for part in parts for chunk in part["stream"]]
    assert [one["type"] for one in outputs[:-1]] == ["progress"] * (len(outputs) - 1)
    assert [*outputs[-1]] == ["images"]
    assert len(outputs) > 1
    again = (await ann.post(f"/stream/{job_id}")).json()
    assert (again["status"], again["stream"]) == ("COMPLETED", [])


async def test_waiting_jobs_of_an_endpoint_are_purged_and_others_are_not(desk, ann):
    bob = await newcomer(desk)
    await desk.service.queue.store.set_paused(is_wanted=True)
    mine = [await ran(ann, plain(color)) for color in (1, 2)]
    elsewhere = (await ann.post("/v2/other/run", json=body(plain(3)))).json()["id"]
    bobs = await ran(bob, plain(4))
    assert (await ann.post("/purge-queue")).json() == {"removed": 2, "status": "completed"}
    states = [
        (await client.get(f"/status/{one}")).json()["status"]
        for client, one in ((ann, mine[0]), (ann, elsewhere), (bob, bobs))
    ]
    assert states == ["CANCELLED", "IN_QUEUE", "IN_QUEUE"]
    assert (await ann.post("/v2/other/purge-queue")).json()["removed"] == 1
    await desk.service.queue.store.set_paused(is_wanted=False)
    await until(bob, bobs, "COMPLETED")


async def test_job_that_was_cancelled_begins_afresh(desk, ann):
    await desk.service.queue.store.set_paused(is_wanted=True)
    job_id = await ran(ann, plain())
    await ann.post(f"/cancel/{job_id}")
    assert (await ann.post(f"/retry/{job_id}")).json() == {"id": job_id, "status": "IN_QUEUE"}
    assert (await ann.post(f"/retry/{job_id}")).status_code == 409
    await desk.service.queue.store.set_paused(is_wanted=False)
    await until(ann, job_id, "COMPLETED")


async def test_job_that_takes_longer_than_its_policy_has_timed_out(ann):
    job_id = await ran(ann, sampled(10_000), policy={"executionTimeout": 50, "lowPriority": True})
    told = await until(ann, job_id, "TIMED_OUT")
    assert told["comfygen"]["code"] == "timeout"
    assert told["executionTime"] >= 50


async def test_endpoint_tells_how_it_is(ann):
    told = (await ann.get("/v2/mine/health")).json()
    assert told["jobs"].keys() == {"completed", "failed", "inProgress", "inQueue", "retried"}
    assert told["workers"]["ready"] == 1
    assert "status" in (await ann.get("/health")).json(), "the service's own"


async def test_key_may_be_bare_as_runpod_s_documents_have_it(desk, ann):
    async with client_of(desk.app, {"Authorization": ann.headers["x-api-key"]}) as bare:
        assert (await bare.get("/v2/mine/health")).status_code == 200
    async with client_of(desk.app, {"Authorization": "nonsense"}) as stranger:
        answer = await stranger.post("/v2/mine/run", json=body(plain()))
    assert (answer.status_code, answer.json()["comfygen"]["code"]) == (401, "unauthorized")


async def test_reader_runs_nothing(desk):
    reader = await newcomer(desk, "read")
    assert (await reader.post("/run", json=body(plain()))).status_code == 403
    assert (await reader.get("/v2/mine/health")).status_code == 200


@pytest.mark.parametrize("path", ["/status/{}", "/v2/x/status/{}", "/status-sync/{}", "/stream/{}"])
async def test_job_of_somebody_else_is_not_there(desk, ann, path):
    told = (await ann.post("/runsync", json=body(plain()))).json()
    bob = await newcomer(desk)
    for job_id in (told["id"], NOBODY, "sync-1-u1"):
        answer = await bob.get(path.format(job_id))
        assert (answer.status_code, answer.json()["comfygen"]["code"]) == (404, "job_not_found")
    assert (await bob.post(f"/cancel/{told['id']}")).status_code == 404
    assert (await bob.post(f"/retry/{told['id']}")).status_code == 404


async def test_same_key_means_the_same_job(ann):
    headers = {"Idempotency-Key": "once"}

    async def again(color):
        return await ann.post("/runsync", json=body(plain(color)), headers=headers)

    assert (await again(1)).json() == (await again(1)).json()
    assert (await again(2)).status_code == 409


async def test_policy_is_that_of_all_faces(ann):
    graph = sampled(1, text="a nude on a sofa")
    told = (await ann.post("/runsync", json=body(graph))).json()
    assert (told["status"], told["comfygen"]["code"]) == ("FAILED", "policy_tier")


async def test_key_of_a_node_is_sealed(desk, ann):
    sent = {"input": {"workflow": plain(), "comfy_org_api_key": "comfyui-secret"}}
    job_id = (await ann.post("/runsync", json=sent)).json()["id"]
    kept = await desk.service.queue.store.request(job_id)
    assert "comfyui-secret" not in str(kept.as_json())
    assert kept.extra_data
