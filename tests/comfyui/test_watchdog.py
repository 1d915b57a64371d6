"""How long a silent prompt is left alone; that it is looked up then is shown in ``test_aio.py``."""

from __future__ import annotations

import pytest

from comfy_gen.comfyui.http import ClientOptions
from comfy_gen.comfyui.messages import Executing, ExecutionStart
from comfy_gen.comfyui.run import Run
from comfy_gen.comfyui.tracker import Tracker
from comfy_gen.comfyui.watchdog import patience

OPTIONS = ClientOptions(silence=5.0, poll_interval=0.25)


@pytest.fixture
def run():
    run = Run(Tracker("p", {}))
    run.accept({})
    return run


def test_queued_prompt_is_silent_by_nature(run):
    assert patience(run, OPTIONS) == 30.0


def test_running_prompt_should_be_heard_of(run):
    run.feed(ExecutionStart("p"), now=0.0)
    assert patience(run, OPTIONS) == 5.0


def test_prompt_whose_end_was_heard_is_looked_up_at_once_and_then_patiently(run):
    run.feed(Executing("p", None), now=0.0)
    assert run.tracker.wants_history
    assert patience(run, OPTIONS) == 0.0
    run.looks = 1
    assert patience(run, OPTIONS) == 0.25


def test_polling_slows_down_to_eight_times(run):
    run.tracker.gap()
    waits = []
    for run.looks in range(6):
        waits.append(patience(run, OPTIONS))
    assert waits == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]
