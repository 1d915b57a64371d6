"""An agent watches jobs, and stops them."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from comfy_gen.errors import ServiceUnreachableError
from comfy_gen.mcp.following import Followed
from comfy_gen.mcp.tools.watching import _came_of
from comfy_gen.sandbox import SandboxOptions
from tests.mcp.serving import SMALL, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = {"prompt": "a lighthouse", **SMALL, "steps": 10_000, "timeout": 0}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slow(tmp_path_factory):
    """A service whose one engine takes its time."""
    async with served(tmp_path_factory.mktemp("slow"), SandboxOptions(step_time=0.02)) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def running(slow):
    """The id of a job that runs; nothing else does then."""
    job_id = (await slow.call("generate_image", {**LONG, "title": "long"})).facts["job_id"]
    async with asyncio.timeout(30):
        while (await slow.service.get(f"/jobs/{job_id}"))["state"] != "generating":
            await asyncio.sleep(0)
    yield job_id
    await slow.call("cancel", {"prompt_id": job_id})


async def test_queue_is_told_of_where_no_job_is_named(agents):
    facts = (await agents.call("get_progress")).facts

    assert (facts["status"], facts["queue_length"], facts["prompt_id"]) == ("idle", 0, None)


async def test_paused_queue_is_told_of(agents):
    await agents.service.post("/queue/pause")
    try:
        assert (await agents.call("get_progress")).facts["status"] == "paused"
    finally:
        await agents.service.post("/queue/resume")


async def test_finished_job_leads_to_its_pictures(agents):
    made = await agents.made()

    facts = (await agents.call("get_progress", {"prompt_id": made["prompt_id"]})).facts

    assert (facts["status"], facts["percent"], facts["position"]) == ("completed", 100, None)
    assert facts["next"] == {
        "tool": "wait",
        "arguments": {"prompt_id": made["prompt_id"]},
        "reason": "it fetches the pictures.",
    }
    told = await agents.call("wait", facts["next"]["arguments"])
    assert told.kinds() == ["text", "image", "resource_link"]


@pytest.mark.parametrize("prompt_id", ["nope", "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"])
async def test_unknown_job_is_not_found(agents, prompt_id):
    facts = (await agents.call("get_progress", {"prompt_id": prompt_id})).facts
    assert (facts["status"], facts["next"]["tool"]) == ("not_found", "list_jobs")

    assert (await agents.call("cancel", {"prompt_id": prompt_id})).facts["status"] == "not_found"
    error = (await agents.call("wait", {"prompt_id": prompt_id})).error
    assert error.startswith("error[job_not_found]: ")
    assert "Call list_jobs" in error


async def test_running_job_and_the_one_behind_it_say_where_they_stand(slow, running):
    behind = [(await slow.call("generate_image", {**LONG, "title": f"behind {n}"})).facts["job_id"] for n in range(3)]
    try:
        first = (await slow.call("get_progress", {"prompt_id": running})).facts
        assert (first["status"], first["position"], first["queue_length"]) == ("running", "current", 4)
        assert first["next"]["tool"] == "wait"
        # An engine has two at a time: the second may have left the line.
        last = (await slow.call("get_progress", {"prompt_id": behind[-1]})).facts
        assert (last["status"], last["position"]) == ("pending", 2)
    finally:
        for job_id in reversed(behind):
            assert (await slow.call("cancel", {"prompt_id": job_id})).facts["status"] == "cancelled"


async def test_waiting_ends_in_time_and_the_job_goes_on(slow, running):
    facts = (await slow.call("wait", {"prompt_id": running, "timeout": 0.2, "json_progress": True})).facts

    assert (facts["status"], facts["next"]["tool"]) == ("running", "wait")
    assert facts["next"]["arguments"] == {"prompt_id": running, "json_progress": True}
    assert facts["progress_updates"][0]["type"] == "connected"


async def test_cancelled_job_does_not_run_any_more(slow, running):
    facts = (await slow.call("cancel", {"prompt_id": running})).facts

    assert (facts["status"], facts["prompt_id"], facts["job_id"]) == ("cancelled", running, running)
    assert (await slow.service.get(f"/jobs/{running}"))["state"] == "cancelled"
    assert (await slow.call("cancel", {"prompt_id": running})).facts["status"] == "already_cancelled"
    told = (await slow.call("wait", {"prompt_id": running})).facts
    assert (told["status"], told["next"]) == ("cancelled", None)


async def test_job_that_had_ended_was_not_cancelled(agents):
    made = await agents.made()

    facts = (await agents.call("cancel", {"prompt_id": made["job_id"]})).facts

    assert facts["status"] == "already_completed"
    assert facts["message"].startswith("it had ended before: ")


@pytest.mark.parametrize(
    ("job", "status"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "completed", "message": "done"}, "already_completed"),
        ({"state": "failed", "message": "it broke"}, "already_failed"),
        ({"state": "generating"}, "still_running"),
        ({}, "unknown"),
    ],
)
async def test_cancel_claims_no_more_than_was_seen(job, status):
    trouble = None if job else ServiceUnreachableError("http://here", "gone")

    told = _came_of(Followed({"id": "6f0c", **job}, trouble=trouble))

    assert told.status == status
    assert (told.next is not None) is (status in {"still_running", "unknown"})


async def test_jobs_are_listed_by_status_and_title_a_page_at_a_time(agents):
    made = [await agents.made(title=f"listed {number}") for number in range(3)]

    first = (await agents.call("list_jobs", {"status": "completed", "text": "listed", "limit": 2})).facts
    arguments = {"status": "completed", "text": "listed", "limit": 2, "cursor": first["cursor"]}
    second = (await agents.call("list_jobs", arguments)).facts

    assert [one["job_id"] for one in first["jobs"] + second["jobs"]] == [one["job_id"] for one in reversed(made)]
    assert {one["status"] for one in first["jobs"]} == {"completed"}
    assert first["queue_length"] == 0
    assert (await agents.call("list_jobs", {"status": "failed", "text": "listed"})).facts["jobs"] == []
