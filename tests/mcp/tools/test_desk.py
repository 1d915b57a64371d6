"""A job's id is known whatever happens, and a call ends in time."""

from __future__ import annotations

import asyncio
import json

import pytest

from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.tools import desk
from comfy_gen.mcp.tools.desk import Desk, Reporter
from tests.mcp.serving import SMALL, Gone

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(desk, "_PAUSE", 0)


class Agent:
    """Takes down what it is told."""

    def __init__(self):
        self.told = []

    async def report_progress(self, progress, total, message):
        self.told.append((progress, total, message))


async def test_id_is_told_even_if_the_service_is_away(agents):
    gone = Gone()

    error = (await agents.call("generate_image", {"prompt": "x"}, transport=gone)).error

    *_, job = error.splitlines()
    assert error.startswith("error[service_unreachable]: ")
    sent = [json.loads(content)["request_id"] for _, _, content in gone.sent]
    assert sent == [job.split()[1].rstrip(";")] * 2
    assert "get_progress tells whether it was accepted" in job


async def test_request_that_nobody_answered_is_sent_once_more_under_the_same_id(agents):
    way = Gone(agents.transport, tries=1)

    facts = (await agents.call("generate_image", {"prompt": "x", **SMALL}, transport=way)).facts

    (_, _, first), (_, _, second) = way.sent[:2]
    assert json.loads(first) == json.loads(second)
    assert json.loads(first)["request_id"] == facts["job_id"]
    assert facts["status"] == "completed"


async def test_accepted_job_whose_service_went_away_is_unknown_and_not_lost(agents):
    gone = Gone()

    class Agreed:
        url = "http://gone"

        def open(self, method, target, **said):
            return (
                agents.transport.open(method, target, **said) if method == "POST" else gone.open(method, target, **said)
            )

    asked = {"prompt": "x", **SMALL, "timeout": 0}
    facts = (await agents.call("generate_image", asked, transport=Agreed())).facts

    assert facts["status"] == "unknown"
    assert facts["next"] == {
        "tool": "get_progress",
        "arguments": {"prompt_id": facts["job_id"]},
        "reason": "the service may answer again.",
    }
    assert any("does not answer" in note for note in facts["notes"])
    assert (await agents.call("wait", {"prompt_id": facts["job_id"]})).facts["status"] == "completed"


async def test_call_waits_no_longer_than_the_server_has_patience():
    patient = Desk(lambda _: None, McpOptions(patience=3.0)).waiting(45)
    hasty = Desk(lambda _: None, McpOptions(patience=40.0)).waiting(2)

    assert (patient.timeout, hasty.timeout) == (3.0, 2)
    assert patient.left() == 3.0
    assert patient.deadline - asyncio.get_running_loop().time() < 45


async def test_progress_grows_with_each_message():
    agent = Agent()
    reporter = Reporter(agent)

    for overall in (0.0, 0.0, 50.0, 20.0, 100.0, 100.0):
        await reporter({"message": "on it"}, overall)

    told = [progress for progress, _, _ in agent.told]
    assert told == sorted(set(told))
    assert all(progress <= total for progress, total, _ in agent.told)
