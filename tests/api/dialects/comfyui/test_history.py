"""The history as a ComfyUI's clients see it: what engines said of outputs and runs, with places that are found here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from comfy_gen.jobs.tables import jobs
from tests.api.dialects.comfyui.pictures import view
from tests.api.dialects.comfyui.prompting import ended, endless, node, paused, picture, queued, ran, sampling

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


def names(entry: dict[str, Any]) -> list[str]:
    return [name for name, _ in entry["status"]["messages"]]


async def test_entry_says_all_of_a_prompt(desk: Served, ada: httpx.AsyncClient) -> None:
    graph = picture(batch=2)
    entry = await ran(desk, ada, graph, client_id="mine")
    (number, prompt_id, prompt, extra, outputs) = entry["prompt"]
    assert (type(number), prompt, outputs) == (int, graph, ["2"])
    assert (extra["client_id"], type(extra["create_time"])) == ("mine", int)
    first, second = entry["outputs"]["2"]["images"]
    assert first == {"filename": "x_00001_.png", "subfolder": f"{prompt_id}/2", "type": "output"} | {
        "filename": first["filename"]
    }
    assert first["filename"] != second["filename"]
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    assert names(entry) == ["execution_start", "execution_cached", "execution_success"]
    times = [facts["timestamp"] for _, facts in entry["status"]["messages"]]
    assert times == sorted(times)
    assert {facts["prompt_id"] for _, facts in entry["status"]["messages"]} == {prompt_id}
    assert entry["meta"] == {"2": {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}}


async def test_pictures_of_the_history_are_there(desk: Served, ada: httpx.AsyncClient) -> None:
    entry = await ran(desk, ada)
    (ref,) = entry["outputs"]["2"]["images"]
    assert (await view(ada, **ref)).status_code == 200


async def test_what_preview_nodes_show_is_there_beside_what_is_saved(desk: Served, ada: httpx.AsyncClient) -> None:
    entry = await ran(desk, ada, {**picture(), "3": node("PreviewImage", images=["1", 0])})
    (shown,) = entry["outputs"]["3"]["images"]
    assert shown["type"] == "temp"
    for ref in (shown, *entry["outputs"]["2"]["images"]):
        answer = await view(ada, **ref)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


async def test_cached_nodes_are_told(desk: Served, ada: httpx.AsyncClient) -> None:
    graph = picture()
    await ran(desk, ada, graph)
    entry = await ran(desk, ada, graph)
    assert dict(entry["status"]["messages"])["execution_cached"]["nodes"] == ["1", "2"]
    assert len(entry["outputs"]["2"]["images"]) == 1


async def test_interrupted_prompt_says_where_it_stopped(desk: Served, ada: httpx.AsyncClient) -> None:
    prompt_id = await queued(ada, endless())
    await sampling(desk, prompt_id)
    assert (await ada.get(f"history/{prompt_id}")).json() == {}
    await ada.post("interrupt", json={"prompt_id": prompt_id})
    await ended(desk, prompt_id)
    entry = (await ada.get(f"history/{prompt_id}")).json()[prompt_id]
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert names(entry)[-1] == "execution_interrupted"
    facts = entry["status"]["messages"][-1][1]
    assert facts.keys() == {"prompt_id", "node_id", "node_type", "executed", "timestamp"}
    assert (facts["node_id"], facts["node_type"], facts["prompt_id"]) == ("3", "KSampler", prompt_id)
    assert sorted(facts["executed"]) == ["4", "5", "6"]
    assert entry["outputs"] == {}


async def test_failed_prompt_says_what_its_node_raised(desk: Served, ada: httpx.AsyncClient) -> None:
    graph = picture()
    graph["2"]["inputs"]["filename_prefix"] = "../../outside"
    entry = await ran(desk, ada, graph)
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert names(entry) == ["execution_start", "execution_cached", "execution_error"]
    error = entry["status"]["messages"][-1][1]
    assert (error["node_id"], error["node_type"], error["executed"]) == ("2", "SaveImage", ["1"])
    assert {"exception_type", "exception_message", "traceback", "current_inputs", "current_outputs"} <= error.keys()


async def test_history_comes_in_pages_oldest_first(desk: Served, ada: httpx.AsyncClient) -> None:
    ids = [(await ran(desk, ada))["prompt"][1] for _ in range(3)]

    async def page(query: str) -> list[str]:
        return list((await ada.get(f"api/history{query}")).json())

    assert await page("") == ids
    assert await page("?max_items=2") == ids[1:]
    assert await page("?max_items=1&offset=0") == ids[:1]
    assert await page("?max_items=2&offset=1") == ids[1:]
    assert await page("?offset=1") == ids[1:]
    assert await page("?max_items=0") == []
    assert await page("?max_items=-5") == []
    assert await page("?offset=1000000") == []
    assert await page("?max_items=2&offset=-1") == ids[1:]
    assert (await ada.get("history?max_items=abc")).status_code == 400


async def test_history_is_forgotten_and_the_jobs_are_kept(desk: Served, ada: httpx.AsyncClient) -> None:
    """Our choice: a ComfyUI's files outlive its history, and so do ours."""
    first, second = [await ran(desk, ada) for _ in range(2)]
    answer = await ada.post("history", json={"delete": [first["prompt"][1], "unknown"]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert list((await ada.get("history")).json()) == [second["prompt"][1]]
    assert (await ada.get(f"history/{first['prompt'][1]}")).json() == {}
    await ada.post("history", json={"clear": True})
    assert (await ada.get("history")).json() == {}
    (ref,) = first["outputs"]["2"]["images"]
    assert (await view(ada, **ref)).status_code == 200
    assert (await desk.service.queue.store.get(first["prompt"][1])).state == "completed"


async def test_history_of_others_can_be_neither_seen_nor_forgotten(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    mine = (await ran(desk, ada))["prompt"][1]
    assert (await bob.get("history")).json() == {}
    assert (await bob.get(f"history/{mine}")).json() == {}
    await bob.post("history", json={"delete": [mine]})
    await bob.post("history", json={"clear": True})
    assert list((await ada.get("history")).json()) == [mine]


async def test_what_goes_on_cannot_be_forgotten(desk: Served, ada: httpx.AsyncClient) -> None:
    async with paused(desk):
        mine = await queued(ada)
        await ada.post("history", json={"delete": [mine]})
    await ended(desk, mine)
    assert list((await ada.get("history")).json()) == [mine]


async def test_job_of_which_nothing_was_kept_is_told_by_its_files(desk: Served, ada: httpx.AsyncClient) -> None:
    """As they were before the service kept what engines said."""
    mine = (await ran(desk, ada))["prompt"][1]
    await desk.service.queue.store.transactions.write(
        lambda change: change.connection.execute(update(jobs).where(jobs.c.job_id == mine).values(history=None))
    )
    entry = (await ada.get(f"history/{mine}")).json()[mine]
    assert names(entry) == ["execution_start", "execution_success"]
    (ref,) = entry["outputs"]["2"]["images"]
    assert (await view(ada, **ref)).status_code == 200


async def test_job_of_another_face_is_in_the_history(desk: Served, ada: httpx.AsyncClient) -> None:
    ada.base_url = "http://127.0.0.1:8000"
    answer = await ada.post("/generate/sync", json={"input": {"workflow_json": picture()}})
    entry = (await ada.get("/comfyui/history")).json()[answer.json()["id"]]
    assert (entry["prompt"][4], list(entry["outputs"])) == (["2"], ["2"])
