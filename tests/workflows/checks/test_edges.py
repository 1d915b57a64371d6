from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.workflows.checks.declarations import Declarations, Input
from comfy_gen.workflows.checks.edges import examine_link
from comfy_gen.workflows.checks.findings import Fault, Place, Scope, Via
from comfy_gen.workflows.checks.problem import Problem


@pytest.fixture
def examine(object_info) -> Any:
    classes = {**object_info, "Two": {"output": ["IMAGE, LATENT", ["a", "b"]]}, "None": {"output": []}}
    workflow = {
        "1": {"class_type": "EmptyImage"},
        "2": {"class_type": "Two"},
        "3": {"class_type": "None"},
        "4": {"class_type": "Unknown"},
        "5": {"class_type": "StringConcatenate"},
        "6": {"class_type": "PreviewAny"},
    }

    def examine(link, type_="IMAGE", **options):
        declared = Input("image", type_, options, required=True)
        return examine_link(Place(Scope(workflow, Declarations(classes)), "9", "PreviewImage", declared), link)

    return examine


def only(findings: Any, kind: type) -> Any:
    (finding,) = findings
    assert isinstance(finding, kind)
    return finding


@pytest.mark.parametrize("link", [["1", 0], ["1", -1], ["1", False], ["2", 0]])
def test_good_link_is_to_be_followed(link, examine):
    via = only(examine(link), Via)
    assert (via.source, via.link, via.is_followed) == (link[0], link, True)


@pytest.mark.parametrize(
    ("link", "type_"),
    [
        (["1", 0], "*"),
        (["1", 0], "MASK,IMAGE"),
        (["2", 0], "LATENT"),
        (["2", 1], ["a", "b"]),
        (["2", 1], "*"),
        (["2", 1], "COMBO"),
        (["1", 0], "COMFY_MATCHTYPE_V3"),
    ],
)
def test_types_fit_when_equal_shared_or_anything(link, type_, examine):
    assert only(examine(link, type_), Via).is_followed


@pytest.mark.parametrize(
    ("link", "type_", "details"),
    [
        (["1", 0], "LATENT", "image, received_type(IMAGE) mismatch input_type(LATENT)"),
        (["1", 0], "MASK,*", "image, received_type(IMAGE) mismatch input_type(MASK,*)"),
        (["5", 0], ["a"], "image, received_type(STRING) mismatch input_type(['a'])"),
    ],
)
def test_other_types_do_not_fit_and_comfyui_looks_no_further(link, type_, details, examine):
    problem, via = examine(link, type_)
    assert isinstance(problem, Problem)
    assert (problem.type, problem.details) == ("return_type_mismatch", details)
    assert isinstance(via, Via)
    assert not via.is_followed


def test_mismatch_is_told_in_words(examine):
    assert examine(["1", 0], "LATENT")[0].claim == "image takes LATENT, but output 0 of node 1 gives IMAGE"
    assert "image takes one of a list of values, but" in examine(["1", 0], ["a"])[0].claim
    assert "image takes one of a list of values, but" in examine(["1", 0], "COMBO", options=["a"])[0].claim


@pytest.mark.parametrize("link", [[], ["1"], ["1", 0, 0]])
def test_list_that_is_no_pair_is_a_bad_link(link, examine):
    problem = only(examine(link), Problem)
    assert problem.type == "bad_linked_input"
    assert problem.extra_info == {"input_name": "image", "input_config": ["IMAGE", {}], "received_value": link}


@pytest.mark.parametrize(
    ("source", "words"), [("77", "'77'"), (1, "1"), (["1"], "unhashable type: 'list'"), (None, "None")]
)
def test_link_to_a_node_that_is_not_there_is_a_fault(source, words, examine):
    fault = only(examine([source, 0]), Fault)
    assert str(fault.cause) == words
    assert fault.claim == f"image is linked to node {source!r}, which is not in the workflow"


@pytest.mark.parametrize(
    ("link", "words", "has"),
    [
        (["1", 1], "tuple index out of range", "which has only 0 (IMAGE)"),
        (["1", -2], "tuple index out of range", "which has only 0 (IMAGE)"),
        (["1", 0.0], "tuple indices must be integers or slices, not float", "which has only 0 (IMAGE)"),
        (["1", None], "tuple indices must be integers or slices, not NoneType", "which has only 0 (IMAGE)"),
        (["5", 3], "list index out of range", "which has only 0 (STRING)"),
        (["3", 0], "tuple index out of range", "which has none"),
    ],
)
def test_link_to_an_output_that_is_not_there_is_a_fault(link, words, has, examine):
    fault, via = examine(link)
    assert str(fault.cause) == words
    assert fault.claim.endswith(has)
    assert not via.is_followed


def test_link_from_an_unknown_class_is_followed_unchecked(examine):
    assert only(examine(["4", 99], "LATENT"), Via).is_followed
