from __future__ import annotations

from contextlib import aclosing
from typing import Any

from starlette.requests import Request

from comfy_gen.api.access import OWNER
from comfy_gen.api.streams import Viewer, events_of_job
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.records import Selection
from tests.api.conftest import events_in


def request_to(app: Any) -> Request:
    scope = {"type": "http", "app": app, "method": "GET", "path": "/", "headers": [], "query_string": b""}
    return Request(scope | {"scheme": "http", "server": ("127.0.0.1", 8000)})


def stream(served, job_id, **wishes):
    service, state = served.service, served.app.state
    viewer = Viewer(OWNER, request_to(served.app), **wishes)
    return events_of_job(service.queue, state.results, state.lines, job_id, viewer)


async def next_of(events) -> Any:
    return events_in((await anext(events)).decode())[0]


async def test_each_preview_is_sent_once_and_only_while_the_job_runs(serve):
    served = await serve(with_worker=False)
    job_id = await served.job()
    previews = served.service.queue.previews
    async with aclosing(stream(served, job_id)) as events, aclosing(stream(served, job_id, previews="data")) as data:
        assert (await next_of(events))["event"] == (await next_of(data))["event"] == "state"
        previews.put(job_id, b"frame", "image/jpeg")
        shown = await next_of(events)
        assert (shown["event"], shown["data"]["url"]) == ("preview", f"/jobs/{job_id}/preview?n=1")
        assert (await next_of(data))["data"]["url"] == "data:image/jpeg;base64,ZnJhbWU="
        assert "id" not in shown
        await served.service.queue.store.cancel(Selection([job_id]), now=1.0)
        assert (await next_of(events))["data"]["state"] == "cancelled"
        assert (await next_of(events))["event"] == "end"


async def test_who_wants_no_previews_gets_none(serve):
    served = await serve(with_worker=False)
    job_id = await served.job()
    async with aclosing(stream(served, job_id, previews="none")) as events:
        await next_of(events)
        served.service.queue.previews.put(job_id, b"frame", "image/jpeg")
        await served.service.queue.store.cancel(Selection([job_id]), now=1.0)
        rest = [events_in(one.decode())[0]["event"] async for one in events]
    assert rest == ["state", "end"]


async def test_stream_ends_where_the_database_goes_away(serve):
    served = await serve(with_worker=False)
    job_id = await served.job()

    class Away:
        async def of(self, *_: object):
            raise DatabaseUnavailableError("away", "x")

    await served.service.queue.store.cancel(Selection([job_id]), now=1.0)
    viewer = Viewer(OWNER, request_to(served.app))
    away: Any = Away()
    found = [one async for one in events_of_job(served.service.queue, away, served.app.state.lines, job_id, viewer)]
    assert [events_in(one.decode())[0]["event"] for one in found] == ["state", "state"]


async def test_nobody_is_left_watching_once_a_stream_is_left(serve):
    served = await serve(with_worker=False)
    job_id = await served.job()
    async with aclosing(stream(served, job_id)) as events:
        await next_of(events)
        assert served.service.queue.watching._watched
    assert not served.service.queue.watching._watched
