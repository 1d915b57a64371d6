from __future__ import annotations

import pytest

from comfy_gen.batch.change import Change, changed, checked_name, parse_change
from comfy_gen.errors import InvalidParameterError, RoleNotFoundError
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.roles import find_roles, value_of


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("seed=42", Change("seed", "42")),
        (" prompt = a=b", Change("prompt", " a=b")),
        ("57:8.steps=3", Change("57:8.steps", "3")),
        ("prompt=", Change("prompt", "")),
    ],
)
def test_change_is_read(text, change):
    assert parse_change(text, "set") == change


@pytest.mark.parametrize("text", ["seed", "", "=3", "sed=3", ".x=1", "3.=1"])
def test_what_is_no_change_is_refused(text):
    with pytest.raises(InvalidParameterError, match=r"^set is"):
        parse_change(text, "set")


def test_unknown_role_is_told_the_nearest():
    with pytest.raises(InvalidParameterError) as caught:
        checked_name("sed", "vary")
    assert "seed" in caught.value.hint


def test_copy_is_changed_and_the_workflow_is_not():
    workflow = load_template("sd15").workflow
    before = repr(workflow)
    result = changed(workflow, [Change("seed", "5"), Change("seed", "6"), Change("7.filename_prefix", "x")])
    assert value_of(result, find_roles(result).seed) == 6
    assert result["7"]["inputs"]["filename_prefix"] == "x"
    assert repr(workflow) == before


def test_what_the_workflow_has_not_is_refused():
    workflow = {"1": {"class_type": "EmptyImage", "inputs": {"width": 8}}}
    with pytest.raises(RoleNotFoundError):
        changed(workflow, [Change("seed", "1")])
    with pytest.raises(InvalidParameterError):
        changed(workflow, [Change("1.widht", "1")])
