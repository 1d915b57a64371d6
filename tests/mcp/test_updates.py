from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.mcp.answers import ProgressUpdate
from comfy_gen.mcp.event_stream import JobEvent
from comfy_gen.mcp.updates import Meter, connected, update_of


def state(name: str, **more: Any) -> JobEvent:
    return JobEvent("state", {"state": name, "at": 0.0, **more}, 1)


def progress(**data: Any) -> JobEvent:
    return JobEvent("progress", data, 2)


def test_the_documented_update_of_a_step_is_told_field_by_field() -> None:
    meter = Meter("abc123")
    meter.feed(progress(node_id="3", step=1, steps=30, at=100.0))
    assert meter.feed(progress(node_id="3", step=15, steps=30, at=111.67)) == {
        "type": "progress",
        "prompt_id": "abc123",
        "step": 15,
        "max_steps": 30,
        "percent": 50,
        "eta_seconds": 12.5,
        "message": "Sampling: 15/30 steps (50%)",
    }


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        (state("queued"), "progress", "Waiting for an engine"),
        (state("preprocessing"), "progress", "Preparing the inputs"),
        (state("generating"), "start", "Generation started"),
        (state("generating", engine="gpu-1"), "start", "Generation started on gpu-1"),
        (state("postprocessing"), "progress", "Storing the outputs"),
        (state("resting"), "progress", "Resting"),
        (progress(ahead=2), "progress", "Waiting on the engine: 2 ahead"),
        (progress(progress=0.25), "cached", "25% of the nodes are cached"),
        (progress(node_id="3", class_type="KSampler"), "node", "Running KSampler (3)"),
        (progress(node_id="3", class_type=""), "node", "Running node (3)"),
        (progress(node_id="3", step=1, steps=0), "progress", "Sampling: 1/0 steps (0%)"),
        (JobEvent("note", {"text": "it is to be cancelled"}, 3), "progress", "It is to be cancelled"),
        (JobEvent("end", {"state": "completed", "message": "Done"}, 4), "complete", "Done"),
        (JobEvent("end", {"state": "partial"}, 4), "complete", "Generation completed"),
        (JobEvent("end", {"state": "failed", "message": "out of memory"}, 4), "error", "out of memory"),
        (JobEvent("end", {"state": "cancelled"}, 4), "error", "Generation failed"),
    ],
)
def test_events_are_told_in_the_documented_types(event: JobEvent, kind: str, message: str) -> None:
    update = update_of(event, "a")
    assert update is not None
    assert (update["type"], update["prompt_id"], update["message"]) == (kind, "a", message)
    ProgressUpdate.model_validate(update)


@pytest.mark.parametrize(
    "event", [state("completed"), state("failed"), progress(progress=0.0), progress(), JobEvent("preview", {"n": 1})]
)
def test_what_says_nothing_of_the_progress_is_not_told(event: JobEvent) -> None:
    assert update_of(event, "a") is None


def test_the_first_update_says_that_the_job_is_followed() -> None:
    assert ProgressUpdate.model_validate(connected("a")).type == "connected"


def test_how_much_is_done_never_shrinks() -> None:
    meter = Meter("a")
    seen: list[float] = []
    for event in (progress(progress=0.5), progress(progress=0.2), state("queued"), progress(progress=2), state("x")):
        meter.feed(event)
        seen.append(meter.overall)
    assert seen == [50.0, 50.0, 50.0, 100.0, 100.0]


def test_a_job_that_ended_well_is_done() -> None:
    meter = Meter("a")
    meter.feed(JobEvent("end", {"state": "completed"}))
    assert meter.overall == 100.0


def test_one_that_failed_is_as_far_as_it_came() -> None:
    meter = Meter("a")
    meter.feed(progress(progress=0.5))
    meter.feed(JobEvent("end", {"state": "failed"}))
    assert meter.overall == 50.0


def test_the_time_left_is_measured_anew_for_each_sampler() -> None:
    meter = Meter("a")
    told = [
        meter.feed(progress(node_id=node, step=step, steps=10, at=at))
        for node, step, at in [("3", 1, 0.0), ("3", 2, 1.0), ("4", 1, 9.0), ("4", 2, 11.0), ("4", 1, 20.0)]
    ]
    assert [update and update.get("eta_seconds") for update in told] == [None, 8.0, None, 16.0, None]
