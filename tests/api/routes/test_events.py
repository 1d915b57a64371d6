from __future__ import annotations

from contextlib import aclosing
from functools import partial

from comfy_gen.api.live import LONGEST_METADATA, Visitor, events_of_all
from comfy_gen.api.routes.events import moment_in
from comfy_gen.api.wire.live import LiveJob, LiveSnapshot
from comfy_gen.jobs.records import Selection
from tests.api.conftest import events_in, picture_graph
from tests.api.live import stream
from tests.api.test_streams import request_to


async def next_of(events):
    return events_in((await anext(events)).decode())


async def test_what_there_is_comes_first_and_then_what_changes(serve):
    served = await serve(with_worker=False)
    first = await served.job()
    async with aclosing(stream(served)) as events:
        (shown,) = await next_of(events)
        assert shown["event"] == "snapshot"
        snapshot = LiveSnapshot.model_validate(shown["data"])
        assert [one.id for one in snapshot.jobs] == [first]
        assert snapshot.is_whole
        assert not snapshot.is_paused
        second = await served.job()
        (shown,) = await next_of(events)
        assert shown["event"] == "job"
        assert LiveJob.model_validate(shown["data"]).id == second
        await served.service.queue.store.cancel(Selection([second]), now=1.0)
        (shown,) = await next_of(events)
        assert (shown["data"]["id"], shown["data"]["state"]) == (second, "cancelled")
        await served.service.queue.store.delete(Selection([second]))
        (shown,) = await next_of(events)
        assert (shown["event"], shown["data"]) == ("gone", {"id": second})
        await served.service.queue.store.set_paused(True)
        (shown,) = await next_of(events)
        assert (shown["event"], shown["data"]) == ("queue", {"is_paused": True})


async def test_metadata_that_is_long_is_not_sent_again_and_again(serve):
    served = await serve(with_worker=False)
    for length in (100, LONGEST_METADATA):
        body = {"input": {"workflow_json": picture_graph(), "metadata": {"said": "x" * length}}}
        assert (await served.client.post("/generate", json=body)).status_code == 202
    async with aclosing(stream(served)) as events:
        (shown,) = await next_of(events)
        assert [one["metadata"] for one in shown["data"]["jobs"]] == [{"said": "x" * 100}, {}]


async def test_whoever_has_no_key_any_more_sees_no_more(serve):
    served = await serve(with_worker=False)
    client = await served.caller("ada")
    text = client.headers["X-API-Key"]
    app = served.app
    admit = partial(app.state.gate.admit, "127.0.0.1", {"x-api-key": text})
    visitor = Visitor(await admit(), request_to(app), 0.0, admit)
    state = app.state
    async with aclosing(events_of_all(served.service.queue, state.results, state.lines, visitor)) as events:
        await next_of(events)
        await served.service.keys.revoke("ada", now=1.0)
        await served.service.queue.store.set_paused(True)
        assert [one async for one in events] == []


async def test_moment_is_that_of_the_last_event_before_that_of_the_address():
    assert moment_in("12.5", otherwise=3.0) == 12.5
    for text in ("", "x", "nan", "inf", "-1e999"):
        assert moment_in(text, otherwise=3.0) == 3.0
    assert moment_in("-5", otherwise=3.0) == 0.0


async def moved(client, job_id: str, **place: str) -> int:
    return (await client.post(f"/jobs/{job_id}/move", json=place)).status_code


async def test_own_jobs_are_moved_and_nobody_elses(serve):
    served = await serve(with_worker=False)
    ada, bob, admin = [await served.caller(name, *scopes) for name, *scopes in (("ada",), ("bob",), ("eve", "admin"))]
    first, bobs, last = [await served.job(client=one) for one in (ada, bob, ada)]
    window = served.service.queue.store.window

    async def line():
        return [one.job_id for one in await window(10, now=1e12)]

    assert await moved(ada, last, to="first") == 200
    assert (await line()).index(last) < (await line()).index(first)
    assert await moved(ada, last, after=first) == 200
    assert [one for one in await line() if one != bobs] == [first, last]
    assert await moved(ada, first, before=bobs) == 404
    assert await moved(ada, bobs, to="first") == 404
    assert await moved(admin, bobs, to="first") == 200
    assert await line() == [bobs, first, last]
    await served.service.queue.store.cancel(Selection([first]), now=1.0)
    assert await moved(ada, last, before=first) == 409
    assert await moved(ada, first, to="last") == 409
    for wrong in ({}, {"to": "middle"}, {"to": "first", "after": first}, {"before": "x"}):
        assert await moved(ada, last, **wrong) == 422
