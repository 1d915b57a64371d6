from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from comfy_low.models import Job as TheirJob
from comfy_low.models import JobWorkflowResponse

from comfy_gen.api.dialects.comfy.jobs import MOST, _may_end
from comfy_gen.jobs.job import JobState
from tests.api.conftest import client_of, picture_graph
from tests.api.dialects.comfy.running import JOBS, ended, paused, sampled, sampler_of, started, submitted, told_of
from tests.api.dialects.comfy.sending import hash_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODYS = str(uuid.uuid4())


async def refusal(client, path: str = JOBS, **request: Any) -> tuple[int, str]:
    answer = await client.request("POST" if request else "GET", path, **request)
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "details"}
    return answer.status_code, told["code"]


async def refused(client, body: Any) -> tuple[int, str]:
    return await refusal(client, json=body)


# --- accepting


async def test_job_is_accepted_and_leads_to_what_it_made(desk, ada):
    told = await submitted(ada)
    assert TheirJob.model_validate(told).status.value in {"queued", "running"}
    await ended(desk, told["id"])
    told = (await ada.get(told["urls"]["self"])).json()
    assert TheirJob.model_validate(told).status.value == "succeeded"
    (output,) = told["outputs"]
    assert (output["node_id"], output["type"], output["job_id"]) == ("2", "image", told["id"])
    content = (await desk.client.get(output["url"])).content  # its address is permission enough
    assert (content[:4], len(content), hash_of(content)) == (b"\x89PNG", output["size_bytes"], output["hash"])


async def test_job_that_begins_while_it_is_looked_at_is_waited_for(desk, ada):
    """Else the SDK, which was told that it waits, looks again half a second after it ended."""
    told = await submitted(ada)
    await ended(desk, told["id"])
    done = await desk.service.queue.store.get(told["id"])
    assert await _may_end(replace(done, state=JobState.QUEUED), desk.service)


async def test_body_need_not_say_that_it_is_json(ada):
    content = b'{"workflow": {"1": {"class_type": "EmptyImage", "inputs": {}}}}'
    assert (await ada.post(JOBS, content=content)).json()["error"]["code"] == "invalid_workflow"


async def test_what_only_shows_pictures_makes_them_all_the_same(desk, ada):
    graph = picture_graph()
    graph["2"] = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    told = await submitted(ada, graph)
    await ended(desk, told["id"])
    assert [one["node_id"] for one in (await told_of(ada, told["id"]))["outputs"]] == ["2"]


async def test_workflow_that_engines_would_refuse_is_refused_with_what_is_wrong_at_each_node(ada):
    graph = sampled()
    sampler = sampler_of(graph)
    graph[sampler]["inputs"]["steps"] = 0
    del graph[sampler]["inputs"]["model"]
    answer = await ada.post(JOBS, json={"workflow": graph})
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (422, "invalid_workflow")
    node = told["details"]["node_errors"][sampler]
    assert node["class_type"] == "KSampler"
    assert {one["type"] for one in node["errors"]} == {"value_smaller_than_min", "required_input_missing"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"workflow": {"nodes": [], "links": [], "last_node_id": 1}}, 422, "workflow_format_ui"),
        ({"workflow": {}}, 422, "invalid_workflow"),
        ({"workflow": {"1": "x"}}, 422, "invalid_workflow"),
        ({"workflow": {"1": {"class_type": "NoSuchNode", "inputs": {}}}}, 422, "invalid_workflow"),
        ({"workflow": "x"}, 422, "invalid_workflow"),
        ({}, 422, "invalid_workflow"),
        ([], 400, "invalid_request"),
        ({"workflow": picture_graph(), "metadata": {"a": 1}}, 422, "metadata_invalid"),
        ({"workflow": picture_graph(), "priority": "high"}, 422, "invalid_request"),
        ({"workflow": picture_graph(), "extra_data": {"client_id": "x"}}, 400, "invalid_request"),
        ({"workflow": picture_graph(), "webhook_url": "http://x"}, 422, "invalid_workflow"),
    ],
)
async def test_what_cannot_be_accepted_is_refused(ada, body, status, code):
    assert await refused(ada, body) == (status, code)


async def test_body_that_is_no_json_is_refused(ada):
    for content in (b"", b"{", b"\xff"):
        assert await refusal(ada, content=content) == (400, "invalid_request")


async def test_asset_that_is_not_there_is_named(ada):
    graph = picture_graph()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": {"__type": "core/ASSET", "info": {"id": NOBODYS}}}}
    answer = await ada.post(JOBS, json={"workflow": graph})
    told = answer.json()["error"]
    assert (answer.status_code, told["code"], told["details"]["missing_ids"]) == (422, "missing_asset", [NOBODYS])


