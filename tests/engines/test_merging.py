"""Many engines' node classes are put together as if they were one engine's."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from comfy_gen.engines.merging import choices_of, merged, shared, with_choices

GIVEN = f"comfygen-{'a' * 20}.png"


def loader(*names, kind="list") -> dict[str, Any]:
    spec = [[*names], {"tooltip": "x"}] if kind == "list" else ["COMBO", {"options": [*names], "tooltip": "x"}]
    return {"input": {"required": {"name": spec, "strength": ["FLOAT", {"min": 0}]}}, "output": ["MODEL"]}


def names_in(info, name="Loader"):
    return choices_of(info[name]["input"]["required"]["name"])


def test_classes_of_all_engines_are_there():
    assert {*merged([{"A": loader("a")}, {"B": loader("b")}])} == {"A", "B"}


@pytest.mark.parametrize("kinds", [("list", "list"), ("list", "new"), ("new", "list"), ("new", "new")])
def test_choices_of_all_engines_are_there_each_once_in_the_words_of_the_first(kinds):
    first, second = kinds
    together = merged([{"Loader": loader("b", "a", kind=first)}, {"Loader": loader("a", "c", kind=second)}])
    assert together["Loader"] == loader("b", "a", "c", kind=first)


def test_what_is_not_a_choice_is_as_the_first_engine_declares_it():
    other = loader("a")
    other["input"]["required"]["strength"] = ["FLOAT", {"min": -10}]
    other["input"]["required"]["extra"] = ["INT"]
    assert merged([{"Loader": loader("a")}, {"Loader": other}]) == {"Loader": loader("a")}


def test_class_that_is_the_same_everywhere_is_the_very_same():
    declaration = loader("a")
    assert merged([{"Loader": declaration}, {"Loader": copy.deepcopy(declaration)}])["Loader"] is declaration


def test_engines_answers_are_left_as_they_are():
    infos = [{"Loader": loader("a")}, {"Loader": loader("b")}]
    before = copy.deepcopy(infos)
    merged(infos)
    assert infos == before


def test_files_that_an_engine_was_given_for_a_job_are_nobody_elses_to_see():
    assert names_in(merged([{"Loader": loader("example.png", GIVEN)}])) == ["example.png"]


def test_choices_need_not_be_texts():
    together = merged([{"Loader": loader(1, True, "1")}, {"Loader": loader(1.5, ["x"])}])
    assert names_in(together) == [1, True, "1", 1.5, ["x"]]


@pytest.mark.parametrize(
    "declaration",
    [{}, {"input": None}, {"input": {"required": None}}, {"input": {"required": {"a": [], "b": None, "c": ["COMBO"]}}}],
)
def test_declaration_that_makes_no_sense_is_passed_on(declaration):
    assert merged([{"Odd": declaration}, {"Odd": loader("a")}])["Odd"] is declaration
    assert merged([{"Odd": loader("a")}, {"Odd": declaration}])["Odd"] == loader("a")


def test_choices_are_replaced_in_either_way_to_write_them():
    for kind in ("list", "new"):
        spec = loader("a", kind=kind)["input"]["required"]["name"]
        assert choices_of(with_choices(spec, ["b"])) == ["b"]
        assert choices_of(spec) == ["a"]
    assert choices_of(["FLOAT", {"options": ["a"]}]) is None


def test_what_engines_have_in_common_is_in_memory_once():
    known = {"Same": loader("a"), "Other": loader("b")}
    answer = shared(copy.deepcopy(known) | {"Other": loader("c")}, [{}, known])
    assert answer["Same"] is known["Same"]
    assert answer["Other"] == loader("c")
