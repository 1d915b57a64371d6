"""``/api/jobs`` as newer ComfyUIs have it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.dialects.comfyui.prompting import (
    assigned,
    ended,
    endless,
    node,
    paused,
    pending,
    picture,
    queued,
    ran,
    running,
    sampling,
)

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def listed(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("api/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_list_has_what_waits_and_what_ran_newest_first(desk: Served, ada: httpx.AsyncClient) -> None:
    workflow = {"extra_pnginfo": {"workflow": {"id": "flow"}}}
    done = (await ran(desk, ada, {**picture(), "3": node("PreviewImage", images=["1", 0])}, extra_data=workflow))[
        "prompt"
    ]
    async with paused(desk):
        waiting = await queued(ada)
        told = await listed(ada)
    first, second = told["jobs"]
    assert told["pagination"] == {"offset": 0, "limit": None, "total": 2, "has_more": False}
    assert (first["id"], first["status"], first["outputs_count"]) == (waiting, "pending", 0)
    assert "preview_output" not in first
    assert (second["id"], second["status"], second["priority"]) == (done[1], "completed", done[0])
    assert (second["outputs_count"], second["previewable_outputs_count"]) == (2, 2)
    assert second["create_time"] <= second["execution_start_time"] <= second["execution_end_time"]
    preview = second["preview_output"]
    assert (preview["nodeId"], preview["mediaType"], preview["type"]) == ("2", "images", "output")
    assert second["workflow_id"] == "flow"


async def test_list_is_filtered_sorted_and_comes_in_pages(desk: Served, ada: httpx.AsyncClient) -> None:
    flow = {"extra_pnginfo": {"workflow": {"id": "one"}}}
    ids = [(await ran(desk, ada, extra_data=flow if number else None))["prompt"][1] for number in range(3)]

    async def page(**query: Any) -> list[str]:
        return [job["id"] for job in (await listed(ada, **query))["jobs"]]

    assert await page() == ids[::-1]
    assert await page(sort_order="ASC") == ids
    assert await page(sort_by="execution_duration") != []
    assert await page(status="completed,failed", limit=1) == ids[2:]
    assert await page(status="failed") == []
    assert await page(status=" in_progress , pending") == []
    assert await page(workflow_id="one") == [ids[2], ids[1]]
    assert await page(workflow_id="two") == []
    told = await listed(ada, limit=2, offset=1)
    assert [job["id"] for job in told["jobs"]] == [ids[1], ids[0]]
    assert told["pagination"] == {"offset": 1, "limit": 2, "total": 3, "has_more": False}
    assert (await listed(ada, limit=1))["pagination"]["has_more"] is True


async def test_list_agrees_with_the_queue_on_what_waits_on_an_engine(desk: Served, ada: httpx.AsyncClient) -> None:
    first = await queued(ada, endless())
    await sampling(desk, first)
    second = await queued(ada, endless())
    await assigned(desk, second)
    assert (await running(ada), await pending(ada)) == ([first], [second])
    told = {word: (await listed(ada, status=word)) for word in ("in_progress", "pending", "pending,in_progress")}
    statuses = {word: {job["id"]: job["status"] for job in one["jobs"]} for word, one in told.items()}
    assert statuses["in_progress"] == {first: "in_progress"}
    assert statuses["pending"] == {second: "pending"}
    assert statuses["pending,in_progress"] == {first: "in_progress", second: "pending"}
    assert [one["pagination"]["total"] for one in told.values()] == [1, 1, 2]
    assert (await ada.get(f"api/jobs/{second}")).json()["status"] == "pending"
    await ada.post("queue", json={"clear": True})
    await ada.post("interrupt")
    await ended(desk, second)
    assert (await ended(desk, first)).state == "cancelled"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            {"status": "done"},
            "Invalid status value(s): done. Valid values: pending, in_progress, completed, failed, cancelled",
        ),
        ({"sort_by": "name"}, "sort_by must be 'created_at' or 'execution_duration'"),
        ({"sort_order": "up"}, "sort_order must be 'asc' or 'desc'"),
        ({"limit": "0"}, "limit must be a positive integer"),
        ({"limit": "x"}, "limit must be an integer"),
        ({"offset": "x"}, "offset must be an integer"),
    ],
)
async def test_query_that_cannot_be_is_refused(ada: httpx.AsyncClient, query: dict[str, str], error: str) -> None:
    answer = await ada.get("api/jobs", params=query)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_job_tells_its_graph_and_its_outputs(desk: Served, ada: httpx.AsyncClient) -> None:
    graph = picture()
    entry = await ran(desk, ada, graph)
    job = (await ada.get(f"api/jobs/{entry['prompt'][1]}")).json()
    assert job["outputs"] == entry["outputs"]
    assert job["execution_status"] == entry["status"]
    assert job["workflow"] == {"prompt": graph, "extra_data": entry["prompt"][3]}


async def test_job_that_waits_tells_its_graph(desk: Served, ada: httpx.AsyncClient) -> None:
    async with paused(desk):
        job = (await ada.get(f"api/jobs/{await queued(ada)}")).json()
    assert job["status"] == "pending"
    assert job["workflow"]["prompt"]
    assert "outputs" not in job


async def test_job_of_somebody_else_is_not_there(desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    mine = (await ran(desk, ada))["prompt"][1]
    for job_id in (mine, "unknown", str(uuid.uuid4())):
        answer = await bob.get(f"api/jobs/{job_id}")
        assert (answer.status_code, answer.json()) == (404, {"error": "Job not found"})
    assert (await listed(bob))["jobs"] == []


async def test_cancelling_says_whether_anything_was(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    running = await queued(ada, endless())
    await sampling(desk, running)
    async with paused(desk):
        waiting = await queued(ada)
        assert (await bob.post(f"api/jobs/{waiting}/cancel")).json() == {"cancelled": False}
        assert (await ada.post(f"api/jobs/{waiting}/cancel")).json() == {"cancelled": True}
        assert (await ada.post(f"api/jobs/{waiting}/cancel")).json() == {"cancelled": False}
    assert (await ada.post("api/jobs/cancel", json={"job_ids": [running, waiting]})).json() == {"cancelled": True}
    assert (await ended(desk, running)).state == "cancelled"
    assert (await ada.post("api/jobs/cancel", json={"job_ids": []})).json() == {"cancelled": False}
    assert [job["status"] for job in (await listed(ada))["jobs"]] == ["cancelled"]


async def test_cancelling_what_are_no_ids_is_refused(ada: httpx.AsyncClient) -> None:
    for body, error in (({"job_ids": "x"}, "job_ids must be a list"), ([1], "Request body must be valid JSON")):
        answer = await ada.post("api/jobs/cancel", json=body)
        assert (answer.status_code, answer.json()) == (400, {"error": error})
    answer = await ada.post("api/jobs/cancel", json={"job_ids": [str(uuid.uuid4()), "x", 7, {"a": 1}]})
    assert answer.json() == {"error": "job_ids contains invalid id(s)", "invalid_ids": ["x", "7", "{'a': 1}"]}


async def test_jobs_are_there_below_api_alone(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("jobs")).status_code == 404
