from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio
from comfy_low.models import Output, PreviewEvent, Progress, StatusEvent

from comfy_gen.sandbox.faults import Fault, Kind
from tests.api.conftest import PATIENCE, events_in
from tests.api.dialects.comfy.running import JOBS, ended, paused, sampled, sampler_of, slowed, started, submitted
from tests.mcp.ways import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODELS = {"status": StatusEvent, "progress": Progress, "preview": PreviewEvent, "output": Output}
MANY = 20
"""Streams: the gateway that people run themselves takes 8."""


@pytest_asyncio.fixture(loop_scope="module")
async def sockets(desk: Served, ada: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The same somebody by sockets, which can be cut."""
    async with (
        listening(desk.app) as address,
        httpx.AsyncClient(base_url=address, headers=ada.headers, timeout=PATIENCE) as client,
    ):
        yield client


async def cut(client: httpx.AsyncClient, job_id: str, *, events: int) -> list[dict[str, Any]]:
    """Return as many events with an id as were wanted, after which the stream was cut."""
    text = ""
    async with client.stream("GET", f"{JOBS}/{job_id}/events") as stream:
        async for piece in stream.aiter_text():
            text += piece
            whole = text.rpartition("\r\n\r\n")[0]
            found = [one for one in events_in(whole) if "id" in one]
            if len(found) >= events:
                return found
    raise AssertionError(f"it ended before: {text}")


async def watched(client: httpx.AsyncClient, job_id: str, seen: str | None = None) -> list[dict[str, Any]]:
    """Return the events of a job up to its end, from the one on that was seen last."""
    headers = {} if seen is None else {"Last-Event-ID": seen}
    answer = await client.get(f"{JOBS}/{job_id}/events", headers=headers, timeout=PATIENCE)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_in(answer.text)
    for one in events:
        MODELS[one["event"]].model_validate(one["data"])
    return events


def told(events: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Return what of the events does not differ from one request to the next: addresses do."""
    return [(one["event"], one["data"].get("id", one["data"])) for one in events]


def statuses(events: list[dict[str, Any]]) -> list[str]:
    return [one["data"]["status"] for one in events if one["event"] == "status"]


async def test_stream_tells_how_the_job_is_how_it_goes_on_and_what_came_of_it(desk, ada):
    await slowed(desk)  # enough for a preview or two
    async with paused(desk):
        job_id = (await submitted(ada, sampled(20)))["id"]
        watching = asyncio.ensure_future(watched(ada, job_id))
        async with asyncio.timeout(PATIENCE):
            while not desk.service.queue.watching._watched:
                await asyncio.sleep(0)
    events = await watching
    assert events[0]["data"] == {"status": "queued", "queue_position": 1}
    assert statuses(events) == ["queued", "running", "succeeded"]
    assert [one["event"] for one in events[-2:]] == ["output", "status"]
    assert {one["data"]["node_id"] for one in events if one["event"] == "preview"} == {sampler_of(sampled())}
    numbers = [float(one["id"].partition(".")[0]) for one in events if "id" in one]
    assert numbers == sorted(numbers)


async def test_whoever_comes_back_gets_exactly_what_they_missed(desk, ada):
    job_id = (await submitted(ada, sampled(3)))["id"]
    await ended(desk, job_id)
    whole = await watched(ada, job_id, seen="0")
    assert statuses(whole) == ["queued", "running", "succeeded"]
    for place, event in enumerate(whole[:-1]):
        rest = await watched(ada, job_id, seen=event["id"])
        assert told(rest) == told(whole[place + 1 :]), event


@pytest.mark.parametrize("seen", [None, "999999999", "nonsense"])
async def test_who_says_nothing_of_use_gets_the_outputs_and_the_last_status(desk, ada, seen):
    job_id = (await submitted(ada))["id"]
    await ended(desk, job_id)
    assert [one["event"] for one in await watched(ada, job_id, seen=seen)] == ["output", "status"]


async def test_stream_that_was_cut_is_taken_up_again_with_nothing_lost(desk, ada, sockets):
    job_id = await started(desk, ada)
    before = await cut(sockets, job_id, events=4)
    await ada.post(f"{JOBS}/{job_id}/cancel")
    await ended(desk, job_id)
    rest = await watched(sockets, job_id, seen=before[-1]["id"])
    assert statuses(rest)[-1] == "canceled"
    assert {one["id"] for one in before}.isdisjoint(one["id"] for one in rest)


async def test_cancelling_is_told_while_the_engine_still_works(desk, ada):
    desk.engine.add_fault(Fault(Kind.SLOW_ANSWER, route="POST /interrupt", seconds=0.2))
    job_id = await started(desk, ada)
    watching = asyncio.ensure_future(watched(ada, job_id))
    await ada.post(f"{JOBS}/{job_id}/cancel")
    assert statuses(await watching)[-2:] == ["canceling", "canceled"]


async def test_end_that_was_undone_is_not_told(desk, ada):
    async with paused(desk):
        job_id = (await submitted(ada))["id"]
        await ada.post(f"{JOBS}/{job_id}/cancel")
        assert (await ada.post(f"/jobs/{job_id}/retry")).status_code == 200
    await ended(desk, job_id)
    assert "canceled" not in statuses(await watched(ada, job_id, seen="0"))


async def test_streams_are_as_many_as_anybody_wants(desk, ada, sockets):
    job_id = await started(desk, ada)
    await asyncio.gather(*(cut(sockets, job_id, events=2) for _ in range(MANY)))
    watching = [asyncio.ensure_future(watched(sockets, job_id)) for _ in range(MANY)]
    await ada.post(f"{JOBS}/{job_id}/cancel")
    assert {statuses(one)[-1] for one in await asyncio.gather(*watching)} == {"canceled"}
