"""What streams and webhooks tell is what the document says of them: no field is missing there, and none is another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from comfy_gen.api.wire.events import (
    JobNoteEvent,
    JobProgressEvent,
    JobStateEvent,
    StreamEnd,
    StreamUpdate,
    WebhookMessage,
)
from comfy_gen.api.wire.results import Result
from comfy_gen.jobs.announcement import end_of, progress_of
from comfy_gen.jobs.records import Selection
from tests.api.conftest import events_in

if TYPE_CHECKING:
    from pydantic import BaseModel

MODELS: dict[str, type[BaseModel]] = {
    "state": JobStateEvent,
    "progress": JobProgressEvent,
    "note": JobNoteEvent,
    "end": Result,
}


def check(model: type[BaseModel], data: dict[str, Any]):
    model.model_validate(data)
    assert data.keys() <= model.model_fields.keys()
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= data.keys()


async def told_of(served, job_id: str) -> set[str]:
    """Check every event of a job, and return their kinds."""
    events = events_in((await served.client.get(f"/jobs/{job_id}/events", params={"previews": "none"})).text)
    for one in events:
        check(MODELS[one["event"]], one["data"])
    return {one["event"] for one in events}


async def test_events_of_a_job_are_as_documented(served):
    assert await told_of(served, await served.job()) >= {"state", "progress", "end"}


async def test_events_of_a_job_that_was_held_and_cancelled_are_as_documented(serve):
    served = await serve(with_worker=False)
    job_id = await served.job()
    store = served.service.queue.store
    for change in (store.hold, store.release, store.cancel):
        await change(Selection([job_id]), now=time.time())
    assert await told_of(served, job_id) == {"state", "note", "end"}


async def test_documented_stream_is_as_documented(served):
    job_id = await served.job()
    *updates, last = events_in((await served.client.get(f"/generate/{job_id}/stream")).text)
    for one in updates:
        check(StreamUpdate, one["data"])
    check(StreamEnd, last["data"])


async def test_webhooks_are_as_documented(served):
    result = await served.done()
    store = served.service.queue.store
    job = await store.get(result["id"])
    check(WebhookMessage, end_of(job, await store.artifacts(job.job_id), now=time.time()))
    check(WebhookMessage, progress_of(job, now=time.time()))
