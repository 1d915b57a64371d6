"""All modifiers by name, and what becomes of what they raise."""

from __future__ import annotations

import logging

import jsonschema
import pytest

from comfy_gen.errors import InvalidParameterError, ModifierError, ModifierNotFoundError, WorkflowFormatError
from comfy_gen.pipeline.modifiers import BaseModifier, Modifiers

OWN = """
from modifiers.basemodifier import BaseModifier

class Text2Image(BaseModifier):
    '''Ours.'''
    WORKFLOW_JSON = "sd15"
"""


class Own(BaseModifier):
    WORKFLOW_JSON = "sd15"


def only(kind):
    return Modifiers({"It": kind})


async def test_folder_goes_before_what_ships(tmp_path):
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    modifiers = Modifiers.load(tmp_path)
    assert modifiers.names() == ["Image2Image", "Inpaint", "LoRA", "Text2Image", "Upscale"]
    assert modifiers.get("Text2Image").summary() == "Ours."


def test_problem_is_logged_and_kept(tmp_path, caplog):
    (tmp_path / "bad.py").write_text("1 / 0", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        modifiers = Modifiers.load(tmp_path)
    assert [problem.name for problem in modifiers.problems] == ["bad"]
    assert caplog.messages == ["the modifier bad failed: ZeroDivisionError: division by zero"]


async def test_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ModifierNotFoundError) as caught:
        await Modifiers.load().apply("text2img")
    assert caught.value.known[0] == "Text2Image"


@pytest.mark.parametrize("error", [KeyError("77"), SystemExit(1), RecursionError()])
async def test_what_a_modifier_raises_is_told_by_type_and_message(error):
    class Failing(Own):
        async def apply_modifications(self):
            raise error

    with pytest.raises(ModifierError) as caught:
        await only(Failing).apply("It")
    assert caught.value.message.startswith(f"the modifier It failed: {type(error).__name__}")


async def test_modifier_that_cannot_be_made_is_told():
    class Odd(Own):
        def __init__(self):
            super().__init__()

    with pytest.raises(ModifierError, match="TypeError"):
        await only(Odd).apply("It")


async def test_error_of_ours_passes_through():
    class Picky(Own):
        async def apply_modifications(self):
            await self.modify_workflow_value("prompt")

    with pytest.raises(InvalidParameterError):
        await only(Picky).apply("It")


@pytest.mark.parametrize("value", [{1}, float("nan"), b"bytes"])
async def test_workflow_that_is_no_json_is_the_modifiers_fault(value):
    class Odd(Own):
        async def apply_modifications(self):
            self.workflow["5"]["inputs"]["seed"] = value

    with pytest.raises(ModifierError):
        await only(Odd).apply("It")


async def test_what_is_no_workflow_is_refused():
    with pytest.raises(WorkflowFormatError, match="the workflow of It"):
        await only(BaseModifier).apply("It")


async def test_workflow_is_the_callers_own():
    kept = []

    class Keeping(Own):
        async def apply_modifications(self):
            self.workflow["5"]["inputs"]["steps"] = (1, 2)
            kept.append(self.workflow)

    made = await only(Keeping).apply("It", {"a": 1})
    assert made["5"]["inputs"]["steps"] == [1, 2]
    assert made is not kept[0]


async def test_private_addresses_are_allowed_where_they_are_everywhere():
    class Near(Own):
        async def apply_modifications(self):
            self.workflow["9"] = {"class_type": "LoadImage", "inputs": {"image": "http://127.0.0.1/a.png"}}
            await super().apply_modifications()

    made = await Modifiers({"It": Near}, allow_private=True).apply("It")
    assert made["9"]["inputs"]["image"] == "http://127.0.0.1/a.png"


def test_description_has_a_schema_where_there_is_one():
    described = {one["name"]: one for one in Modifiers.load().describe()}
    for one in described.values():
        jsonschema.Draft202012Validator.check_schema(one["parameters"])
    assert described["Upscale"]["parameters"]["required"] == ["input_image"]
    assert only(Own).describe() == [{"name": "It", "summary": "", "parameters": None}]
