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
