from __future__ import annotations

from typing import Any

from comfy_gen.sandbox.queue import Item
from comfy_gen.sandbox.run import Run

Sent = list[tuple[str, str | None]]


def started(**extra_data: str) -> tuple[Run, Sent]:
    sent: Sent = []

    def send(kind: str, _: dict[str, Any], *, to: str | None) -> None:
        sent.append((kind, to))

    prompt = {"1": {"class_type": "EmptyImage", "inputs": {}}, "2": {"class_type": "SaveImage", "inputs": {}}}
    return Run(Item(0, "p", prompt, dict(extra_data), ["2"]), send), sent


UI = {"images": [{"filename": "x.png", "subfolder": "", "type": "output"}]}


def test_client_hears_everything_in_order():
    run, sent = started(client_id="me")
    run.begin()
    run.skip([])
    run.start_node("2")
    run.report_step(1, 2)
    run.report_progress(1, 2)
    run.finish_node("2", UI)
    run.succeed()
    assert [kind for kind, _ in sent] == [
        "execution_start",
        "execution_cached",
        "progress_state",
        "executing",
        "progress_state",
        "progress",
        "executed",
        "progress_state",
        "execution_success",
    ]
    assert {to for _, to in sent} == {"me"}


def test_without_a_client_only_progress_goes_out_and_to_everybody():
    """ComfyUI behaviour."""
    run, sent = started()
    run.begin()
    run.start_node("2")
    run.finish_node("2", UI)
    run.succeed()
    assert sent == [("progress_state", None), ("progress_state", None)]
    assert run.entry()["outputs"] == {"2": UI}


def test_interrupt_without_a_client_is_told_to_everybody():
    run, sent = started()
    run.start_node("1")
    run.interrupt()
    assert sent[-1] == ("execution_interrupted", None)


def test_recalled_output_is_told_and_kept_only_with_a_client():
    """ComfyUI 0.3.75 behaviour."""
    for extra, kept in (({"client_id": "me"}, {"2": UI}), ({}, {})):
        run, _ = started(**extra)
        run.recall_node("2", UI)
        run.succeed()
        assert run.entry()["outputs"] == kept


def test_failed_prompt_keeps_where_and_why_in_its_entry():
    run, _ = started(client_id="me")
    run.begin()
    run.start_node("1")
    run.finish_node("1", None)
    run.start_node("2")
    run.fail({"exception_message": "no\n"})
    entry = run.entry()
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    kind, data = entry["status"]["messages"][-1]
    assert kind == "execution_error"
    del data["timestamp"]
    assert data == {
        "prompt_id": "p",
        "node_id": "2",
        "node_type": "SaveImage",
        "executed": ["1"],
        "exception_message": "no\n",
    }


def test_shown_node_is_in_the_meta():
    run, _ = started()
    run.start_node("2")
    run.finish_node("2", UI)
    run.succeed()
    assert run.entry()["meta"] == {"2": {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}}
