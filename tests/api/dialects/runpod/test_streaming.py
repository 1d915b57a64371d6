"""What is new of a job, each thing once."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.runpod.outputs import Teller
from comfy_gen.api.dialects.runpod.streaming import next_part
from comfy_gen.jobs.request import JobRequest
from tests.api.dialects.runpod.graphs import plain, sampled
from tests.api.test_streams import request_to

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def submitted(desk, workflow):
    (accepted,) = await desk.service.queue.submit([JobRequest(workflow)])
    return accepted.job


async def part(desk, job, hold=0.05):
    teller = Teller(desk.service, desk.app.state.results, request_to(desk.app))
    return await next_part(desk.service, teller, await desk.service.queue.store.get(job.job_id), hold=hold)


async def test_nothing_new_is_said_after_a_while(desk):
    await desk.service.queue.store.set_paused(is_wanted=True)
    job = await submitted(desk, plain())
    assert await part(desk, job) == {"id": job.job_id, "status": "IN_QUEUE", "stream": []}
    await desk.service.queue.store.set_paused(is_wanted=False)
    told = await part(desk, job, hold=20)
    while told["status"] != "COMPLETED":
        told = await part(desk, job, hold=20)
    assert [*told["stream"][-1]["output"]] == ["images"]
    assert (await part(desk, job))["stream"] == []


async def test_failure_ends_the_stream(desk):
    job = await submitted(desk, sampled(5000))
    shown = await part(desk, job, hold=20)
    assert shown["stream"][0]["output"]["type"] == "progress"
    await desk.client.post(f"/jobs/{job.job_id}/cancel")
    await desk.service.queue.watching.end(job.job_id)
    told = await part(desk, job)
    assert (told["status"], told["error"]) == ("CANCELLED", "The job was cancelled.")
    assert [one["output"]["type"] for one in told["stream"]] in ([], ["progress"])
