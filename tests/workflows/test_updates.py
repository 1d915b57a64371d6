from __future__ import annotations

import pytest

from comfy_gen.errors import InvalidParameterError, RoleNotFoundError
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.updates import (
    ROLES,
    Update,
    apply_settings,
    apply_updates,
    parse_setting,
    parse_update,
)


@pytest.fixture
def sd15():
    return load_template("sd15").workflow


def updated(workflow, *texts, info=None):
    return apply_updates(workflow, [parse_update(text) for text in texts], info)


def test_update_is_read_and_its_value_may_hold_anything():
    assert parse_update("57:8.text=a = b.c") == Update("57:8", "text", "a = b.c")
    assert parse_update("3.text=") == Update("3", "text", "")


@pytest.mark.parametrize("text", ["3.seed", "seed=4", ".seed=4", "3.=4", "=4", ""])
def test_unreadable_update_is_refused(text):
    with pytest.raises(InvalidParameterError, match=r"NODE\.INPUT=VALUE"):
        parse_update(text)


def test_values_get_the_type_that_the_engine_declares(sd15, object_info):
    workflow = updated(
        sd15, "5.seed=42", "5.cfg=7", "5.sampler_name=heun", "2.text=12", '7.images=["6", 0]', info=object_info
    )
    assert workflow is sd15
    assert workflow["5"]["inputs"]["seed"] == 42
    assert isinstance(workflow["5"]["inputs"]["cfg"], float)
    assert workflow["5"]["inputs"]["sampler_name"] == "heun"
    assert workflow["2"]["inputs"]["text"] == "12"
    assert workflow["7"]["inputs"]["images"] == ["6", 0]


def test_declared_input_may_be_added(sd15, object_info):
    del sd15["5"]["inputs"]["seed"]
    assert updated(sd15, "5.seed=42", info=object_info)["5"]["inputs"]["seed"] == 42


def test_without_an_engine_values_get_the_type_of_what_stands_there(sd15):
    sd15["9"] = {"class_type": "Own", "inputs": {"on": True, "ratio": 0.5, "count": 2, "name": "x", "model": ["1", 0]}}
    updated(sd15, "9.on=no", "9.ratio=1", "9.count=3", "9.name=7", "9.model=other")
    assert sd15["9"]["inputs"] == {"on": False, "ratio": 1.0, "count": 3, "name": "7", "model": "other"}


def test_booleans_and_choices_follow_the_declaration():
    info = {
        "Own": {
            "input": {"required": {"on": ["BOOLEAN", {}], "size": [[1, 2], {}], "kind": ["COMBO", {"options": ["a"]}]}}
        }
    }
    workflow = {"1": {"class_type": "Own", "inputs": {}}}
    updated(workflow, "1.on=Yes", "1.size=2", "1.kind=b", info=info)
    assert workflow["1"]["inputs"] == {"on": True, "size": 2, "kind": "b"}


def test_everything_wrong_is_told_and_nothing_written(sd15, object_info):
    before = str(sd15)
    with pytest.raises(InvalidParameterError) as caught:
        updated(sd15, "5.steps=4", "99.seed=1", "5.sed=1", "5.seed=many", "5.cfg=x", info=object_info)
    assert [error.name for error in (caught.value, *caught.value.others)] == ["update", "update", "5.seed", "5.cfg"]
    assert "nearest: seed" in caught.value.hint
    assert str(sd15) == before


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_what_is_no_number_of_json_is_refused(sd15, text):
    with pytest.raises(InvalidParameterError, match="a number"):
        updated(sd15, f"5.cfg={text}")


def test_neither_true_nor_false_is_refused():
    with pytest.raises(InvalidParameterError, match="true or false"):
        updated({"1": {"class_type": "Own", "inputs": {"on": True}}}, "1.on=maybe")


def test_input_of_a_node_that_has_none_is_refused():
    with pytest.raises(InvalidParameterError, match="an input that Own has"):
        updated({"1": {"class_type": "Own", "inputs": {}}}, "1.on=maybe")


def test_settings_find_their_roles(sd15):
    settings = [("prompt", "a fox"), ("negative", "fog"), ("seed", "4"), ("cfg", "5"), ("width", "640"), ("steps", "9")]
    made = parameters_of(apply_settings(sd15, settings))
    assert (made.prompt, made.negative, made.seed, made.cfg, made.steps) == ("a fox", "fog", 4, 5.0, 9)
    assert (made.width, made.height) == (640, 512)


def test_setting_is_read():
    assert parse_setting("prompt=a = b") == ("prompt", "a = b")


@pytest.mark.parametrize(("text", "said"), [("seed", "ROLE=VALUE"), ("sed=4", "one of prompt")])
def test_unreadable_setting_is_refused(text, said):
    with pytest.raises(InvalidParameterError, match=said):
        parse_setting(text)


def test_setting_of_another_type_is_refused(sd15):
    with pytest.raises(InvalidParameterError, match="a whole number"):
        apply_settings(sd15, [("steps", "many")])


@pytest.mark.parametrize("role", sorted(ROLES))
def test_setting_without_a_role_is_refused(role):
    workflow = {"1": {"class_type": "SaveImage", "inputs": {}}}
    with pytest.raises(RoleNotFoundError):
        apply_settings(workflow, [(role, "8")])
