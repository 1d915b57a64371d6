"""The class that modifiers extend."""

from __future__ import annotations

from typing import ClassVar

import pytest

from comfy_gen.errors import (
    AssetFetchError,
    InvalidParameterError,
    InvalidRequestError,
    TemplateCardError,
    WorkflowNotFoundError,
)
from comfy_gen.pipeline.modifiers import BaseModifier
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.files import save_workflow
from tests.workflows.samples import node, plain


class Shipped(BaseModifier):
    """Uses a template.

    And more.
    """

    WORKFLOW_JSON = "sd15"


class Checked(BaseModifier):
    WORKFLOW_JSON = "sd15"
    PARAMETERS: ClassVar = {"seed": {"type": "integer", "minimum": 0}, "prompt": {"type": "string", "required": True}}


async def test_workflow_is_a_template_of_that_name():
    assert Shipped().workflow == load_template("sd15").workflow


@pytest.mark.parametrize("place", ["beside", "above", "working folder"])
def test_workflow_is_looked_for_in_three_folders(place, tmp_path, monkeypatch):
    home, elsewhere = tmp_path / "project" / "modifiers", tmp_path / "elsewhere"
    folder = {"beside": home, "above": home.parent, "working folder": elsewhere}[place]
    for path in (home, elsewhere, folder / "workflows"):
        path.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(elsewhere)

    class Own(BaseModifier):
        WORKFLOW_JSON = "workflows/mine.json"

    Own.home = home
    with pytest.raises(WorkflowNotFoundError):
        Own()
    save_workflow(plain(), folder / "workflows" / "mine.json")
    assert Own().workflow == plain()


def test_class_without_a_file_is_at_home_nowhere():
    made = type("Made", (BaseModifier,), {"__module__": "nowhere", "WORKFLOW_JSON": "sd15"})
    assert made.home is None
    assert made().workflow == load_template("sd15").workflow


def test_class_without_a_workflow_begins_with_none():
    assert BaseModifier({"a": 1}).workflow == {}


async def test_value_is_the_modification_or_the_default():
    modifier = Shipped({"seed": 0, "steps": None})
    assert await modifier.modify_workflow_value("seed", 5) == 0
    assert await modifier.modify_workflow_value("steps", 20) == 20
    assert await modifier.modify_workflow_value("prompt", None) is None


async def test_only_a_url_stands_for_itself():
    modifier = Shipped()
    assert await modifier.modify_workflow_value("https://example.com/a.png") == "https://example.com/a.png"
    with pytest.raises(InvalidParameterError, match="prompt is None, but must be given"):
        await modifier.modify_workflow_value("prompt")


async def test_modifications_are_a_copy():
    given = {"loras": [1]}
    modifier = Shipped(given)
    modifier.modifications["loras"].append(2)
    assert given == {"loras": [1]}


async def test_url_of_a_public_place_stays_where_it_is():
    modifier = Shipped()
    modifier.workflow["9"] = node("LoadImage", image="https://example.com/a.png")
    await modifier.apply_modifications()
    assert modifier.workflow["9"]["inputs"]["image"] == "https://example.com/a.png"


async def test_url_that_is_never_fetched_is_refused_at_once():
    modifier = Shipped()
    modifier.workflow["9"] = node("LoadImage", image="http://127.0.0.1/a.png")
    with pytest.raises(AssetFetchError, match="not public"):
        await modifier.apply_modifications()
    modifier.workflow["10"] = node("LoadImage", image="http://169.254.169.254/b.png")
    with pytest.raises(InvalidRequestError, match="2 things"):
        await modifier.apply_modifications()
    modifier.allow_private = True
    await modifier.apply_modifications()


async def test_prompt_with_a_url_is_left_alone():
    modifier = Shipped()
    modifier.workflow["2"]["inputs"]["text"] = "http://127.0.0.1/a.png"
    await modifier.apply_modifications()


def test_values_of_parameters_are_checked():
    with pytest.raises(InvalidParameterError) as caught:
        Checked({"seed": -1, "sede": 1})
    assert caught.value.message == (
        "sede is 1, but must be left out: Checked has no sede; "
        "seed is -1, but must be a whole number of at least 0; prompt is None, but must be text"
    )
    assert Checked({"prompt": "x"}).modifications == {"prompt": "x"}


def test_class_says_what_it_is_and_what_it_takes():
    assert (Shipped.summary(), Shipped.schema(), Checked.summary()) == ("Uses a template.", None, "")
    schema = Checked.schema()
    assert (schema["title"], schema["required"], [*schema["properties"]]) == ("Checked", ["prompt"], ["seed", "prompt"])


def test_parameters_that_mean_nothing_are_told():
    class Odd(BaseModifier):
        PARAMETERS: ClassVar = {"seed": {"type": "int"}}

    with pytest.raises(TemplateCardError, match="its type is 'int'"):
        Odd.parameters()
