from __future__ import annotations

import struct

import pytest

from comfy_gen.comfyui.messages import (
    Executed,
    Executing,
    ExecutionError,
    FeatureFlags,
    Logs,
    Preview,
    Progress,
    ProgressState,
    Status,
    Text,
    Unknown,
    decode,
    is_picture,
    parse,
    parse_binary,
)
from tests.comfyui.replay import message_of, messages_of


def test_every_recorded_frame_has_a_type(trace_name, trace):
    unknown = [message for message in messages_of(trace(trace_name)) if isinstance(message, Unknown)]
    assert unknown == []


def test_greeting_carries_the_client_id(trace):
    first = next(messages_of(trace("02_success_ksampler")))
    assert isinstance(first, Status)
    assert first.sid
    assert first.queue_remaining == 0


def test_answer_to_hello_carries_the_servers_flags(trace):
    flags = [
        message for message in messages_of(trace("03_success_ksampler_flags")) if isinstance(message, FeatureFlags)
    ]
    assert flags[0].flags["supports_preview_metadata"] is True


def test_previews_carry_prompt_and_node_after_hello(trace):
    lines = [line for line in trace("03_success_ksampler_flags") if "bin" in line]
    for line in lines:
        preview = message_of(line)
        assert isinstance(preview, Preview)
        assert (preview.prompt_id, preview.node_id) == (line["bin"]["metadata"]["prompt_id"], "3")
        assert preview.mime == "image/jpeg"


def test_previews_without_hello_carry_a_picture_only(trace):
    previews = [message for message in messages_of(trace("02_success_ksampler")) if isinstance(message, Preview)]
    assert len(previews) == 4
    assert {preview.prompt_id for preview in previews} == {None}
    assert all(preview.image.startswith(b"\xff\xd8") for preview in previews)


def test_failed_node_is_told_whole(trace):
    errors = [message for message in messages_of(trace("08_err_node_raises")) if isinstance(message, ExecutionError)]
    assert [error.node_type for error in errors] == ["VAEDecode"]
    assert errors[0].is_final
    assert errors[0].traceback


def test_greeting_in_mid_run_has_no_prompt(trace):
    nodes = [message for message in messages_of(trace("09_disconnect_reconnect")) if isinstance(message, Executing)]
    assert any(message.prompt_id is None and message.node for message in nodes)


@pytest.mark.parametrize("text", ["{not json", "[1, 2]", "null", '"text"'])
def test_garbled_text_is_none(text):
    assert decode(text) is None


def test_text_frame_is_its_object():
    assert decode('{"type": "status"}') == {"type": "status"}


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"type": "of a custom node", "data": {"value": 1}},
        {"type": "executing", "data": None},
        {"type": "executing", "data": {}},
        {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": "many"}}}},
        {"type": "execution_cached", "data": {"prompt_id": "p", "nodes": None}},
        {"type": "progress_state", "data": {"prompt_id": "p", "nodes": []}},
        {"type": "executed", "data": {"prompt_id": "p", "node": "1", "output": ["a"]}},
        {"type": "progress", "data": {"value": float("nan"), "max": 4}},
    ],
)
def test_unknown_type_or_shape_is_no_error(raw):
    assert isinstance(parse(raw), Unknown)


def test_node_ids_and_numbers_get_one_type():
    assert parse({"type": "executed", "data": {"prompt_id": "p", "node": 7, "output": None}}) == Executed("p", "7", {})
    assert parse({"type": "progress", "data": {"value": 1, "max": 4}}) == Progress(None, None, 1.0, 4.0)
    state = parse(
        {
            "type": "progress_state",
            "data": {"prompt_id": "p", "nodes": {"1": {"value": 0, "max": 1, "state": "running"}}},
        }
    )
    assert isinstance(state, ProgressState)
    assert state.nodes[0].state == "running"
    assert parse({"type": "logs", "data": {"entries": [{"m": "hello"}]}}) == Logs(({"m": "hello"},))


def test_binary_text_names_its_node():
    assert parse_binary(struct.pack(">II", 3, 2) + b"12" + b"half way") == Text("12", "half way")


def test_png_preview_says_so():
    assert parse_binary(struct.pack(">II", 1, 2) + b"png") == Preview(b"png", "image/png")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\x00",
        struct.pack(">I", 99) + b"new",
        struct.pack(">I", 1),
        struct.pack(">II", 4, 500) + b"{}",
        struct.pack(">II", 4, 3) + b"[1]",
        struct.pack(">II", 4, 2) + b"{{",
    ],
)
def test_short_or_unknown_binary_frame_is_no_error(frame):
    assert isinstance(parse_binary(frame), Unknown)


@pytest.mark.parametrize(
    ("frame", "is_one"),
    [({"type": "progress"}, False), (struct.pack(">II", 3, 1) + b"9text", False), (struct.pack(">I", 4), True)],
)
def test_frame_that_may_have_a_picture_is_known(frame, is_one):
    assert is_picture(frame) is is_one


@pytest.mark.parametrize(
    ("data", "named"), [({"prompt_id": "p"}, "p"), ({"prompt_id": 7}, None), ({}, None), ([], None)]
)
def test_message_of_an_unknown_type_may_name_its_prompt(data, named):
    assert Unknown("mine", data).prompt_id == named
