"""One prompt as its client is told of it, whatever attempts it takes."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfyui.frames import Picture
from comfy_gen.api.dialects.comfyui.story import Ending, Story
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.history import History
from comfy_gen.jobs.job import JobState
from tests.api.dialects.comfyui.telling import JOB, preview, said

NOW = 1_000
BEGUN = ["execution_start", "execution_cached"]
OUTPUTS = {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}


def hear(story, *frames):
    return kinds(message for frame in frames for message in story.hear(frame))


def kinds(messages):
    return [message["type"] for message in messages]


def end(story, state=JobState.COMPLETED, failure=None, history=None):
    return story.end(Ending(state, failure, history), now=NOW)


@pytest.fixture
def story() -> Story:
    return Story(JOB)


@pytest.fixture
def begun(story) -> Story:
    """A story whose engine is at a node."""
    hear(story, said("execution_start"), said("execution_cached", nodes=[]), said("executing", node="4"))
    hear(story, said("executing", node="3"))
    return story


@pytest.mark.parametrize(
    "name", ["02_success_ksampler", "04_success_nomodel", "05_cached_full", "06_batch4", "08_err_node_raises"]
)
def test_recorded_run_is_told_as_it_was_recorded(trace, name):
    """ComfyUI behaviour: but for its last message, which whoever knows the queue's new length tells."""
    prompt_id = next(line["body"]["prompt_id"] for line in trace(name) if line.get("http", {}).get("path") == "/prompt")
    messages = [line["msg"] for line in trace(name) if "msg" in line]
    frames = [message for message in messages if message["data"].get("prompt_id") == prompt_id]
    story, state = Story(JOB), JobState.FAILED if "err" in name else JobState.COMPLETED
    heard = [message for frame in frames for message in story.hear(frame)]
    assert kinds([*heard, *end(story, state)]) == kinds(frames[:-1])


def test_last_word_is_kept_until_the_job_has_ended(begun):
    assert hear(begun, said("execution_success", timestamp=5), said("executing", node=None)) == []
    assert end(begun) == [{"type": "execution_success", "data": {"prompt_id": JOB, "timestamp": 5}}]


def test_error_of_an_attempt_that_is_made_again_is_not_told(begun):
    assert hear(begun, said("execution_error", exception_type="OutOfMemoryError")) == []
    begun.again()
    assert hear(begun, said("execution_start"), said("executing", node="4")) == ["executing"]
    hear(begun, said("execution_success", timestamp=6))
    assert kinds(end(begun)) == ["execution_success"]


def test_branch_that_is_blocked_is_told_and_ends_nothing(begun):
    blocked = said("execution_error", exception_type="ExecutionBlocked")
    assert hear(begun, blocked) == ["execution_error"]
    hear(begun, said("execution_success", timestamp=6))
    assert kinds(end(begun)) == ["execution_success"]


def test_job_that_failed_after_its_engine_was_done_ends_in_an_error(begun):
    hear(begun, said("execution_success", timestamp=6))
    (last,) = end(begun, JobState.FAILED, JobFailure("storage_failed", "no room"))
    assert (last["type"], last["data"]["exception_type"], last["data"]["node_id"]) == (
        "execution_error",
        "storage_failed",
        "3",
    )
    assert last["data"]["executed"] == ["4"]


def test_engines_own_error_is_told_whole(begun):
    hear(begun, said("execution_error", exception_type="ValueError", traceback=["line"], current_inputs={"x": [1]}))
    (last,) = end(begun, JobState.FAILED, JobFailure("internal", "node 3 failed"))
    assert last["data"] == {
        "prompt_id": JOB,
        "exception_type": "ValueError",
        "traceback": ["line"],
        "current_inputs": {"x": [1]},
    }


def test_failure_before_any_engine_began_is_told_with_a_beginning(story):
    messages = end(story, JobState.FAILED, JobFailure("no_capable_engine", "none has the model"))
    assert kinds(messages) == [*BEGUN, "execution_error"]
    assert story.has_begun


def test_job_that_was_cancelled_while_it_waited_is_not_told_of(story):
    """ComfyUI behaviour: a prompt that is deleted from the queue leaves no message but the queue's length."""
    assert end(story, JobState.CANCELLED) == []
    assert not story.has_begun