async def test_key_for_paid_nodes_is_given_to_the_engine_and_shown_to_nobody(desk, ada):
    async with paused(desk):
        job_id = (await submitted(ada, extra_data={"api_key_comfy_org": "comfyui-hunter2"}))["id"]
        request = await desk.service.queue.store.request(job_id)
        assert desk.service.sealed_extra.opened(request.extra_data) == {"api_key_comfy_org": "comfyui-hunter2"}
        shown = [f"{JOBS}/{job_id}", f"{JOBS}/{job_id}/workflow", JOBS, f"/jobs/{job_id}", f"/jobs/{job_id}/request"]
        assert not any("hunter2" in text for text in [(await ada.get(path)).text for path in shown])
    await ended(desk, job_id)


async def test_priority_is_obeyed(desk, ada):
    async with paused(desk):
        ordinary = await submitted(ada)
        urgent = await submitted(ada, priority=1_000_000)
        told = [await told_of(ada, one["id"]) for one in (ordinary, urgent)]
        assert [one["queue_position"] for one in told] == [2, 1]
        assert (urgent["priority"], "priority" in ordinary) == (100, False)


# --- the same again


async def test_same_key_is_answered_with_the_same_job(ada):
    headers = {"Idempotency-Key": "a key"}
    body = {"workflow": picture_graph(), "metadata": {"a": "b"}}
    first = await ada.post(JOBS, json=body, headers=headers)
    again = await ada.post(JOBS, json={**body, "extra_data": {"api_key_comfy_org": "renewed"}}, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    assert (first.status_code, again.status_code) == (201, 201)
    assert [one.headers.get("Idempotent-Replayed") for one in (first, again)] == [None, "true"]


async def test_same_key_for_something_else_is_refused(ada):
    headers = {"Idempotency-Key": "k"}
    await ada.post(JOBS, json={"workflow": picture_graph()}, headers=headers)
    other = {"workflow": picture_graph(2)}
    assert await refusal(ada, json=other, headers=headers) == (422, "idempotency_key_reuse")


async def test_same_key_of_somebody_else_is_another_job(ada, bob):
    body = {"workflow": picture_graph()}
    answers = [await one.post(JOBS, json=body, headers={"Idempotency-Key": "k"}) for one in (ada, bob)]
    assert len({one.json()["id"] for one in answers}) == 2


async def test_key_of_a_request_that_was_refused_may_be_used_again(ada):
    headers = {"Idempotency-Key": "k"}
    assert (await ada.post(JOBS, json={"workflow": {}}, headers=headers)).status_code == 422
    assert (await ada.post(JOBS, json={"workflow": picture_graph()}, headers=headers)).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_key_that_can_be_none_is_refused(ada, key):
    body = {"workflow": picture_graph()}
    assert await refusal(ada, json=body, headers={"Idempotency-Key": key}) == (400, "invalid_request")


# --- listing


async def test_list_has_the_newest_first_page_by_page(desk, ada):
    ids = [(await submitted(ada))["id"] for _ in range(3)]
    first = (await ada.get(JOBS, params={"limit": 2})).json()
    second = (await ada.get(JOBS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in [*first["jobs"], *second["jobs"]]] == ids[::-1]
    assert "next_cursor" not in second
    assert all({"create_time", "update_time", "outputs", "urls"} <= one.keys() for one in first["jobs"])
    for job_id in ids:
        await ended(desk, job_id)


async def test_list_has_the_jobs_with_all_labels(ada):
    both = (await submitted(ada, metadata={"client": "acme", "run": "7"}))["id"]
    await submitted(ada, metadata={"client": "acme"})
    await submitted(ada, metadata="client")
    query = "metadata%5Bclient%5D=acme&metadata[run]=7"
    (found,) = (await ada.get(f"{JOBS}?{query}")).json()["jobs"]
    assert (found["id"], found["metadata"]) == (both, {"client": "acme", "run": "7"})


async def test_list_has_the_jobs_with_a_status(desk, ada):
    done = (await submitted(ada))["id"]
    await ended(desk, done)
    async with paused(desk):
        waiting = (await submitted(ada))["id"]

        async def listed(status: str) -> list[str]:
            return [one["id"] for one in (await ada.get(JOBS, params={"status": status})).json()["jobs"]]

        assert await listed("succeeded") == [done]
        assert await listed("queued,running") == [waiting]
        assert await listed("queued, succeeded") == [waiting, done]
        assert await listed("expired") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_request"),
        (f"limit={MOST + 1}", "invalid_request"),
        ("limit=x", "invalid_request"),
        ("status=completed", "invalid_request"),
        ("cursor=x", "invalid_cursor"),
        ("metadata=x", "invalid_metadata_filter"),
    ],
)
async def test_query_that_cannot_be_is_refused(ada, query, code):
    assert await refusal(ada, f"{JOBS}?{query}") == (400, code)


