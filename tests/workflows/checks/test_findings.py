from __future__ import annotations

import pytest

from comfy_gen.workflows.checks.declarations import Declarations, Input
from comfy_gen.workflows.checks.findings import Place, Scope


@pytest.mark.parametrize("node", ["KSampler", None, {}, {"class_type": "Unknown"}, {"class_type": ["KSampler"]}])
def test_node_that_is_not_of_a_known_class_has_none(node, object_info):
    assert Scope({"1": node}, Declarations(object_info)).class_of("1") is None


def test_node_of_a_known_class_has_it(object_info):
    assert Scope({"1": {"class_type": "KSampler"}}, Declarations(object_info)).class_of("1") == "KSampler"


def test_problem_of_an_input_knows_its_place():
    place = Place(Scope({}, Declarations({})), "3", "KSampler", Input("steps", "INT", {}, required=True))
    problem = place.problem("kind", "message", "claim", received_value=5)
    assert (problem.node_id, problem.class_type, problem.input_name) == ("3", "KSampler", "steps")
    assert problem.extra_info == {"input_name": "steps", "received_value": 5}
    assert problem.details == "steps"
    assert place.problem("kind", "message", "claim", details="").details == ""


RULED = ("return_type_mismatch", "invalid_input_type", "value_bigger_than_max", "value_not_in_list")


@pytest.mark.parametrize("kind", [*RULED, "required_input_missing"])
def test_custom_node_may_judge_its_values_itself(kind):
    classes = {"Own": {"python_module": "nodes"}, "Custom": {"python_module": "custom_nodes.pack.nodes"}}
    declared = Input("x", "INT", {}, required=True)

    def is_refused(class_type):
        place = Place(Scope({}, Declarations(classes)), "3", class_type, declared)
        return place.problem(kind, "message", "claim").is_refused

    assert is_refused("Own")
    assert is_refused("Custom") is (kind == "required_input_missing")