def test_job_that_was_cancelled_is_interrupted_though_its_engine_has_not_said_so_yet(begun):
    (last,) = end(begun, JobState.CANCELLED)
    assert last["type"] == "execution_interrupted"
    assert last["data"] == {"prompt_id": JOB, "node_id": "3", "node_type": "", "executed": ["4"], "timestamp": NOW}


def test_last_word_that_is_kept_with_the_job_goes_before_one_that_is_made_up(begun):
    kept = ("execution_interrupted", {"node_id": "3", "node_type": "KSampler", "executed": [], "timestamp": 5})
    (last,) = end(begun, JobState.CANCELLED, history=History([kept]))
    assert last["data"] == {**kept[1], "prompt_id": JOB}


def test_outputs_that_nobody_heard_of_are_told_at_the_end(begun):
    hear(begun, said("executed", node="8", output={}))
    messages = end(begun, history=History([("execution_success", {"timestamp": 5})], {"8": {}, **OUTPUTS}))
    assert kinds(messages) == ["executed", "executed", "execution_success"]
    assert messages[1]["data"]["output"]["images"][0]["subfolder"] == f"{JOB}/9"


def test_output_is_told_of_when_the_run_goes_on(begun):
    output, state = said("executed", node="9", output={}), said("progress_state", nodes={})
    assert hear(begun, output, state) == []
    assert hear(begun, said("executing", node="8")) == ["executed", "progress_state", "executing"]


def test_output_is_told_of_when_another_node_counts_on(begun):
    """Some nodes are done while others wait for something."""
    assert hear(begun, said("executed", node="9", output={}), preview()) == []
    (output, picture, progress) = begun.hear(said("progress", value=2, max=4, node="3"))
    assert isinstance(picture, Picture)
    assert kinds([output, progress]) == ["executed", "progress"]


def test_last_output_is_told_of_with_the_end(begun):
    state = said("progress_state", nodes={})
    assert hear(begun, said("executed", node="9", output={}), state, said("execution_success", timestamp=5)) == []
    assert kinds(end(begun)) == ["executed", "progress_state", "execution_success"]


def test_outputs_of_an_attempt_that_is_made_again_are_forgotten(begun):
    hear(begun, said("executed", node="9", output={}))
    begun.again()
    assert kinds(end(begun)) == ["execution_success"]


def test_pictures_are_shown_and_garbled_ones_are_not(begun):
    (picture,) = begun.hear(preview())
    assert isinstance(picture, Picture)
    assert begun.hear(b"\0\0") == []


@pytest.mark.parametrize("message", [{"type": "my.node", "data": {"x": 1}}, {"type": "odd", "data": [1]}, {}])
def test_messages_of_custom_nodes_are_passed_on(begun, message):
    assert begun.hear(message) == [message]


def test_who_comes_in_mid_run_is_not_told_that_it_begins():
    story = Story(JOB, has_begun=True, node="3")
    assert hear(story, said("execution_start"), said("progress", value=2, max=4, node="3")) == ["progress"]


# --- where another process listens to the engine


def test_reports_are_told_as_a_run_that_begins_with_its_first_node(story):
    assert story.see({"ahead": 1}, now=NOW) == []
    assert kinds(story.see({"node_id": "3"}, now=NOW)) == [*BEGUN, "progress_state", "executing"]
    assert kinds(story.see({"node_id": "3", "step": 1, "steps": 2}, now=NOW)) == ["progress_state", "progress"]
    history = History([("execution_success", {"timestamp": 5})], OUTPUTS)
    assert kinds(end(story, history=history)) == ["executed", "progress_state", "execution_success"]


def test_job_that_was_done_before_anything_was_seen_is_told_all_at_once(story):
    assert kinds(end(story, history=History([], OUTPUTS))) == [*BEGUN, "executed", "execution_success"]


def test_reports_of_an_engine_that_is_heard_say_nothing_new(begun):
    assert begun.see({"node_id": "3", "step": 1, "steps": 2}, now=NOW) == []


def test_next_attempt_may_be_another_process_s(begun):
    begun.again()
    assert kinds(begun.see({"node_id": "4"}, now=NOW)) == ["progress_state", "executing"]
