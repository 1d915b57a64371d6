from __future__ import annotations

import comfy_gen
from comfy_gen.api import families
from comfy_gen.engines.registry import EngineEntry
from comfy_gen.engines.status import EngineStatus
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import DeliveryState


def samples(*found):
    return {(sample.name, *sample.labels.values()): sample.value for family in found for sample in family.samples}


def status(**facts):
    usual = {
        "name": "a",
        "address": "http://a",
        "state": "active",
        "condition": "up",
        "queue": 3,
        "running": 2,
        "depth": 2,
        "weight": 1.0,
        "tags": (),
        "latency_ms": 4.0,
        "version": "0",
        "loaded": (),
        "failures": 1,
        "strays": 0,
        "error": "",
    }
    return EngineStatus(**(usual | facts))


def test_build_has_its_version():
    assert samples(families.build()) == {("comfygen_build_info", comfy_gen.__version__): 1}


def test_queue_is_told_by_state():
    found = samples(*families.queue({JobState.QUEUED: 2, JobState.FAILED: 0}, 1, 12.5))
    assert found == {
        ("comfygen_jobs", "queued"): 2,
        ("comfygen_jobs", "failed"): 0,
        ("comfygen_queue_owners",): 1,
        ("comfygen_queue_oldest_seconds",): 12.5,
    }


def test_engine_is_in_one_condition():
    found = samples(*families.engines([status(condition="resting")]))
    of_condition = {key[2]: value for key, value in found.items() if key[0] == "comfygen_engine_condition"}
    assert of_condition == {"up": 0, "down": 0, "resting": 1, "trying": 0, "unknown": 0}
    assert found["comfygen_engine_running", "a"] == 2
    assert found["comfygen_engine_queue", "a"] == 3
    assert found["comfygen_engine_latency_seconds", "a"] == 0.004


def test_what_is_not_known_of_an_engine_is_left_out():
    found = samples(*families.engines([status(queue=None, latency_ms=None)]))
    assert ("comfygen_engine_queue", "a") not in found
    assert ("comfygen_engine_latency_seconds", "a") not in found


def test_registered_engines_webhooks_and_files():
    found = samples(
        families.registered([EngineEntry("a", "http://user:pass@a:8188")]),
        families.webhooks({DeliveryState.DEAD: 4}),
        *families.stored(2, 300),
    )
    assert found == {
        ("comfygen_engine_registered", "a", "active"): 1,
        ("comfygen_webhooks", "dead"): 4,
        ("comfygen_artifacts",): 2,
        ("comfygen_artifacts_bytes",): 300,
    }
