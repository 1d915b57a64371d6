"""Tests of what is told of the queue's last minutes."""

from __future__ import annotations

import pytest


def sums(history):
    return sum(one["completed"] for one in history["buckets"]), sum(one["failed"] for one in history["buckets"])


async def test_jobs_that_ended_are_counted(served):
    assert sums((await served.client.get("/queue/history")).json()) == (0, 0)
    await served.done()
    await served.done()
    history = (await served.client.get("/queue/history")).json()
    assert (history["step"], len(history["buckets"])) == (30, 120)
    assert history["buckets"][0]["at"] == history["from"]
    assert sums(history) == (2, 0)
    assert max(one["mean_seconds"] or 0 for one in history["buckets"]) > 0


async def test_jobs_of_others_are_counted_for_administrators_alone(served):
    ada, bob, boss = [await served.caller(*said) for said in (("ada",), ("bob",), ("boss", "admin"))]
    await served.done(client=ada)
    seen = [sums((await one.get("/queue/history?minutes=5")).json())[0] for one in (ada, bob, boss)]
    assert seen == [1, 0, 1]


@pytest.mark.parametrize("minutes", ["0", "1441", "-1", "x", "1.5", ""])
async def test_stretch_of_time_is_within_a_day(served, minutes):
    assert (await served.client.get(f"/queue/history?minutes={minutes}")).status_code == 422
