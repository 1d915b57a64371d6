from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.sandbox.engine import Engine
from comfy_gen.sandbox.faults import FaultScript
from comfy_gen.sandbox.files import Files
from comfy_gen.sandbox.options import SandboxOptions
from comfy_gen.workflows.checks.answers import Accepted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(SandboxOptions(), Files(tmp_path), FaultScript(), lambda _: None)


def test_numbers_count_every_prompt_but_those_that_bring_their_own(engine: Engine):
    """Recorded in 10_queue and 07_val_http_level."""
    bodies: list[Any] = [{}, [1, 2], "x", {"front": True}, {"number": -1000.5}, {"front": False}]
    assert [engine.take_number(body) for body in bodies] == [0, 1, 2, -3, -1000.5, 4]


@pytest.mark.parametrize("number", ["abc", None, [1]])
def test_number_that_is_none_is_refused(engine: Engine, number: object):
    with pytest.raises((TypeError, ValueError)):
        engine.take_number({"number": number})


def submitted(engine: Engine, **body: Any) -> Any:
    return engine.submit(body, Accepted(["2"], {}, {"2": {}}), 7)


async def test_submitted_prompt_is_queued_with_the_clients_id(engine: Engine):
    item = submitted(engine, client_id="me", prompt_id="mine", extra_data={"a": 1})
    assert (item.number, item.prompt_id, item.client_id, item.outputs) == (7, "mine", "me", ["2"])
    assert list(item.extra_data) == ["a", "client_id", "create_time"]
    assert engine.queue.pending == [item]


async def test_prompt_without_an_id_gets_a_new_one_and_an_odd_one_becomes_text(engine: Engine):
    """ComfyUI 0.3.75 behaviour."""
    assert submitted(engine).prompt_id != submitted(engine).prompt_id
    assert [submitted(engine, prompt_id=odd).prompt_id for odd in (7, None)] == ["7", "None"]


async def test_secrets_are_not_kept(engine: Engine):
    item = submitted(engine, extra_data={"api_key_comfy_org": "x", "auth_token_comfy_org": "y"})
    assert list(item.extra_data) == ["create_time"]


def test_classes_list_an_input_file_that_came_since(engine: Engine):
    before = engine.object_info()
    assert engine.object_info() is before
    (engine.files.folder("input") / "new.png").touch()
    assert engine.object_info()["LoadImage"]["input"]["required"]["image"][0] == ["new.png"]
