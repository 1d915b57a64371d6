"""The tracker against every recording of a real server, then case by case."""

from __future__ import annotations

import pytest

from comfy_gen.comfyui.bodies import HistoryEntry, parse_history_entry
from comfy_gen.comfyui.messages import (
    Executed,
    Executing,
    ExecutionCached,
    ExecutionError,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    Preview,
    Progress,
    ProgressState,
    Status,
    Unknown,
)
from comfy_gen.comfyui.tracker import (
    Ending,
    NodeStarted,
    Outcome,
    Previewed,
    Produced,
    Started,
    State,
    Stepped,
    Tracker,
    Unheard,
    Waiting,
)
from comfy_gen.errors import EngineLostError, ExecutionFailedError, InterruptedPromptError, NoOutputError
from tests.comfyui.replay import messages_of, replay

ENDINGS = {
    "01_ws_handshake": "success:1 queued",
    "02_success_ksampler": "success:1",
    "03_success_ksampler_flags": "success:1",
    "04_success_nomodel": "success:1",
    "05_cached_full": "success:1 success:1",
    "05_cached_full_noclient": "success:1 success:0 success:1",
    "05_cached_partial": "success:1 success:1 success:1 success:1",
    "06_batch4": "success:4",
    "06_history_race": "success:1 success:1 success:1 success:1",
    "06_lora": "success:1",
    "06_preview_batch3": "success:3",
    "07_val_bool_for_string": "success:1",
    "07_val_extra_input": "success:1",
    "07_val_float_for_int": "success:1",
    "07_val_http_level": "queued success:0 success:0",
    "07_val_int_as_string": "success:1",
    "07_val_nan": "success:1",
    "07_val_one_good_one_bad_output": "partial:1",
    "07_val_partial_targets": "success:1",
    "07_val_saveimage_traversal": "failed:0",
    "08_err_corrupt_checkpoint": "failed:0 failed:0",
    "08_err_corrupt_image": "failed:0",
    "08_err_node_raises": "failed:0",
    "08_err_save_outside": "failed:0",
    "08_err_then_ok_partial": "failed:0",
    "09_disconnect_reconnect": "success:1",
    "09_interrupt_idle": "success:1",
    "09_interrupt_running": "interrupted:0",
    "09_interrupt_targeted": "interrupted:0 success:1",
    "09_two_clients": "success:1 running",
    "10_queue": "interrupted:0 queued queued queued queued",
    "10_queue_order": "success:1 success:1 success:1 success:1 success:1",
    "14_upload_then_run": "success:1",
    "16_after_free": "success:1",
    "16_after_free_2": "success:1",
    "18_life_SIGINT": "running queued",
    "18_life_SIGKILL": "running queued",
    "18_life_SIGTERM": "running queued",
}
"""By recording, for each prompt that the server took: how it ended and how many files it left, or where it stood when
the recording did. Recordings without such a prompt are not named. Why some stand still:

- ``01``: its client id was taken by a second socket, whose clean-up silenced the first;
- ``07_val_http_level``, ``09_two_clients``: sent without a client id, so that nobody heard of them;
- ``10_queue``: taken out of the queue, of which the server tells nobody;
- ``18``: the server died. All of these are settled by asking, see ``test_aio.py``.
"""

GRAPH = {
    "1": {"class_type": "KSampler", "inputs": {}},
    "2": {"class_type": "VAEDecode", "inputs": {}},
    "3": {"class_type": "SaveImage", "inputs": {}},
}
OUTPUT = {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}
RAISED = ExecutionError("p", "1", "KSampler", "RuntimeError", "mat1 and mat2 shapes cannot be multiplied")
ENTRY = HistoryEntry("p", "success", {"3": OUTPUT}, interrupted=False, error=None, raw={})


def tracked(*messages):
    tracker = Tracker("p", GRAPH, url="http://engine")
    events = [event for message in messages for event in tracker.feed(message)]
    return tracker, events


def test_every_recorded_prompt_ends_as_it_did(trace_name, trace):
    stands = [_standing(tracker) for tracker in replay(trace(trace_name)).values()]
    assert " ".join(stands) == ENDINGS.get(trace_name, "")


