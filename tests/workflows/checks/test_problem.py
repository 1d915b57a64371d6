from __future__ import annotations

import pytest

from comfy_gen.workflows.checks.problem import Problem


def problem(**fields):
    return Problem(type="t", message="m", details="d", claim="steps is 0", **fields)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "steps is 0"),
        ({"node_id": "3"}, "node 3: steps is 0"),
        ({"node_id": "3", "class_type": "KSampler"}, "node 3 (KSampler): steps is 0"),
        ({"node_id": "3", "nearest": ("a", "b")}, "node 3: steps is 0; nearest: a, b"),
    ],
)
def test_sentence_names_the_place_and_what_is_nearest(fields, sentence):
    assert str(problem(**fields)) == sentence


def test_error_has_the_four_fields_of_comfyui():
    assert problem(extra_info={"input_name": "steps"}, node_id="3").as_error() == {
        "type": "t",
        "message": "m",
        "details": "d",
        "extra_info": {"input_name": "steps"},
    }


def test_problems_do_not_share_their_extra_info():
    assert problem().extra_info is not problem().extra_info
