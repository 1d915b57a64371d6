from __future__ import annotations

import math

from comfy_gen.comfyui.messages import Executed, Executing, ExecutionCached, ExecutionError, ExecutionStart
from comfy_gen.comfyui.tracker import NodeStarted, Started, Tracker
from comfy_gen.jobs.history import MOST_OF_A_MESSAGE, History, history_of
from comfy_gen.jobs.work.progress import Progress

GRAPH = {"3": {"class_type": "KSampler", "inputs": {}}, "9": {"class_type": "SaveImage", "inputs": {}}}
FILE = {"filename": "a.png", "subfolder": "", "type": "output"}


def told(*messages):
    tracker = Tracker("p", GRAPH)
    for message in messages:
        tracker.feed(message)
    return tracker


def kept(tracker, progress=None, **facts):
    return history_of(tracker, progress or Progress(0.0), **{"is_cancelled": False, "take": 1, "now": 12.3456, **facts})


def failed(**facts):
    return ExecutionError("p", "3", "KSampler", "E", "e", data={"prompt_id": "p", "node_id": "3", **facts})


def messages_of(message):
    return dict(kept(told(message)).messages)["execution_error"]


def test_what_was_said_is_kept_without_the_engines_id_and_read_again():
    start = ExecutionStart("p", {"prompt_id": "p", "timestamp": 5})
    cached = ExecutionCached("p", ("3",), {"prompt_id": "p", "nodes": ["3"], "timestamp": 6})
    output = {"images": [FILE], "text": ["a fox"]}
    history = kept(told(start, cached, Executed("p", "9", output)), take=2)
    assert history.messages == [
        ("execution_start", {"timestamp": 5}),
        ("execution_cached", {"nodes": ["3"], "timestamp": 6}),
    ]
    assert history.outputs == {"9": output}
    again = History.from_json(history.as_json())
    assert (again.messages, again.outputs, again.take) == (history.messages, history.outputs, 2)


def test_cancelled_prompt_was_interrupted_at_the_node_that_ran():
    progress = Progress(0.0)
    for event in (Started((), 2), NodeStarted("5", "Load", 0, 2), NodeStarted("3", "KSampler", 1, 2)):
        progress.feed(event, now=1.0)
    history = kept(told(ExecutionStart("p", {"timestamp": 5})), progress, is_cancelled=True)
    assert history.messages[-1] == (
        "execution_interrupted",
        {"node_id": "3", "node_type": "KSampler", "executed": ["5"], "timestamp": 12345},
    )


def test_last_word_of_an_engine_stands():
    history = kept(told(failed(executed=["5"])), is_cancelled=True)
    assert [name for name, _ in history.messages] == ["execution_error"]


def test_longest_parts_of_a_message_are_left_out_first():
    long = "x" * MOST_OF_A_MESSAGE
    assert messages_of(failed(current_inputs={"a": [long]}, traceback=["t"])) == {
        "node_id": "3",
        "current_inputs": {},
        "traceback": ["t"],
    }
    cut = messages_of(failed(exception_message=long, timestamp=7))
    assert (len(cut["exception_message"]), cut["timestamp"], cut["node_id"]) == (1000, 7, "3")


def test_numbers_that_json_does_not_know_are_not_kept():
    assert messages_of(failed(current_inputs={"cfg": [math.nan]}))["current_inputs"] == {}
    assert kept(told(Executed("p", "9", {"images": [FILE], "text": [math.nan]}))).outputs == {
        "9": {"images": [FILE], "text": []}
    }


def test_of_outputs_that_are_too_long_the_files_are_kept():
    long = {"images": [FILE], "text": ["x" * 300_000], "animated": True}
    assert kept(told(Executed("p", "9", long))).outputs == {"9": {"images": [FILE], "text": []}}
    files = {"images": [{**FILE, "filename": f"{number}.png"} for number in range(9_000)]}
    assert kept(told(Executed("p", "9", files))).outputs is None


def test_messages_of_the_stream_alone_are_no_history():
    assert kept(told(Executing("p", "3"))).messages == []
