"""What presets may say."""

from __future__ import annotations

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.library.preset_values import NAMES, checked
from comfy_gen.pipeline.request import GenerationRequest

GOOD = {
    "negative_prompt": "",
    "workflow": "sdxl",
    "model": "dream.safetensors",
    "sampler": "euler",
    "scheduler": "normal",
    "steps": 30,
    "cfg": 7.5,
    "denoise": 1,
    "width": 768,
    "height": 1024,
    "loras": [{"name": "ink.safetensors", "strength": -0.5}],
    "categories": ["portrait"],
}


def test_every_value_is_kept():
    assert checked(GOOD) == GOOD
    assert set(GOOD) == set(NAMES)


def test_values_are_those_of_a_request():
    fields = set(GenerationRequest.__dataclass_fields__)
    assert set(NAMES) - fields == {"categories"}


def test_values_that_are_none_are_left_out():
    assert checked({"steps": 3, "cfg": None, "loras": None}) == {"steps": 3}


@pytest.mark.parametrize("values", [{}, {"steps": None}])
def test_preset_says_something(values):
    with pytest.raises(InvalidParameterError, match="one or more of"):
        checked(values)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"step": 3}, "step"),
        ({"prompt": "a fox"}, "prompt"),
        ({"seed": 1}, "seed"),
        ({"steps": 0}, "steps"),
        ({"steps": True}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"cfg": float("nan")}, "cfg"),
        ({"width": 770}, "width"),
        ({"model": 3}, "model"),
        ({"model": "x" * 10_001}, "model"),
        ({"loras": "ink"}, "loras"),
        ({"loras": ["ink"]}, r"loras\[0\]"),
        ({"loras": [{"name": "a"}, {"name": ""}]}, r"loras\[1\]"),
        ({"loras": [{"name": "a", "strength": "1"}]}, r"loras\[0\]"),
        ({"loras": [{"name": "a", "strength": None}]}, r"loras\[0\]"),
        ({"loras": [{"name": "a", "weight": 1}]}, r"loras\[0\]"),
        ({"loras": [{"name": "a"}] * 33}, "loras"),
        ({"categories": [3]}, r"categories\[0\]"),
        ({"categories": {"a": 1}}, "categories"),
    ],
)
def test_value_that_cannot_work_is_named(values, named):
    with pytest.raises(InvalidParameterError, match=named):
        checked(values)


def test_all_faults_are_told_at_once():
    with pytest.raises(InvalidParameterError) as caught:
        checked({"step": 3, "cfg": -1, "loras": [1, 2]})
    assert [caught.value.name, *(one.name for one in caught.value.others)] == ["step", "cfg", "loras[0]", "loras[1]"]
    assert "nearest: steps" in caught.value.hint


@pytest.mark.parametrize(
    "values",
    [{f"{place}-{'x' * 1_000}": 1 for place in range(10_000)}, {"loras": [{"x": 1}] * 10_000}],
    ids=["names", "items"],
)
def test_not_more_faults_are_told_than_anybody_reads(values):
    with pytest.raises(InvalidParameterError) as caught:
        checked(values)
    assert len(caught.value.others) < 50
    assert len(str(caught.value)) < 20_000