def _standing(tracker: Tracker) -> str:
    if tracker.outcome is None:
        return tracker.state.value
    return f"{tracker.outcome.ending.value}:{len(tracker.outcome.files)}"


def test_partial_success_names_what_was_dropped(trace):
    (tracker,) = replay(trace("07_val_one_good_one_bad_output")).values()
    assert tracker.outcome is not None
    assert tracker.outcome.problems
    tracker.outcome.raise_for_failure()


def test_whole_run_gives_typed_events_in_order():
    tracker, events = tracked(
        Status(queue_remaining=3),
        ExecutionStart("p"),
        ExecutionCached("p", ("1",)),
        Executing("p", "2"),
        Progress("p", "2", 1.0, 4.0),
        Preview(b"jpeg", "image/jpeg", "p", "2"),
        Executing("p", "3"),
        Executed("p", "3", OUTPUT),
        ExecutionSuccess("p"),
        Executing("p", None),
    )
    assert events[:-1] == [
        Waiting(ahead=2),
        Started(cached=("1",), total=3),
        NodeStarted("2", "VAEDecode", done=1, total=3),
        Stepped("2", 1.0, 4.0),
        Previewed(b"jpeg", "image/jpeg", "2"),
        NodeStarted("3", "SaveImage", done=2, total=3),
        Produced("3", tuple(tracker.outcome.files)),
    ]
    assert isinstance(events[-1], Outcome)
    assert events[-1].ending is Ending.SUCCESS


def test_messages_for_others_mean_nothing():
    tracker, events = tracked(ExecutionStart("other"), ExecutionCached("other", ()), Executing("other", None))
    assert events == []
    assert tracker.state is State.QUEUED


def test_waiting_is_told_only_when_the_queue_gets_shorter():
    _, events = tracked(Status(5), Status(6), Status(5), Status(2), Status(0))
    assert events == [Waiting(4), Waiting(1)]


def test_queue_length_means_nothing_once_it_runs():
    _, events = tracked(ExecutionStart("p"), Status(4))
    assert events == []


def test_old_servers_preview_belongs_to_what_runs():
    nameless = Preview(b"x", "image/jpeg")
    assert tracked(nameless)[1] == []
    assert tracked(Executing("p", "1"), nameless)[1][-1] == Previewed(b"x", "image/jpeg", "1")


def test_missed_start_is_made_up_by_the_first_node():
    assert tracked(Executing("p", "1"))[1] == [Started((), 3), NodeStarted("1", "KSampler", 0, 3)]


def test_progress_state_alone_tells_that_it_runs():
    assert tracked(ProgressState("p", ()))[0].state is State.RUNNING


def test_progress_of_an_old_server_belongs_to_the_current_node():
    assert tracked(Executing("p", "1"), Progress("p", None, 2, 4))[1][-1] == Stepped("1", 2, 4)


def test_unknown_messages_are_ignored():
    assert tracked(Unknown("crystools.monitor", {}))[1] == []


def test_raised_node_fails_the_prompt_with_its_class_of_failure():
    tracker, _ = tracked(ExecutionStart("p"), RAISED, Executing("p", None))
    assert tracker.outcome.ending is Ending.FAILED
    with pytest.raises(ExecutionFailedError) as caught:
        tracker.outcome.raise_for_failure()
    assert caught.value.node_id == "1"


def test_blocked_branch_is_not_the_end():
    blocked = ExecutionError("p", "2", "VAEDecode", "ExecutionBlocked", "blocked")
    tracker, _ = tracked(ExecutionStart("p"), blocked, Executed("p", "3", OUTPUT), ExecutionSuccess("p"))
    assert not tracker.outcome
    tracker.feed(Executing("p", None))
    assert tracker.outcome.ending is Ending.SUCCESS


def test_interruption_ends_it_as_interrupted():
    tracker, _ = tracked(ExecutionStart("p"), ExecutionInterrupted("p", "1"), Executing("p", None))
    assert tracker.outcome.ending is Ending.INTERRUPTED
    with pytest.raises(InterruptedPromptError):
        tracker.outcome.raise_for_failure()


def test_end_after_a_gap_waits_for_the_history():
    tracker = Tracker("p", GRAPH)
    tracker.gap()
    assert tracker.feed(Executing("p", None)) == []
    assert tracker.wants_history
    (outcome,) = tracker.settle(ENTRY, position=None)
    assert outcome.outputs == {"3": OUTPUT}


