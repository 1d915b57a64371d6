import pytest

from comfy_gen.comfyui.bodies import FileRef
from comfy_gen.comfyui.tracker import NodeStarted, Previewed, Produced, Started, Stepped, Waiting
from comfy_gen.errors import NoOutputError
from comfy_gen.pipeline.progress import ProgressMeter
from comfy_gen.validation.takes import Take


@pytest.fixture
def meter():
    return ProgressMeter("p")


def test_speed_and_time_left_are_measured_from_the_first_step(meter):
    first = meter.feed(Stepped("3", 1, 20), now=100.0)
    later = meter.feed(Stepped("3", 11, 20), now=105.0)
    assert (first.percent, first.eta_seconds, first.steps_per_second) == (5, None, None)
    assert later.as_json() == {
        "type": "progress",
        "prompt_id": "p",
        "message": "Sampling: 11/20 steps (55%)",
        "step": 11,
        "max_steps": 20,
        "percent": 55,
        "eta_seconds": 4.5,
        "steps_per_second": 2.0,
        "node_id": "3",
    }


@pytest.mark.parametrize("again", [Stepped("4", 1, 20), Stepped("3", 1, 20)])
def test_another_node_or_a_new_count_is_measured_anew(meter, again):
    meter.feed(Stepped("3", 1, 20), now=0.0)
    meter.feed(Stepped("3", 20, 20), now=1.0)
    assert meter.feed(again, now=9.0).steps_per_second is None


def test_count_without_a_maximum_has_no_percent_to_fail_on(meter):
    assert meter.feed(Stepped("3", 0, 0), now=0.0).percent == 0


def test_start_tells_what_is_cached(meter):
    assert meter.feed(Started((), 7), now=0).type == "start"
    cached = meter.feed(Started(("1", "2"), 7), now=0)
    assert (cached.type, cached.message) == ("cached", "2 of 7 nodes are cached")


def test_nodes_are_told_by_class_and_place(meter):
    assert meter.feed(NodeStarted("3", "KSampler", 4, 7), now=0).message == "KSampler (5/7)"
    assert meter.feed(NodeStarted("3", "", 7, 7), now=0).message == "node (8/8)"
    assert meter.feed(Produced("9", (FileRef("a.png"),)), now=0).message == "Node 9 left 1 file(s)"


@pytest.mark.parametrize("event", [Waiting(3), Previewed(b"", "image/png", "3")])
def test_events_that_are_no_progress_are_none(meter, event):
    assert meter.feed(event, now=0) is None


def test_both_ends_are_told_by_the_caller(meter):
    assert meter.connected("http://engine").message == "Connected to http://engine"
    assert meter.completed(("a.png",), partly=True).as_json() == {
        "type": "complete",
        "prompt_id": "p",
        "message": "Generation completed in part",
        "percent": 100,
        "files": ("a.png",),
    }
    assert meter.failed(NoOutputError("p")).message == "prompt p succeeded but saved nothing"


def test_takes_are_told_with_what_was_found(meter):
    assert meter.judging(2).as_json() == {"type": "judging", "prompt_id": "p", "message": "Judging take 2", "take": 2}
    take = Take(number=2, passed=False, score=0.21, reason="too dark")
    told = meter.judged(take, 7).as_json()
    assert told["message"] == "Take 2 of seed 7: too dark"
    assert (told["type"], told["take"], told["passed"], told["score"]) == ("take", 2, False, 0.21)
