"""``comfygen webhooks``: what people see of the outbox, and how they have it sent again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from comfy_gen.app import open_queue
from comfy_gen.cli import completion
from comfy_gen.config import read_settings
from comfy_gen.jobs.job import JobRequest, Webhook
from comfy_gen.jobs.records import Selection

GRAPH = {"1": {"class_type": "EmptyImage", "inputs": {}}, "2": {"class_type": "SaveImage", "inputs": {"a": ["1", 0]}}}
SECRET_URL = "https://user:secret@hooks.example/x?token=abc"


@pytest.fixture
def outbox(comfygen, tmp_path, monkeypatch):
    """The command line with an outbox of three: one that arrived, one that was given up, one that waits."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    asyncio.run(fill())
    return comfygen


async def fill():
    async with open_queue(replace(read_settings())) as queue:
        for number in range(3):
            webhook = Webhook(SECRET_URL, {"order": number})
            (accepted,) = await queue.submit([JobRequest(GRAPH, webhook=webhook)])
            await queue.store.cancel(Selection([accepted.job.job_id]), now=time.time())
        now = time.time()
        arrived, given_up, _ = await queue.outbox.due(now, lease=0.0)
        await queue.outbox.record_delivery(arrived.delivery_id, status=204, now=now, is_done=True)
        await queue.outbox.record_delivery(given_up.delivery_id, status=503, error="it was busy", now=now)


def listed(outbox, *arguments):
    return outbox("webhooks", "list", *arguments, "--json").json["webhooks"]


def test_those_that_wait_are_listed_and_all_are_counted(outbox):
    said = outbox("webhooks", "list")
    assert said.out.splitlines()[0] == "1 pending · 1 delivered · 1 dead"
    assert said.out.splitlines()[1].split() == ["id", "state", "tells", "job", "receiver", "age", "tries", "why"]
    (line,) = said.out.splitlines()[2:]
    assert line.split()[1:3] == ["pending", "cancelled"]
    assert "hooks.example" in line


@pytest.mark.parametrize(("option", "states"), [("--dead", {"dead"}), ("--all", {"dead", "delivered", "pending"})])
def test_others_are_listed_on_demand(outbox, option, states):
    assert {one["standing"] for one in listed(outbox, option)} == states


def test_list_ends_where_it_is_told_to(outbox):
    assert len(listed(outbox, "--all", "-n", "2")) == 2


def test_no_secret_of_an_address_is_shown(outbox):
    (dead,) = listed(outbox, "--dead")
    shown = [outbox("webhooks", *words).out for words in (["list"], ["show", dead["delivery_id"]])]
    assert dead["url"] == "https://***@hooks.example/x?token=***"
    assert not any("secret" in said or "abc" in said for said in shown)


def test_one_is_shown_with_what_it_tells_and_how_it_went(outbox):
    (dead,) = listed(outbox, "--dead")
    said = outbox("webhooks", "show", dead["delivery_id"][:8])
    assert "dead" in said.out
    assert "it was busy" in said.out
    assert '"type": "job.cancelled"' in said.out
    known = outbox("webhooks", "show", dead["delivery_id"], "--json").json
    assert (known["status"], known["tries"], known["error"], known["event"]) == (503, 1, "it was busy", "end")
    assert (known["body"]["order"], known["body"]["job_id"]) == (1, known["job_id"])


def test_those_given_up_are_sent_again(outbox):
    said = outbox("webhooks", "replay", "--all-dead")
    assert said.out.startswith("1 webhook is to be sent again")
    assert listed(outbox, "--dead") == []
    assert {one["tries"] for one in listed(outbox)} == {0}
    assert outbox("webhooks", "replay", "--all-dead").out == "No webhook was given up.\n"


def test_one_that_arrived_is_sent_again_by_its_id(outbox):
    (arrived,) = [one for one in listed(outbox, "--all") if one["is_done"]]
    (again,) = outbox("webhooks", "replay", arrived["delivery_id"][:8], "--json").json["webhooks"]
    assert (again["delivery_id"], again["standing"]) == (arrived["delivery_id"], "pending")


def test_it_is_said_where_those_given_up_are_if_none_waits(outbox):
    (waiting,) = listed(outbox)
    asyncio.run(arrive(waiting["delivery_id"]))
    assert outbox("webhooks", "list").out.splitlines()[1].startswith("None waits; --dead")


async def arrive(delivery_id):
    async with open_queue(read_settings()) as queue:
        await queue.outbox.record_delivery(delivery_id, status=200, now=time.time(), is_done=True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "nobody"], "webhook_not_found"),
        (["replay", "nobody"], "webhook_not_found"),
        (["replay"], "invalid_parameter"),
        (["replay", "some", "--all-dead"], "invalid_parameter"),
        (["list", "--dead", "--all"], "invalid_parameter"),
    ],
)
def test_what_cannot_be_meant_is_refused(outbox, words, code):
    said = outbox("webhooks", *words)
    assert said.err.startswith(f"error[{code}]")
    assert said.code != 0


def test_ids_are_completed(outbox):
    (dead,) = listed(outbox, "--dead")
    ((begin, said),) = completion.webhooks(dead["delivery_id"][:6])
    assert dead["delivery_id"].startswith(begin)
    assert said == "dead: cancelled"
    assert completion.webhooks("zzz") == []
