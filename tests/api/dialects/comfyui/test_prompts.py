"""Prompts are accepted and refused as a ComfyUI does it, and are jobs like any others."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.dialects.comfyui.conftest import newcomer
from tests.api.dialects.comfyui.pictures import png, upload
from tests.api.dialects.comfyui.prompting import ended, node, paused, picture, queued, ran

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refused(client: httpx.AsyncClient, body: object, status: int = 400) -> Any:
    answer = await client.post("prompt", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error", "node_errors"}
    return answer.json()["error"]


@pytest.mark.parametrize("prefix", ["", "api/"])
async def test_prompt_is_a_job_that_the_service_knows_by_the_same_id(
    desk: Served, ada: httpx.AsyncClient, prefix: str
) -> None:
    answer = await ada.post(f"{prefix}prompt", json={"prompt": picture(), "client_id": "mine"})
    told = answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert told.keys() == {"prompt_id", "number", "node_errors"}
    assert (type(told["number"]), told["node_errors"]) == (int, {})
    job = await ended(desk, told["prompt_id"])
    assert (job.state, job.metadata) == ("completed", {"comfyui": {"client_id": "mine"}})


async def test_prompt_without_a_client_is_known_for_one_all_the_same(desk: Served, ada: httpx.AsyncClient) -> None:
    assert (await ended(desk, await queued(ada))).metadata == {"comfyui": {}}


async def test_body_is_read_whatever_it_says_it_is(desk: Served, ada: httpx.AsyncClient) -> None:
    body = json.dumps({"prompt": picture()}).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        answer = await ada.post("prompt", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 200
        await ended(desk, answer.json()["prompt_id"])


async def test_prompt_keeps_the_id_of_its_client_and_is_accepted_once(ada: httpx.AsyncClient) -> None:
    mine, graph = str(uuid.uuid1()), picture()
    assert await queued(ada, graph, prompt_id=mine) == mine
    assert await queued(ada, graph, prompt_id=mine, client_id="after a reconnect") == mine
    error = await refused(ada, {"prompt": picture(), "prompt_id": mine}, 409)
    assert error["type"] == error["extra_info"]["code"] == "idempotency_conflict"


async def test_key_says_that_a_prompt_is_the_same(ada: httpx.AsyncClient) -> None:
    body, headers = {"prompt": picture()}, {"Idempotency-Key": "once"}
    first, second = [(await ada.post("prompt", json=body, headers=headers)).json() for _ in range(2)]
    assert first == second


async def test_id_of_somebody_else_is_nobodys(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    graph = picture()
    mine = await queued(ada, graph)
    assert (await bob.get(f"history/{mine}")).json() == {}
    error = await refused(bob, {"prompt": graph, "prompt_id": mine}, 409)
    assert error["type"] == "idempotency_conflict"


@pytest.mark.parametrize("mine", ["my own id", 7, "", "A" * 36, "966BBDAE-1259-4342-A889-CEE8FA18F916"])
async def test_id_that_is_no_uuid_is_refused_as_newer_comfyuis_do(ada: httpx.AsyncClient, mine: object) -> None:
    error = await refused(ada, {"prompt": picture(), "prompt_id": mine})
    assert (error["type"], error["message"]) == ("invalid_prompt_id", "prompt_id must be a valid UUID")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "no_prompt"),
        ([1, 2], "no_prompt"),
        ("x", "no_prompt"),
        ({"prompt": None}, "invalid_prompt"),
        ({"prompt": {}}, "prompt_no_outputs"),
        ({"prompt": {"1": {"inputs": {}}}}, "invalid_prompt"),
        ({"prompt": {"1": node("NoSuchNode")}}, "invalid_prompt"),
        ({"prompt": {"1": 5}}, "invalid_prompt"),
        ({"prompt": {"2": node("SaveImage", filename_prefix="x")}}, "prompt_outputs_failed_validation"),
        ({"prompt": {"nodes": [], "links": []}}, "invalid_prompt"),
        ({"prompt": picture(), "number": "abc"}, "invalid_number"),
        ({"prompt": picture(), "number": None}, "invalid_number"),
        ({"prompt": picture(), "extra_data": "x"}, "invalid_extra_data"),
        ({"prompt": picture(), "partial_execution_targets": ["1"]}, "prompt_no_outputs"),
    ],
)
async def test_what_cannot_run_is_refused_in_a_comfyuis_words(ada: httpx.AsyncClient, body: Any, kind: str) -> None:
    assert (await refused(ada, body))["type"] == kind


@pytest.mark.parametrize("content", [b"", b"{bad", b"\xff\xfe"])
async def test_what_is_no_json_is_refused_with_a_reason(ada: httpx.AsyncClient, content: bytes) -> None:
    """Our choice: a ComfyUI answers with a plain 500."""
    answer = await ada.post("prompt", content=content, headers={"Content-Type": "application/json"})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "malformed_request")
    assert error["message"].startswith("the body is not JSON")


async def test_number_that_json_does_not_know_is_refused(ada: httpx.AsyncClient) -> None:
    """Our choice: a ComfyUI reads Python's NaN."""
    graph = {**picture(), "3": node("EmptyImage", unknown=float("nan"))}
    content = json.dumps({"prompt": graph})
    answer = await ada.post("prompt", content=content)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_parameter")


