from __future__ import annotations

import json

import pytest

from comfy_gen.errors import ExecutionFailedError
from comfy_gen.sandbox.faults import parse_fault
from tests.engines.conftest import run


async def test_engine_that_was_not_asked_is_unknown(bench):
    fleet, _ = await bench([], wait=False)
    (row,) = fleet.health()
    assert (row.condition, row.queue, row.latency_ms, row.version) == ("unknown", None, None, "")


async def test_engine_that_is_up_tells_of_itself(bench):
    fleet, (sandbox,) = await bench([])
    await run(fleet, weights=("checkpoints/x",))
    with fleet.take("a", "job"):
        row = fleet.health()[0].as_json()
    assert row.pop("latency_ms") > 0
    assert "sandbox" in row.pop("version")
    assert row.pop("memory")["vram_free"] > 0
    assert json.loads(json.dumps(row)) == {
        "name": "a",
        "address": sandbox.url,
        "state": "active",
        "condition": "up",
        "queue": 0,
        "running": 1,
        "depth": 2,
        "weight": 1.0,
        "tags": [],
        "loaded": ["checkpoints/x"],
        "failures": 0,
        "strays": 0,
        "error": "",
        "is_sandbox": True,
    }


async def test_engine_tells_why_it_rests(bench):
    fleet, _ = await bench([parse_fault("gpu_error")])
    with pytest.raises(ExecutionFailedError):
        await run(fleet)
    (row,) = fleet.health()
    assert (row.condition, row.failures) == ("resting", 1)
    assert "CUDA" in row.error
