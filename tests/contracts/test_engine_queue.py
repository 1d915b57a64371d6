"""Order, cancelling, history and cache of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.graphs import endless, inverted, picture
from tests.contracts.reenactment import comparable, kinds

if TYPE_CHECKING:
    from tests.contracts.peer import Line, Peer


async def occupy(engine: Peer, line: Line) -> str:
    """Have the engine sample until it is interrupted, and return the prompt's id."""
    prompt_id = await engine.submit(endless(), line)
    await line.until_type("progress")
    return prompt_id


async def pending(engine: Peer) -> list[str]:
    """Return the ids that wait, in the order in which they will run."""
    queue = (await engine.get("/queue")).json()
    return [item[1] for item in sorted(queue["queue_pending"], key=lambda item: (item[0], item[1]))]


async def test_queue_shows_what_runs_and_what_waits(engine: Peer) -> None:
    async with engine.listen() as line:
        running = await occupy(engine, line)
        graph = picture()
        waiting = await engine.submit(graph, line, extra_data={"extra_pnginfo": {"workflow": {"id": "mine"}}})
        queue = (await engine.get("/queue")).json()
        length = (await engine.get("/prompt")).json()
        await engine.post("/queue", {"clear": True})
        await engine.post("/interrupt")
        await line.until_done(running)
    ((_, running_id, *_),) = queue["queue_running"]
    ((number, waiting_id, prompt, extra_data, outputs),) = queue["queue_pending"]
    assert (running_id, waiting_id) == (running, waiting)
    assert isinstance(number, int)
    assert prompt == graph
    assert extra_data["extra_pnginfo"] == {"workflow": {"id": "mine"}}
    assert extra_data["client_id"] == line.client_id
    assert isinstance(extra_data["create_time"], int)
    assert outputs == ["2"]
    assert length == {"exec_info": {"queue_remaining": 2}}


async def test_prompts_run_by_number_and_front_goes_first(engine: Peer) -> None:
    async with engine.listen() as line:
        running = await occupy(engine, line)
        first = await engine.submit(picture(), line)
        second = await engine.submit(picture(), line)
        front = await engine.submit(picture(), line, front=True)
        numbered = await engine.submit(picture(), line, number=-1000000.5)
        assert await pending(engine) == [numbered, front, first, second]
        await engine.post("/interrupt", {"prompt_id": running})
        messages = await line.until_done(second)
    started = [message["data"]["prompt_id"] for message in messages if message.get("type") == "execution_start"]
    assert started == [numbered, front, first, second]


async def test_deleted_prompt_leaves_no_trace(engine: Peer) -> None:
    async with engine.listen() as line:
        running = await occupy(engine, line)
        doomed, kept = await engine.submit(picture(), line), await engine.submit(picture(), line)
        answer = await engine.post("/queue", {"delete": [doomed, running, "unknown"]})
        assert (answer.status, answer.body) == (200, b"")
        assert await pending(engine) == [kept]
        await engine.post("/interrupt", {"prompt_id": running})
        messages = await line.until_done(kept)
    assert doomed not in {message.get("data", {}).get("prompt_id") for message in messages}
    assert (await engine.get(f"/history/{doomed}")).json() == {}


async def test_clearing_the_queue_leaves_the_running_prompt_alone(engine: Peer) -> None:
    async with engine.listen() as line:
        running = await occupy(engine, line)
        await engine.submit(picture(), line)
        await engine.post("/queue", {"clear": True})
        queue = (await engine.get("/queue")).json()
        await engine.post("/interrupt", {"prompt_id": running})
        await line.until_done(running)
    assert [item[1] for item in queue["queue_running"]] == [running]
    assert queue["queue_pending"] == []


@pytest.mark.parametrize("targeted", [True, False])
async def test_interrupted_prompt_ends_with_an_error_status(engine: Peer, targeted: bool) -> None:
    async with engine.listen() as line:
        running = await occupy(engine, line)
        answer = await engine.post("/interrupt", {"prompt_id": running} if targeted else None)
        assert (answer.status, answer.body) == (200, b"")
        messages = await line.until_done(running)
    *_, interrupted, status, _ = messages
    assert kinds([interrupted, status]) == ["execution_interrupted", "status"]
    assert interrupted["data"].keys() == {"prompt_id", "node_id", "node_type", "executed", "timestamp"}
    assert (interrupted["data"]["node_id"], interrupted["data"]["node_type"]) == ("3", "KSampler")
    assert sorted(interrupted["data"]["executed"]) == ["4", "5", "6", "7"]
    entry = await engine.history(running)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"
    assert entry["outputs"] == {}


async def test_interrupt_of_a_waiting_or_unknown_prompt_does_nothing(engine: Peer) -> None:
    async with engine.listen() as line:
        running = await occupy(engine, line)
        waiting = await engine.submit(picture(), line)
        for prompt_id in (waiting, "unknown"):
            assert (await engine.post("/interrupt", {"prompt_id": prompt_id})).status == 200
        await line.until_type("progress")
        assert await pending(engine) == [waiting]
        await engine.post("/interrupt", {"prompt_id": running})
        await line.until_done(waiting)
    assert (await engine.history(waiting))["status"]["status_str"] == "success"


