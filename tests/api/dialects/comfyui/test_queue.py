"""The queue as a ComfyUI's clients see it: their own jobs, in the order in which these will run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.moving import Place, move
from tests.api.dialects.comfyui.conftest import newcomer
from tests.api.dialects.comfyui.prompting import (
    assigned,
    ended,
    endless,
    paused,
    pending,
    picture,
    queued,
    running,
    sampling,
)

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_queue_shows_what_waits_as_it_was_sent(desk: Served, ada: httpx.AsyncClient) -> None:
    graph = picture()
    async with paused(desk):
        answer = await ada.post("prompt", json={"prompt": graph, "client_id": "mine"})
        queue = (await ada.get("queue")).json()
    told = answer.json()
    ((number, prompt_id, prompt, extra, outputs),) = queue["queue_pending"]
    assert queue["queue_running"] == []
    assert (number, prompt_id, prompt, outputs) == (told["number"], told["prompt_id"], graph, ["2"])
    assert extra.keys() == {"client_id", "create_time"}
    assert (extra["client_id"], type(extra["create_time"])) == ("mine", int)


async def test_queue_shows_what_runs(desk: Served, ada: httpx.AsyncClient) -> None:
    prompt_id = await queued(ada, endless())
    await sampling(desk, prompt_id)
    queue = (await ada.get("queue")).json()
    await ada.post("interrupt")
    assert [item[1] for item in queue["queue_running"]] == [prompt_id]
    assert queue["queue_pending"] == []
    assert (await ended(desk, prompt_id)).state == "cancelled"


async def test_queue_shows_nobody_elses_jobs_but_to_an_administrator(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    admin = await newcomer(desk, "admin", "admin")
    async with paused(desk):
        mine = await queued(ada)
        assert await pending(bob) == []
        assert mine in await pending(admin)


async def test_numbers_decide_among_ones_own_prompts(desk: Served, ada: httpx.AsyncClient) -> None:
    async with paused(desk):
        first, second = await queued(ada), await queued(ada)
        front = await queued(ada, front=True)
        numbered = await queued(ada, number=-1_000_000.5)
        between = await queued(ada, number=(await ada.get("queue")).json()["queue_pending"][-1][0] - 0.5)
        order = [numbered, front, first, between, second]
        assert await pending(ada) == order
        waiting = await desk.service.queue.store.waiting_among(order)
        assert [one.job_id for one in waiting] == order


async def test_numbers_follow_the_line_where_jobs_were_moved_elsewhere(desk: Served, ada: httpx.AsyncClient) -> None:
    async with paused(desk):
        first, second = await queued(ada), await queued(ada)
        transactions = desk.service.queue.store.transactions
        await move(transactions, second, Place(is_after=False, job_id=first), owner=None, now=time.time())
        assert await pending(ada) == [second, first]


async def test_front_overtakes_ones_own_jobs_and_nobody_elses(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    async with paused(desk):
        bobs = await queued(bob)
        mine = [await queued(ada), await queued(ada, front=True)]
        line = [one.job_id for one in await desk.service.queue.store.waiting_among([bobs, *mine])]
    assert line.index(mine[1]) < line.index(mine[0])
    assert line[0] == bobs


@pytest.mark.parametrize("prefix", ["", "api/"])
async def test_deleted_prompt_leaves_no_trace(desk: Served, ada: httpx.AsyncClient, prefix: str) -> None:
    async with paused(desk):
        doomed, kept = await queued(ada), await queued(ada)
        answer = await ada.post(f"{prefix}queue", json={"delete": [doomed, "unknown", 7]})
        assert (answer.status_code, answer.content) == (200, b"")
        assert await pending(ada) == [kept]
    await ended(desk, kept)
    assert list((await ada.get("history")).json()) == [kept]
    assert (await ada.get(f"history/{doomed}")).json() == {}


async def test_clearing_takes_out_ones_own_jobs_alone(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    async with paused(desk):
        mine, bobs = await queued(ada), await queued(bob)
        await ada.post("queue", json={"delete": [bobs]})
        await ada.post("queue", json={"clear": True})
        assert (await pending(ada), await pending(bob)) == ([], [bobs])
    assert (await ended(desk, mine)).state == "cancelled"
    assert (await ended(desk, bobs)).state == "completed"


async def test_administrators_clear_leaves_other_peoples_jobs_alone(desk: Served, ada: httpx.AsyncClient) -> None:
    admin = await newcomer(desk, "admin", "admin")
    async with paused(desk):
        mine = await queued(ada)
        await admin.post("queue", json={"clear": True})
        assert await pending(ada) == [mine]
        await admin.post("queue", json={"delete": [mine]})
        assert await pending(ada) == []


@pytest.mark.parametrize("is_targeted", [True, False])
async def test_interrupted_prompt_ends_and_others_go_on(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient, is_targeted: bool
) -> None:
    mine, bobs = await queued(ada, endless()), await queued(bob, endless())
    await sampling(desk, mine)
    answer = await ada.post("interrupt", json={"prompt_id": mine} if is_targeted else {})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await ended(desk, mine)).state == "cancelled"
    assert (await desk.service.queue.store.state(bobs)).is_active
    await sampling(desk, bobs)
    await bob.post("interrupt")
    await ended(desk, bobs)


async def test_prompt_that_waits_on_an_engine_is_pending_and_follows_on_an_interrupted_one(
    desk: Served, ada: httpx.AsyncClient
) -> None:
    first = await queued(ada, endless())
    await sampling(desk, first)
    second, third = await queued(ada, endless()), await queued(ada, endless())
    await assigned(desk, second)
    assert await running(ada) == [first]
    assert await pending(ada) == [second, third]
    await ada.post("interrupt")
    await ended(desk, first)
    await sampling(desk, second)
    assert await running(ada) == [second]
    await ada.post("queue", json={"clear": True})
    await ended(desk, third)
    assert await running(ada) == [second]
    await ada.post("interrupt", json={"prompt_id": second})
    await ended(desk, second)


@pytest.mark.parametrize("is_named", [True, False])
async def test_prompt_that_waits_on_an_engine_is_taken_out(
    desk: Served, ada: httpx.AsyncClient, is_named: bool
) -> None:
    first = await queued(ada, endless())
    await sampling(desk, first)
    second = await queued(ada, endless())
    await assigned(desk, second)
    await ada.post("queue", json={"delete": [second]} if is_named else {"clear": True})
    await ended(desk, second)
    assert (await ada.get(f"history/{second}")).json() == {}
    assert await running(ada) == [first]
    await ada.post("interrupt")
    await ended(desk, first)


async def test_interrupt_of_what_does_not_run_does_nothing(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    bobs = await queued(bob, endless())
    await sampling(desk, bobs)
    async with paused(desk):
        waiting = await queued(ada)
        for body in ({"prompt_id": waiting}, {"prompt_id": "unknown"}, {"prompt_id": bobs}, [1], "x"):
            assert (await ada.post("interrupt", json=body)).status_code == 200
        assert (await ada.post("interrupt", content=b"{bad")).status_code == 200
        assert await pending(ada) == [waiting]
    assert (await desk.service.queue.store.state(bobs)).is_active
    await bob.post("interrupt")
    await ended(desk, bobs)


async def test_memory_is_freed_for_administrators(desk: Served, ada: httpx.AsyncClient) -> None:
    assert (await ada.post("free", json={"free_memory": True})).status_code == 403
    admin = await newcomer(desk, "admin", "admin")
    answer = await admin.post("free", json={"unload_models": True, "free_memory": True})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["queue", "free", "history"])
async def test_body_that_is_no_object_is_refused(desk: Served, path: str) -> None:
    """Our choice: a ComfyUI answers with a plain 500."""
    admin = await newcomer(desk, "admin", "admin")
    assert (await admin.post(path, content=b"")).status_code == 400
    assert (await admin.post(path, json=[1])).status_code == 400
    if path != "free":
        assert (await admin.post(path, json={"delete": "x"})).status_code == 400


async def test_reader_changes_nothing(desk: Served) -> None:
    reader = await newcomer(desk, "reader", "read")
    for path in ("queue", "interrupt", "history", "api/jobs/cancel"):
        assert (await reader.post(path, json={"clear": True})).status_code == 403
    assert (await reader.get("queue")).json() == {"queue_running": [], "queue_pending": []}
