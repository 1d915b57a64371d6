from __future__ import annotations

import pytest

from comfy_gen.workflows.catalogue import all_templates, load_template
from comfy_gen.workflows.literals import MOST_CHOICES, literal_inputs, title_of
from comfy_gen.workflows.template import Template

INFO = {
    "Thing": {
        "input": {
            "required": {
                "count": ["INT", {"min": 0}],
                "share": ["FLOAT", {}],
                "is_on": ["BOOLEAN", {}],
                "words": ["STRING", {}],
                "kind": [[*map(str, range(900))], {}],
                "any": ["*", {}],
            }
        }
    }
}
GRAPH = {
    "1": {
        "class_type": "Thing",
        "inputs": {
            "count": 1,
            "share": 1,
            "is_on": True,
            "words": "a",
            "kind": "3",
            "any": 2,
            "link": ["2", 0],
            "list": [1, 2, 3],
            "object": {"a": 1},
            "none": None,
        },
    },
    "2": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "Photo"}},
}


def kinds(info=None):
    template = Template(name="x", workflow=GRAPH)
    return {one.slot.input_name: one.type for one in literal_inputs(template, info)}


def test_inputs_are_of_the_types_that_an_engine_declares():
    told = {"count": "integer", "share": "number", "is_on": "boolean", "words": "string", "kind": "choice"}
    assert kinds(INFO) == {**told, "any": "number", "image": "image"}


def test_without_an_engine_values_tell_the_types():
    told = {"count": "number", "share": "number", "is_on": "boolean", "words": "string", "kind": "string"}
    assert kinds() == {**told, "any": "number", "image": "image"}


def test_choices_are_told_as_far_as_anybody_reads_them():
    (kind,) = [one for one in literal_inputs(Template(name="x", workflow=GRAPH), INFO) if one.type == "choice"]
    assert len(kind.choices) == MOST_CHOICES


def test_node_is_called_by_its_title_or_its_class():
    assert (title_of(GRAPH, "1"), title_of(GRAPH, "2")) == ("Thing", "Photo")


@pytest.mark.parametrize("template", all_templates(), ids=lambda one: one.name)
def test_every_parameter_of_a_template_that_ships_is_somewhere_or_has_no_place_yet(template):
    told = {one.parameter.name for one in literal_inputs(template) if one.parameter}
    assert {one.name for one in template.parameters} - told <= {"mask"}


def test_of_two_models_each_has_its_own_parameter():
    told = {one.slot: one.parameter for one in literal_inputs(load_template("wan2.2-t2v"))}
    names = [one.name for one in told.values() if one and "model" in one.name]
    assert names == ["model", "low_noise_model"]
