from __future__ import annotations

import io

import pytest
from rich.console import Console

from comfy_gen.cli import progress
from comfy_gen.comfyui.tracker import Stepped, Unheard, Waiting
from comfy_gen.errors import NoOutputError
from comfy_gen.pipeline.progress import ProgressMeter
from comfy_gen.validation.takes import Take


def test_bar_shows_place_steps_speed_and_time_left():
    meter, screen = ProgressMeter("p"), io.StringIO()
    with progress.ProgressBar(Console(file=screen, force_terminal=True, width=100)) as show:
        for update in (
            Waiting(3),
            Waiting(0),
            meter.connected("http://engine"),
            meter.feed(Stepped("3", 1, 200), now=0.0),
            meter.feed(Stepped("3", 21, 200), now=2.0),
            Unheard(),
            meter.failed(NoOutputError("p")),
        ):
            show(update)
            show._progress.refresh()
    text = screen.getvalue()
    for words in ("Waiting, 3 ahead", "next in line", "Queued", "21/200", "10.0 it/s, 18 s left", "connection broke"):
        assert words in text


@pytest.mark.parametrize(
    ("steps", "seconds", "shown"), [(2, 1.0, "1.0 it/s, 3:18 left"), (2, 4.0, "4.0 s/it, 13:12 left")]
)
def test_slow_models_are_measured_in_seconds_a_step(steps, seconds, shown):
    meter = ProgressMeter("p")
    meter.feed(Stepped("3", 1, 200), now=0.0)
    assert progress._speed(meter.feed(Stepped("3", steps, 200), now=seconds)) == shown


def test_speed_is_left_out_until_it_is_known():
    assert progress._speed(ProgressMeter("p").feed(Stepped("3", 1, 20), now=0.0)) == ""


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_was_found_of_a_take_stays_on_the_screen(is_terminal):
    meter, screen = ProgressMeter("p"), io.StringIO()
    with progress.ProgressBar(Console(file=screen, force_terminal=is_terminal, width=100)) as show:
        show(meter.judging(1))
        show._progress.refresh()
        show(meter.judged(Take(number=1, passed=False, reason="[b]too dark[/b]")))
    assert "Take 1: [b]too dark[/b]" in screen.getvalue()
    assert ("Judging take 1" in screen.getvalue()) is is_terminal