@pytest.mark.unlike_service("ids are UUIDs, as newer ComfyUIs want them, and mean one job")
async def test_prompt_id_of_the_client_is_used_and_not_checked(engine: Peer) -> None:
    for _ in range(2):
        assert await engine.submit(picture(), prompt_id="my own id") == "my own id"
    assert await engine.submit(picture(), prompt_id=7) == "7"


async def test_history_entry_says_all_of_a_prompt(engine: Peer) -> None:
    graph = picture(prefix="history")
    entry = await engine.run(graph)
    (_, prompt_id, prompt, extra_data, outputs) = entry["prompt"]
    assert (prompt, outputs) == (graph, ["2"])
    assert extra_data.keys() == {"client_id", "create_time"}
    ((filename, subfolder, folder),) = [tuple(image.values()) for image in entry["outputs"]["2"]["images"]]
    assert filename.startswith("history_0")
    assert (comparable(subfolder), folder) == ("", "output")
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    assert [event for event, _ in entry["status"]["messages"]] == [
        "execution_start",
        "execution_cached",
        "execution_success",
    ]
    assert {data["prompt_id"] for _, data in entry["status"]["messages"]} == {prompt_id}
    assert entry["meta"] == {"2": {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}}


async def test_history_is_told_in_pages_oldest_first(engine: Peer) -> None:
    ids = [(await engine.run(picture()))["prompt"][1] for _ in range(3)]

    async def page(query: str) -> list[str]:
        return list((await engine.get(f"/history{query}")).json())

    assert await page("") == ids
    assert await page("?max_items=2") == ids[1:]
    assert await page("?max_items=1&offset=0") == ids[:1]
    assert await page("?max_items=2&offset=1") == ids[1:]
    assert await page("?max_items=0") == []
    assert await page("?offset=1000000") == []
    assert await page("/unknown") == []


@pytest.mark.unlike_service("it is told what is wrong, with a 400")
async def test_page_that_is_no_number_is_a_500(engine: Peer) -> None:
    assert (await engine.get("/history?max_items=abc")).status == 500


async def test_history_forgets_what_it_is_told_to(engine: Peer) -> None:
    first, second = [(await engine.run(picture()))["prompt"][1] for _ in range(2)]
    answer = await engine.post("/history", {"delete": [first, "unknown"]})
    assert (answer.status, answer.body) == (200, b"")
    assert list((await engine.get("/history")).json()) == [second]
    await engine.post("/history", {"clear": True})
    assert (await engine.get("/history")).json() == {}


@pytest.mark.unlike_service("a damaged picture is refused before the prompt is accepted")
async def test_error_in_one_branch_fails_the_prompt(engine: Peer) -> None:
    await engine.upload("broken.png", b"this is no picture", overwrite="true")
    graph = picture() | {
        "3": {"class_type": "LoadImage", "inputs": {"image": "broken.png"}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "bad"}},
    }
    entry = await engine.run(graph)
    event, error = entry["status"]["messages"][-1]
    assert entry["status"]["status_str"] == "error"
    assert event == "execution_error"
    assert (error["node_id"], error["node_type"]) == ("3", "LoadImage")
    assert error["exception_type"] == "PIL.UnidentifiedImageError"
    assert error["traceback"]
    assert "4" not in entry["outputs"]


async def test_only_what_changed_runs_again(engine: Peer) -> None:
    await engine.run(inverted(colour=77, prefix="one"))
    async with engine.listen() as line:
        messages = await line.until_done(await engine.submit(inverted(colour=77, prefix="two"), line))
    cached = next(message for message in messages if message.get("type") == "execution_cached")
    assert sorted(cached["data"]["nodes"]) == ["1", "2"]
    assert [m["data"]["node"] for m in messages if m.get("type") == "executing"] == ["3", None]


async def test_free_empties_the_cache(engine: Peer) -> None:
    graph = inverted(prefix="freed")
    await engine.run(graph)
    answer = await engine.post("/free", {"unload_models": True, "free_memory": True})
    assert (answer.status, answer.body) == (200, b"")
    await engine.run(picture())  # it frees between prompts
    entry = await engine.run(graph)
    assert dict(entry["status"]["messages"])["execution_cached"]["nodes"] == []


@pytest.mark.unlike_service("it is told what is wrong, with a 400")
@pytest.mark.parametrize("path", ["/prompt", "/queue", "/free"])
async def test_empty_body_is_a_plain_text_500(engine: Peer, path: str) -> None:
    answer = await engine.post(path, data=b"", headers={"Content-Type": "application/json"})
    assert answer.status == 500
    assert answer.headers["content-type"].startswith("text/plain")
