from __future__ import annotations

import time
from contextlib import aclosing
from typing import Any

import pytest

from comfy_gen.api.dialects.comfy.frames import Place
from comfy_gen.api.dialects.comfy.job_stream import Stream
from comfy_gen.api.dialects.comfy.jobs_told import Teller
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.records import Selection
from tests.api.conftest import Served, events_in
from tests.api.dialects.comfy.running import ended, paused, submitted
from tests.api.test_streams import request_to

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def stream(desk: Served, job_id: str, place: Place | None = None, *, teller: Any = None) -> Stream:
    state, queue = desk.app.state, desk.service.queue
    told = teller or Teller(desk.service, state.results, request_to(desk.app))
    return Stream(queue, told, state.lines, await queue.store.get(job_id), place)


def read(frames: list[bytes]) -> list[tuple[str, Any]]:
    return [(one["event"], one["data"]) for frame in frames for one in events_in(frame.decode())]


async def test_place_in_the_line_is_told_as_it_changes_without_any_event(desk, ada):
    async with paused(desk):
        first, second = [(await submitted(ada))["id"] for _ in range(2)]
        waiting = await stream(desk, second)
        async with aclosing(waiting.frames()) as frames:
            assert read([await anext(frames)]) == [("status", {"status": "queued", "queue_position": 2})]
        assert await waiting.next(None) == []
        await desk.service.queue.store.cancel(Selection([first]), now=time.time())
        assert read(await waiting.next(None)) == [("status", {"status": "queued", "queue_position": 1})]
        await desk.service.queue.store.cancel(Selection([second]), now=time.time())
        assert await waiting.next(None) == []


async def test_each_preview_is_shown_once_to_each_and_made_once_for_all(desk, ada):
    queue = desk.service.queue
    async with paused(desk):
        job_id = (await submitted(ada))["id"]
        one, other = await stream(desk, job_id), await stream(desk, job_id)
        queue.previews.put(job_id, b"frame", "image/jpeg", "3")
        news = await queue.store.news(job_id, 99)
        shown, same = (await one.next(news))[-1], (await other.next(news))[-1]
        assert shown is same
        ((event, data),) = read([shown])
        assert (event, data["node_id"], data["content_type"]) == ("preview", "3", "image/jpeg")
        assert await one.next(news) == []


async def test_stream_ends_where_the_database_goes_away(desk, ada):
    class Away:
        async def outputs(self, *_: object) -> Any:
            raise DatabaseUnavailableError("away", "x")

    job_id = (await submitted(ada))["id"]
    await ended(desk, job_id)
    broken = await stream(desk, job_id, Place(1), teller=Away())
    assert [frame async for frame in broken.frames()] == []


async def test_nobody_is_left_watching_once_a_stream_is_left(desk, ada):
    watching = desk.service.queue.watching
    async with paused(desk):
        job_id = (await submitted(ada))["id"]
        left = (await stream(desk, job_id, Place(0))).frames()
        await anext(left)
        assert job_id in watching._watched
        await left.aclose()
        assert job_id not in watching._watched


async def test_outputs_that_were_seen_are_not_told_again(desk, ada):
    job_id = (await submitted(ada))["id"]
    end = (await ended(desk, job_id)).last_event
    rest = await stream(desk, job_id, Place(end - 1, 1))
    assert read([frame async for frame in rest.frames()]) == [("status", {"status": "succeeded"})]
