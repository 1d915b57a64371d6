from __future__ import annotations

import pytest

from comfy_gen.comfyui.bodies import FileRef, files_of, parse_history_entry, parse_queue, rejection


def item(number, prompt_id):
    return [number, prompt_id, {}, {}, ["9"], {"sensitive": "of newer servers"}]


def test_pending_is_read_in_the_order_in_which_it_will_run():
    queue = parse_queue({"queue_running": [item(1, "a")], "queue_pending": [item(5, "c"), item(-2, "b"), item(7, "d")]})
    assert [entry.prompt_id for entry in queue.pending] == ["b", "c", "d"]
    assert [queue.position(name) for name in ("a", "b", "d", "x")] == [0, 1, 3, None]
    assert queue.prompt_ids == {"a", "b", "c", "d"}


def test_recorded_queue_is_read(trace):
    bodies = [line["body"] for line in trace("10_queue") if line.get("http", {}).get("path") == "/queue"]
    snapshots = [parse_queue(body) for body in bodies if isinstance(body, dict)]
    assert max(len(snapshot.pending) for snapshot in snapshots) == 4


def test_recorded_history_is_read(trace):
    (body,) = [
        line["body"] for line in trace("11_history") if line.get("http", {}).get("path") == "/history?max_items=2"
    ]
    entries = [parse_history_entry(key, entry) for key, entry in body.items()]
    assert len(entries) == 2
    assert {entry.status for entry in entries} <= {"success", "error"}
    assert any(files_of(entry.outputs) for entry in entries)


def test_history_of_an_old_server_without_status_is_a_success():
    assert parse_history_entry("p", {"outputs": None, "status": None}).status == "success"


def test_files_of_every_kind_are_found_and_plain_strings_are_not():
    outputs = {
        "9": {"images": [{"filename": "a.png", "subfolder": "x", "type": "temp"}], "animated": [True]},
        "12": {"gifs": [{"filename": "b.mp4"}, {"filename": None}], "text": ["hello"], "count": 3},
    }
    assert files_of(outputs) == [
        FileRef("a.png", "x", "temp", "9", "images"),
        FileRef("b.mp4", "", "output", "12", "gifs"),
    ]


@pytest.mark.traces("07_*")
def test_every_recorded_refusal_is_told_whole(trace_name, trace):
    for line in trace(trace_name):
        if line.get("status") == 400 and isinstance(line.get("body"), dict) and "error" in line["body"]:
            error = rejection(line["body"])
            told = [entry for node in line["body"]["node_errors"].values() for entry in node["errors"]]
            assert len(error.problems) == len(told)
            assert error.reason
            assert str(error).startswith("ComfyUI refused the workflow: ")


def test_refusal_as_plain_text_is_told_too():
    assert rejection({"error": "not allowed here"}).reason == "not allowed here"
