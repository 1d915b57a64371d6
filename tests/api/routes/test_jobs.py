"""Tests of the routes about jobs."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from comfy_gen.jobs.records import Selection
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_size, set_steps
from tests.api.conftest import PATIENCE, events_in, picture_graph

SLOW = SandboxOptions(step_time=0.02)


def sampled(steps: int = 500) -> Any:
    return set_steps(set_size(load_template("sd15").workflow, 64, 64), steps)


async def running(served) -> str:
    """Have a job run for as long as anybody may need."""
    job_id = await served.job(sampled())
    async with asyncio.timeout(PATIENCE):
        async for event in served.service.queue.watch(job_id):
            if event.type == "progress":
                return job_id
    raise AssertionError("it never began")


async def paused(served) -> None:
    await served.service.queue.store.set_paused(True)


async def test_jobs_are_listed_newest_first_and_in_pages(served):
    await paused(served)
    ids = [await served.job(picture_graph(color)) for color in range(3)]
    first = (await served.client.get("/jobs", params={"limit": 2})).json()
    assert [one["id"] for one in first["jobs"]] == ids[:0:-1]
    second = (await served.client.get("/jobs", params={"limit": 2, "cursor": first["next"]})).json()
    assert [one["id"] for one in second["jobs"]] == ids[:1]
    assert second["next"] is None


async def test_jobs_are_listed_by_state_and_text(served):
    result = await served.done()
    await paused(served)
    await served.job()
    ended = (await served.client.get("/jobs", params={"state": ["completed", "failed"]})).json()["jobs"]
    assert [one["id"] for one in ended] == [result["id"]]
    assert ended[0]["status"] == "completed"
    assert ended[0]["links"]["self"] == f"/jobs/{result['id']}"
    found = (await served.client.get("/jobs", params={"text": result["id"][:13]})).json()["jobs"]
    assert [one["id"] for one in found] == [result["id"]]


async def test_cursor_that_is_none_is_refused(served):
    answer = await served.client.get("/jobs", params={"cursor": "x"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_parameter"


async def test_job_is_told_with_its_attempts(served):
    result = await served.done()
    told = (await served.client.get(f"/jobs/{result['id']}")).json()
    assert told["state"] == "completed"
    assert told["output"][0]["sha256"] == result["output"][0]["sha256"]
    assert [(one["number"], one["ending"], one["engine"]) for one in told["attempts"]] == [(1, "succeeded", "sandbox")]
    assert (told["position"], told["priority"], told["is_held"]) == (None, 0, False)


async def test_job_that_waits_is_told_with_its_place(served):
    await paused(served)
    await served.job()
    second = await served.job(picture_graph(2))
    told = (await served.client.get(f"/jobs/{second}")).json()
    assert (told["state"], told["position"]) == ("queued", 2)


async def test_request_is_told_without_its_secrets(served):
    await paused(served)
    said = {
        "workflow_json": picture_graph(),
        "title": "one",
        "tags": [],
        "webhook": {"url": "https://me:secret@hooks.example/x", "extra_params": {"order": 7}},
        "s3": {"access_key_id": "AKIA", "secret_access_key": "very-secret", "bucket_name": "theirs"},
    }
    job_id = (await served.client.post("/generate", json={"input": said})).json()["id"]
    answer = await served.client.get(f"/jobs/{job_id}/request")
    told = answer.json()
    assert told["workflow"] == picture_graph()
    assert told["webhook"] == {
        "url": "https://***@hooks.example/x",
        "extra_params": {"order": 7},
        "wants_progress": False,
    }
    assert told["destination"]["bucket"] == "theirs"
    assert not {"secret", "sealed", "AKIA"} & set(answer.text.replace('"', " ").split())


async def test_job_that_does_not_exist_is_not_found(served):
    answer = await served.client.get(f"/jobs/{uuid.uuid4()}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "job_not_found"


# --- somebody else's


async def test_somebody_elses_job_is_as_one_that_does_not_exist(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    job_id = (await served.done(client=ada))["id"]
    for method, path in [
        ("GET", ""),
        ("GET", "/request"),
        ("GET", "/events"),
        ("GET", "/preview"),
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("POST", "/hold"),
        ("POST", "/release"),
        ("DELETE", ""),
    ]:
        answer = await bob.request(method, f"/jobs/{job_id}{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "job_not_found"), path
    answer = await bob.post(f"/jobs/{job_id}/priority", json={"priority": 1})
    assert answer.status_code == 404
    assert (await ada.get(f"/jobs/{job_id}")).status_code == 200


async def test_each_lists_their_own_jobs_and_an_administrator_everybodys(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    root = await served.caller("root", "admin")
    job_id = await served.job(client=ada)
    assert (await bob.get("/jobs", params={"owner": "ada"})).json()["jobs"] == []
    assert (await ada.get("/jobs")).json()["jobs"][0]["owner"] is None
    (told,) = (await root.get("/jobs", params={"owner": "ada"})).json()["jobs"]
    assert (told["id"], told["owner"]) == (job_id, "ada")


async def test_key_that_only_reads_changes_nothing(served):
    ada, reader = await served.caller("ada"), await served.caller("reader", "read")
    job_id = await served.job(client=ada)
    assert (await reader.post(f"/jobs/{job_id}/cancel")).status_code == 403
    assert (await reader.delete(f"/jobs/{job_id}")).status_code == 403


# --- what can be done


async def test_job_that_waits_is_cancelled_and_begun_afresh(served):
    await paused(served)
    job_id = await served.job()
    cancelled = (await served.client.post(f"/jobs/{job_id}/cancel")).json()
    assert (cancelled["status"], cancelled["state"]) == ("failed", "cancelled")
    again = await served.client.post(f"/jobs/{job_id}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "job_state")
    retried = (await served.client.post(f"/jobs/{job_id}/retry")).json()
    assert retried["state"] == "queued"


async def test_job_is_held_and_released(served):
    await paused(served)
    job_id = await served.job()
    assert (await served.client.post(f"/jobs/{job_id}/hold")).json()["message"].startswith("Held")
    assert (await served.client.get(f"/jobs/{job_id}")).json()["is_held"] is True
    assert (await served.client.post(f"/jobs/{job_id}/release")).status_code == 200
    assert (await served.client.get(f"/jobs/{job_id}")).json()["is_held"] is False


async def test_job_gets_another_priority(served):
    await paused(served)
    await served.job()
    second = await served.job(picture_graph(2))
    assert (await served.client.post(f"/jobs/{second}/priority", json={"priority": 5})).status_code == 200
    told = (await served.client.get(f"/jobs/{second}")).json()
    assert (told["priority"], told["position"]) == (5, 1)
    assert (await served.client.post(f"/jobs/{second}/priority", json={"priority": 500})).status_code == 422


async def test_job_is_forgotten_with_its_files(served):
    result = await served.done()
    (artifact,) = await served.service.queue.store.artifacts(result["id"])
    assert (await served.client.delete(f"/jobs/{result['id']}")).status_code == 204
    assert not await served.service.artifacts.exists(artifact.key)
    assert (await served.client.get(f"/jobs/{result['id']}")).status_code == 404
    assert (await served.client.get(f"/result/{result['id']}")).status_code == 404


async def test_job_that_runs_is_not_forgotten(serve):
    served = await serve(engine=SLOW)
    job_id = await running(served)
    answer = await served.client.delete(f"/jobs/{job_id}")
    assert answer.status_code == 409
    assert "completed" in answer.json()["error"]["hint"]
    assert (await served.client.post(f"/jobs/{job_id}/cancel")).status_code == 200


# --- streams


async def test_stream_has_every_state_and_ends_with_the_result(served):
    job_id = await served.job()
    answer = await served.client.get(f"/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_in(answer.text)
    states = [one["data"]["state"] for one in events if one["event"] == "state"]
    assert (states[0], states[-1]) == ("queued", "completed")
    assert events[-1]["event"] == "end"
    assert events[-1]["data"]["output"][0]["url"]
    numbers = [int(one["id"]) for one in events]
    assert numbers == sorted(numbers)


async def test_who_comes_back_gets_what_they_missed_and_the_end_again(served):
    job_id = (await served.done())["id"]
    whole = events_in((await served.client.get(f"/jobs/{job_id}/events")).text)
    seen = whole[1]["id"]
    rest = events_in((await served.client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": seen})).text)
    assert [one["id"] for one in rest] == [one["id"] for one in whole[2:]]
    later = await served.client.get(f"/jobs/{job_id}/events", params={"after": whole[-1]["id"]})
    assert [one["event"] for one in events_in(later.text)] == ["end"]
    beyond = await served.client.get(f"/jobs/{job_id}/events", params={"after": 10**9})
    assert [one["event"] for one in events_in(beyond.text)] == ["end"]


async def test_stream_tells_of_a_cancellation(serve):
    served = await serve(engine=SLOW)
    job_id = await running(served)
    watching = asyncio.ensure_future(served.client.get(f"/jobs/{job_id}/events"))
    await served.service.queue.store.cancel(Selection([job_id]), now=1.0)
    events = events_in((await watching).text)
    assert (events[-1]["event"], events[-1]["data"]["state"]) == ("end", "cancelled")
    assert any(one["event"] == "progress" for one in events)


async def test_many_streams_of_a_job_say_the_same(served):
    job_id = await served.job()
    texts = await asyncio.gather(*(served.client.get(f"/jobs/{job_id}/events") for _ in range(8)))
    ends = [[one for one in events_in(text.text) if one["event"] != "progress"] for text in texts]
    assert all([one["event"] for one in some] == [one["event"] for one in ends[0]] for some in ends)


async def test_preview_is_sent_as_it_is(serve):
    served = await serve(engine=SLOW)
    job_id = await running(served)
    served.service.queue.previews.put(job_id, b"frame", "image/jpeg")
    frame = await served.client.get(f"/jobs/{job_id}/preview")
    assert frame.status_code == 200
    assert frame.headers["content-type"].startswith("image/")
    assert frame.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("previews", ["none", "reference", "data"])
async def test_stream_with_previews_of_any_kind_ends(served, previews):
    job_id = (await served.done())["id"]
    answer = await served.client.get(f"/jobs/{job_id}/events", params={"previews": previews})
    assert events_in(answer.text)[-1]["event"] == "end"


async def test_job_without_a_preview_has_none(served):
    job_id = (await served.done())["id"]
    answer = await served.client.get(f"/jobs/{job_id}/preview")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "preview_not_found")