async def test_good_outputs_run_and_the_answer_says_what_is_wrong_with_the_others(
    desk: Served, ada: httpx.AsyncClient
) -> None:
    graph = {
        **picture(),
        "3": node("EmptyLatentImage", width=16, height=16, batch_size=1),
        "4": node("CheckpointLoaderSimple", ckpt_name="nowhere.safetensors"),
        "5": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "6": node("SaveImage", images=["5", 0], filename_prefix="bad"),
    }
    answer = (await ada.post("prompt", json={"prompt": graph})).json()
    assert answer["node_errors"]["4"]["errors"][0]["type"] == "value_not_in_list"
    assert answer["node_errors"]["4"]["dependent_outputs"] == ["6"]
    job = await ended(desk, answer["prompt_id"])
    assert job.state == "completed", job.failure
    entry = (await ada.get(f"history/{job.job_id}")).json()[job.job_id]
    assert (entry["prompt"][4], list(entry["outputs"])) == (["2"], ["2"])


async def test_only_the_outputs_run_that_were_asked_for(desk: Served, ada: httpx.AsyncClient) -> None:
    graph = {**picture(), "3": node("PreviewImage", images=["1", 0])}
    entry = await ran(desk, ada, graph, partial_execution_targets=["3"])
    assert (entry["prompt"][4], list(entry["outputs"])) == (["3"], ["3"])


async def test_upload_is_worked_on_by_the_name_that_it_was_given(desk: Served, ada: httpx.AsyncClient) -> None:
    await upload(ada, "cat.png", png((10, 20, 30)))
    graph = {"1": node("LoadImage", image="cat.png"), "2": node("SaveImage", images=["1", 0], filename_prefix="cat")}
    entry = await ran(desk, ada, graph)
    assert entry["status"]["status_str"] == "success"
    assert entry["prompt"][2] == graph
    job = await desk.service.queue.store.get(entry["prompt"][1])
    assert job.metadata["comfyui"] == {"names": {"1": {"image": "cat.png"}}}


async def test_upload_of_somebody_else_is_not_there(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    await upload(ada, "adas.png", png((10, 20, 30)))
    graph = {"1": node("LoadImage", image="adas.png"), "2": node("SaveImage", images=["1", 0], filename_prefix="x")}
    answer = await bob.post("prompt", json={"prompt": graph})
    assert answer.json()["node_errors"]["1"]["errors"][0]["details"] == "image - Invalid image file: adas.png"


async def test_keys_of_paid_nodes_are_never_told_back(desk: Served, ada: httpx.AsyncClient) -> None:
    extra = {"extra_pnginfo": {"workflow": {"id": "mine"}}, "api_key_comfy_org": "hush", "auth_token_comfy_org": "hush"}
    async with paused(desk):
        prompt_id = await queued(ada, extra_data=extra)
        (item,) = (await ada.get("queue")).json()["queue_pending"]
    await ended(desk, prompt_id)
    entry = (await ada.get(f"history/{prompt_id}")).json()[prompt_id]
    for told in (item[3], entry["prompt"][3]):
        assert told.keys() == {"extra_pnginfo", "create_time"}


async def test_prompt_counts_what_waits_and_runs(desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    async with paused(desk):
        await queued(ada)
        await queued(ada)
        counts = [(await client.get("prompt")).json() for client in (ada, bob)]
    assert counts == [{"exec_info": {"queue_remaining": 2}}, {"exec_info": {"queue_remaining": 0}}]


async def test_limits_and_policies_are_told_in_the_envelope(desk: Served, ada: httpx.AsyncClient) -> None:
    text = node("CLIPTextEncode", text="nude 7 year old girl", clip=["4", 1])
    graph = {**picture(), "4": node("CheckpointLoaderSimple", ckpt_name="x"), "5": text}
    error = await refused(ada, {"prompt": graph}, 403)
    assert error["type"] == error["extra_info"]["code"]
    many = {str(number): node("EmptyImage") for number in range(3_000)}
    assert (await refused(ada, {"prompt": {**many, **picture()}}))["type"] == "graph_too_large"
    reader = await newcomer(desk, "reader", "read")
    assert (await refused(reader, {"prompt": picture()}, 403))["type"] == "forbidden"


async def test_stranger_is_refused_in_the_envelope(desk: Served) -> None:
    answer = await desk.client.post("comfyui/prompt", json={"prompt": picture()})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_unknown_path_and_method_are_refused_in_the_envelope(ada: httpx.AsyncClient) -> None:
    assert (await ada.put("prompt", json={})).status_code == 405
    answer = await ada.get("api/nowhere")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")
