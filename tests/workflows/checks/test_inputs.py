from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.checks.findings import Fault, Scope, Via
from comfy_gen.workflows.checks.inputs import examine
from comfy_gen.workflows.checks.problem import Problem


@pytest.fixture
def look(object_info) -> Any:
    def look(node):
        workflow = {"1": {"class_type": "EmptyImage", "inputs": {}}, "9": node}
        return list(examine(Scope(workflow, Declarations(object_info)), "9"))

    return look


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


def test_good_node_gives_only_its_links(look):
    (via,) = look(node("SaveImage", images=["1", 0], filename_prefix="x", extra=["77", 0]))
    assert isinstance(via, Via)
    assert via.source == "1"


def test_every_missing_required_input_is_told(look):
    problems = look(node("SaveImage"))
    assert [(problem.type, problem.details) for problem in problems] == [
        ("required_input_missing", "images"),
        ("required_input_missing", "filename_prefix"),
    ]
    assert problems[0].claim == "it needs the input images, which is missing"


def test_inputs_of_which_newer_servers_make_others_are_left_to_them():
    info = {"Grow": {"input": {"required": {"images": ["COMFY_AUTOGROW_V3", {"template": {}}]}}, "output": []}}
    scope = Scope({"9": node("Grow", **{"images.image_1": ["1", 0]})}, Declarations(info))
    assert list(examine(scope, "9")) == []


def test_optional_inputs_may_be_missing(look):
    (problem,) = look(node("ConditioningSetProperties", strength=1.0, set_cond_area="default"))
    assert problem.details == "cond_NEW"


def test_values_and_links_are_both_looked_at(look):
    problem, fault = look(node("ImageInvert", image=["1", 5]))[0], look(node("EmptyImage", width=0))[0]
    assert isinstance(problem, Fault)
    assert isinstance(fault, Problem)


def test_files_come_after_everything_else(look):
    problems = look(node("LoadImageMask", image="no.png", channel="no"))
    assert [problem.type for problem in problems] == ["value_not_in_list", "custom_validation_failed"]


def test_node_without_inputs_key_is_a_fault(look):
    (fault,) = look({"class_type": "SaveImage"})
    assert str(fault.cause) == "'inputs'"
    assert fault.claim == "it has no inputs"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (None, "is not iterable|is not a container"),
        (5, "is not iterable|is not a container"),
        (["images"], "list indices must be integers or slices, not str"),
    ],
)
def test_inputs_that_are_no_object_are_a_fault(inputs, words, look):
    fault = look({"class_type": "SaveImage", "inputs": inputs})[0]
    assert isinstance(fault, Fault)
    with pytest.raises(TypeError, match=words):
        raise fault.cause


def test_value_without_order_is_a_fault(look):
    findings = look(node("CreateHookKeyframesFromFloats", floats_strength="x"))
    (fault,) = [finding for finding in findings if isinstance(finding, Fault)]
    assert fault.claim.startswith("floats_strength cannot be checked: ")


def test_of_an_unknown_class_only_links_are_looked_at(look):
    via, fault = look(node("Unknown", image=["1", 0], other=["77", 0], number=5))
    assert isinstance(via, Via)
    assert fault.claim == "other is linked to node '77', which is not in the workflow"


@pytest.mark.parametrize("stranger", ["text", None, {"class_type": "Unknown"}, {"class_type": "U", "inputs": 5}])
def test_of_a_shapeless_node_nothing_is_said(stranger, look):
    assert look(stranger) == []
