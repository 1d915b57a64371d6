from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfyui.numbers import kept_of, next_to, number_of, numbers_in_line, wanted_place
from comfy_gen.jobs.dossier import Waiter
from comfy_gen.jobs.ids import JobId

FRONT, THIRD = {"comfyui": {"front": True}}, {"comfyui": {"number": 3.5}}


def waiter(name, seq, metadata=None):
    return Waiter(JobId(name), seq, metadata or {})


def test_metadata_of_others_is_none_of_ours():
    assert kept_of({"comfyui": "theirs"}) == {}
    assert kept_of({}) == {}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, {}),
        ({"front": False}, {}),
        ({"front": 1}, {"front": True}),
        ({"number": "2.5", "front": True}, {"number": 2.5}),
    ],
)
def test_place_is_what_a_body_says(body, place):
    assert wanted_place(body) == place


@pytest.mark.parametrize("number", ["x", None, [], "nan", float("inf")])
def test_number_that_is_none_is_an_error(number):
    with pytest.raises((TypeError, ValueError)):
        wanted_place({"number": number})


def test_number_is_its_own_or_that_of_its_acceptance():
    assert [number_of(metadata, 8) for metadata in ({}, FRONT, THIRD)] == [8, -8, 3.5]


def test_numbers_rise_along_the_line_wherever_jobs_were_moved():
    assert numbers_in_line([({}, 9), (FRONT, 7), ({}, 8)]) == [-7, 8, 9]


def test_job_goes_before_the_first_with_a_higher_number():
    line = [waiter("a", 2), waiter("b", 5), waiter("c", 6, THIRD)]
    assert next_to("c", line) == "b"
    assert next_to("c", [waiter("a", 2), line[2]]) is None
    assert next_to("gone", line) is None
