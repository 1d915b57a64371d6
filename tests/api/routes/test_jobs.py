"""Tests of the routes about jobs."""
from __future__ import annotations


async def test_job_is_done(served):
    result = await served.done()
    assert result["state"] == "completed"