# --- looking, cancelling


async def test_workflow_is_the_one_that_runs(ada):
    job_id = (await submitted(ada))["id"]
    told = (await ada.get(f"{JOBS}/{job_id}/workflow")).json()
    assert JobWorkflowResponse.model_validate(told).workflow == picture_graph()


async def test_job_that_runs_says_how_far_it_is_and_is_cancelled(desk, ada):
    job_id = await started(desk, ada)
    progress = (await told_of(ada, job_id))["progress"]
    assert (progress["current_node_class"], progress["steps"]) == ("KSampler", 500)
    assert 0 < progress["nodes_done"] < progress["nodes_total"]
    assert 0 < progress["value"] < 1
    answer = await ada.post(f"{JOBS}/{job_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "canceling")
    assert (await ended(desk, job_id)).state == "cancelled"
    assert (await told_of(ada, job_id))["status"] == "canceled"


async def test_who_looks_at_a_new_job_is_answered_as_soon_as_it_ends(ada):
    job_id = (await submitted(ada))["id"]
    assert (await told_of(ada, job_id))["status"] == "succeeded"


async def test_job_that_waits_is_cancelled_at_once_and_again_without_effect(desk, ada):
    async with paused(desk):
        job_id = (await submitted(ada))["id"]
        answers = [await ada.post(f"{JOBS}/{job_id}/cancel") for _ in range(2)]
    assert [(one.status_code, one.json()["status"]) for one in answers] == [(200, "canceled")] * 2


async def test_job_that_has_ended_stays_as_it_is(desk, ada):
    job_id = (await submitted(ada))["id"]
    await ended(desk, job_id)
    answer = await ada.post(f"{JOBS}/{job_id}/cancel", content=b"whatever")
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


async def test_job_that_failed_says_at_which_node(desk, ada):
    graph = picture_graph()
    graph["2"]["inputs"]["filename_prefix"] = "../../outside"
    job_id = (await submitted(ada, graph))["id"]
    await ended(desk, job_id)
    told = TheirJob.model_validate(await told_of(ada, job_id))
    assert told.status.value == "failed"
    assert told.error is not None
    assert (told.error.code, told.error.class_type) == ("node_execution_error", "SaveImage")
    assert told.error.node_id == "2"


# --- who may


async def test_nobody_learns_of_somebody_elses_job(desk, ada, bob):
    job_id = (await submitted(ada))["id"]
    await ended(desk, job_id)
    for path in (f"{JOBS}/{job_id}", f"{JOBS}/{job_id}/workflow", f"{JOBS}/{job_id}/events"):
        assert await refusal(bob, path) == await refusal(bob, path.replace(job_id, NOBODYS)) == (404, "not_found")
    assert await refusal(bob, f"{JOBS}/{job_id}/cancel", content=b"") == (404, "not_found")
    assert (await bob.get(JOBS)).json()["jobs"] == []
    assert await refusal(ada, f"{JOBS}/no-uuid") == (404, "not_found")


async def test_administrator_sees_everybodys(desk, ada):
    job_id = (await submitted(ada))["id"]
    admin = await desk.caller("root", "admin")
    assert (await told_of(admin, job_id))["id"] == job_id


async def test_who_may_only_look_changes_nothing(desk, ada):
    job_id = (await submitted(ada))["id"]
    await ended(desk, job_id)
    owner = (await desk.service.queue.store.get(job_id)).owner
    _, key = await desk.service.keys.create("looks", owner, frozenset({"read"}), now=1.0)
    reader = client_of(desk.app, {"X-API-Key": key})
    assert (await told_of(reader, job_id))["status"] == "succeeded"
    assert await refused(reader, {"workflow": picture_graph()}) == (403, "forbidden")
    assert await refusal(reader, f"{JOBS}/{job_id}/cancel", content=b"") == (403, "forbidden")


async def test_who_has_no_key_is_told_so_in_the_dialects_words(desk, ada):
    await submitted(ada)
    assert await refusal(desk.client) == (401, "unauthorized")
    assert await refused(desk.client, {"workflow": picture_graph()}) == (401, "unauthorized")
