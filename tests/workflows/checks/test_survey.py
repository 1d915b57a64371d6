from __future__ import annotations

import pytest

from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.checks.findings import Scope
from comfy_gen.workflows.checks.survey import Survey


@pytest.fixture
def survey(object_info):
    def survey(workflow, *roots, thorough):
        found = Survey(Scope(workflow, Declarations(object_info)), thorough=thorough)
        for root in roots:
            found.visit(root)
        return found

    return survey


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


EMPTY = node("EmptyImage", width=8, height=8, batch_size=1, color=0)
FAULTY = {
    "1": node("EmptyImage", width=0, height=8, batch_size=1, color=0),
    "2": node("ImageScale", upscale_method="no", image=["77", 0], width=-1, height=["1", 0], crop="center"),
    "3": node("PreviewImage", images=["2", 0]),
}


def types(survey, node_id):
    return [problem.type for problem in survey.problems[node_id]]


def test_comfyui_forgets_a_nodes_other_problems_at_a_fault_and_goes_no_further(survey):
    seen = survey(FAULTY, "3", thorough=False)
    assert types(seen, "2") == ["exception_during_inner_validation"]
    assert "1" not in seen.problems


def test_thorough_survey_lists_them_all_and_goes_on(survey):
    seen = survey(FAULTY, "3", thorough=True)
    assert types(seen, "2") == [
        "exception_during_inner_validation",
        "value_not_in_list",
        "value_smaller_than_min",
        "return_type_mismatch",
    ]
    assert types(seen, "1") == ["value_smaller_than_min"]


def test_fault_of_an_output_names_no_link(survey):
    (problem,) = survey({"1": node("PreviewImage", images=["77", 0])}, "1", thorough=False).problems["1"]
    assert problem.type == "exception_during_validation"
    assert problem.extra_info == {"exception_type": "KeyError", "traceback": []}
    assert str(problem) == "node 1 (PreviewImage): images is linked to node '77', which is not in the workflow"


def test_fault_of_an_inner_node_names_the_link_that_led_there(survey):
    (problem,) = survey(FAULTY, "3", thorough=False).problems["2"]
    assert problem.details == "'77'"
    assert problem.extra_info == {
        "input_name": "images",
        "input_config": ["IMAGE", problem.extra_info["input_config"][1]],
        "exception_message": "'77'",
        "exception_type": "KeyError",
        "traceback": [],
        "linked_node": ["2", 0],
    }
    assert problem.input_name == "image"


def test_one_input_has_one_problem(survey):
    workflow = {"1": node("LoadImage"), "2": node("PreviewImage", images=["1", 0])}
    assert types(survey(workflow, "2", thorough=True), "1") == ["required_input_missing"]
    assert types(survey(workflow, "2", thorough=False), "1") == ["exception_during_inner_validation"]


def test_what_only_newer_servers_refuse_is_for_the_thorough(survey):
    blend = node("ImageBlend", image1=["1", 0], image2=["1", 0], blend_factor=0.5, blend_mode="no")
    workflow = {"1": EMPTY, "2": blend, "3": node("PreviewImage", images=["2", 0])}
    thorough = survey(workflow, "3", thorough=True)
    assert types(thorough, "2") == ["value_not_in_list"]
    assert thorough.is_good("3")
    assert types(survey(workflow, "3", thorough=False), "2") == []


def test_output_is_good_when_nothing_that_feeds_it_is_bad(survey):
    workflow = {"1": EMPTY, "2": node("PreviewImage", images=["1", 0]), "3": node("PreviewImage")}
    seen = survey(workflow, "2", "3", thorough=False)
    assert seen.is_good("2")
    assert not seen.is_good("3")
    assert not survey(FAULTY, "3", thorough=False).is_good("3")


def test_every_circle_is_found_and_makes_its_outputs_bad(survey):
    workflow = {
        "1": node("ImageInvert", image=["2", 0]),
        "2": node("ImageInvert", image=["1", 0]),
        "3": node("ImageInvert", image=["3", 0]),
        "4": node("PreviewImage", images=["1", 0]),
        "5": node("PreviewImage", images=["3", 0]),
        "6": EMPTY,
        "7": node("PreviewImage", images=["6", 0]),
    }
    seen = survey(workflow, "4", "5", "7", thorough=False)
    assert sorted(sorted(set(cycle)) for cycle in seen.cycles()) == [["1", "2"], ["3"]]
    assert all(cycle[0] == cycle[-1] for cycle in seen.cycles())
    assert [seen.is_good(output) for output in "457"] == [False, False, True]


def test_long_chain_is_no_deep_recursion(survey):
    workflow = {"0": EMPTY}
    workflow |= {str(number): node("ImageInvert", image=[str(number - 1), 0]) for number in range(1, 3000)}
    workflow["out"] = node("PreviewImage", images=["2999", 0])
    seen = survey(workflow, "out", thorough=True)
    assert len(seen.problems) == 3001
    assert seen.is_good("out")
