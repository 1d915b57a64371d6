"""Streams of pictures, read where they are made."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio

from comfy_gen.api.dialects.openai.answers import Gallery, Manner
from comfy_gen.api.dialects.openai.events import Show
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.sandbox import SandboxOptions
from tests.api.dialects.desk import opened_desk
from tests.api.dialects.openai.sketches import opened
from tests.api.test_streams import request_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.conftest import Served

module_loop = pytest.mark.asyncio(loop_scope="module")
SLOW = {"prompt": "a pier", "width": 256, "height": 256, "steps": 20}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service whose engine takes a while for each step."""
    async with opened_desk(tmp_path_factory.mktemp("openai"), SandboxOptions(step_time=0.02)) as desk:
        yield desk


def show(served, *, partials):
    gallery = Gallery(served.service, served.app.state.results, request_to(served.app))
    return Show(served.service.queue, gallery, "image_edit", Manner(format="webp"), partials=partials)


def data_of(event):
    return json.loads(next(line for line in event.decode().splitlines() if line.startswith("data: "))[6:])


async def events_of(served, job_id, *, partials):
    async with aclosing(show(served, partials=partials).events([job_id])) as events:
        return [data_of(event) async for event in events]


async def accepted(served, **said):
    return (await served.client.post("/generate", json={**SLOW, **said})).json()["id"]


@module_loop
async def test_picture_is_shown_on_the_way_and_then_as_it_is(desk):
    events = await events_of(desk, await accepted(desk), partials=1)
    assert [one["type"] for one in events] == ["image_edit.partial_image", "image_edit.completed"]
    assert events[0]["partial_image_index"] == 0
    assert {opened(one["b64_json"]).format for one in events} == {"WEBP"}


@module_loop
async def test_picture_is_not_shown_on_the_way_to_whoever_did_not_ask(desk):
    events = await events_of(desk, await accepted(desk, steps=5), partials=0)
    assert [one["type"] for one in events] == ["image_edit.completed"]


@module_loop
async def test_failure_is_the_last_event(desk):
    job_id = await accepted(desk, steps=150)
    await desk.client.post(f"/jobs/{job_id}/cancel")
    (event,) = await events_of(desk, job_id, partials=0)
    assert (event["type"], event["error"]["code"], event["error"]["type"]) == ("error", "cancelled", "server_error")


@module_loop
async def test_job_that_was_deleted_meanwhile_is_told_of(desk):
    (event,) = await events_of(desk, "00000000-0000-4000-8000-000000000000", partials=0)
    assert event["error"]["code"] == "job_not_found"


async def test_service_that_stops_says_that_the_job_goes_on(serve):
    served = await serve()
    await served.service.queue.store.set_paused(is_wanted=True)
    job_id = await accepted(served)
    reading = asyncio.create_task(events_of(served, job_id, partials=0))
    await asyncio.sleep(0)
    served.service.queue.watching.stop()
    (event,) = await reading
    assert event["error"]["code"] == "stopping"


@pytest.mark.parametrize(("partials", "moments"), [(0, []), (1, [0.5]), (2, [1 / 3, 2 / 3]), (3, [0.25, 0.5, 0.75])])
def test_partial_pictures_are_as_far_apart_as_they_can_be(partials, moments):
    show = Show(cast("Any", None), cast("Any", None), "image_edit", Manner(), partials=partials)

    def is_due(sent, progress, state=JobState.GENERATING):
        return show._is_due(Job(JobId("j"), state, progress=progress), sent)

    for sent, moment in enumerate(moments):
        assert [is_due(sent, moment - 0.01), is_due(sent, moment)] == [False, True]
    assert not is_due(partials, 1.0)
    assert not is_due(0, 1.0, JobState.COMPLETED)
    assert not is_due(0, None)