def test_broken_connection_is_told_once_and_not_after_the_end():
    tracker, _ = tracked()
    assert tracker.gap() == [Unheard()]
    assert tracker.gap() == []
    ended, _ = tracked()
    ended.remove()
    assert ended.gap() == []


def test_giving_up_ends_what_has_not_ended():
    tracker, _ = tracked()
    (outcome,) = tracker.give_up(NoOutputError("p"))
    assert (outcome.ending, outcome.error.code) == (Ending.LOST, "no_output")
    assert tracker.give_up(NoOutputError("p")) == []


def test_success_without_outputs_waits_for_the_history():
    """ComfyUI sends no ``executed`` for a cached output to a client that never got it."""
    tracker, _ = tracked(ExecutionStart("p"), ExecutionSuccess("p"), Executing("p", None))
    assert tracker.wants_history


def test_outputs_of_socket_and_history_are_put_together():
    tracker, _ = tracked(Executed("p", "2", OUTPUT))
    tracker.settle(ENTRY, position=None)
    assert set(tracker.outcome.outputs) == {"2", "3"}


@pytest.mark.parametrize(
    ("entry", "ending"),
    [
        (ENTRY, Ending.SUCCESS),
        (HistoryEntry("p", "error", {}, interrupted=True, error=None, raw={}), Ending.INTERRUPTED),
        (HistoryEntry("p", "error", {}, interrupted=False, error=RAISED, raw={}), Ending.FAILED),
        (HistoryEntry("p", "error", {}, interrupted=False, error=None, raw={}), Ending.LOST),
    ],
)
def test_history_alone_tells_the_ending(entry, ending):
    tracker, _ = tracked()
    tracker.settle(entry, position=None)
    assert tracker.outcome.ending is ending


def test_position_in_the_queue_tells_how_many_are_ahead():
    tracker, _ = tracked()
    assert tracker.settle(None, position=4) == [Waiting(4)]
    assert tracker.settle(None, position=4) == []
    assert tracker.settle(None, position=0) == [Started((), 3)]
    assert tracker.settle(None, position=0) == []


def test_vanished_from_the_queue_without_a_gap_was_removed():
    tracker, _ = tracked()
    (outcome,) = tracker.settle(None, position=None)
    assert outcome.ending is Ending.REMOVED


@pytest.mark.parametrize("messages", [[], [ExecutionStart("p")]])
def test_vanished_after_a_gap_is_lost(messages):
    tracker, _ = tracked(*messages)
    tracker.gap()
    (outcome,) = tracker.settle(None, position=None)
    assert outcome.ending is Ending.LOST
    assert isinstance(outcome.error, EngineLostError)


def test_end_that_was_heard_holds_though_the_history_is_gone():
    tracker, _ = tracked(Executed("p", "3", OUTPUT), ExecutionSuccess("p"))
    (outcome,) = tracker.settle(None, position=None)
    assert outcome.ending is Ending.SUCCESS


def test_what_is_said_of_the_run_is_kept_as_the_history_has_it(trace):
    lines = trace("02_success_ksampler")
    (prompt_id,) = {line["body"]["prompt_id"] for line in lines if line.get("http", {}).get("method") == "POST"}
    (entry,) = [line["body"][prompt_id] for line in lines if line.get("http", {}).get("path", "").endswith(prompt_id)]
    heard, settled = Tracker(prompt_id, {}), Tracker(prompt_id, {})
    for message in messages_of(lines):
        heard.feed(message)
    settled.settle(parse_history_entry(prompt_id, entry), position=None)
    assert heard.told == settled.told == [(name, data) for name, data in entry["status"]["messages"]]
    assert heard.outputs == entry["outputs"]


def test_branch_that_is_blocked_is_not_in_the_history():
    tracker = Tracker("p", {})
    tracker.feed(ExecutionError("p", "3", "Switch", "ExecutionBlocked", "no"))
    assert tracker.told == []


def test_nothing_changes_after_the_end():
    tracker, _ = tracked()
    tracker.remove()
    assert tracker.feed(Executing("p", "1")) == []
    assert tracker.settle(ENTRY, position=None) == []
    assert tracker.outcome.ending is Ending.REMOVED
