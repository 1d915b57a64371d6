from __future__ import annotations

import pytest

from comfy_gen.cli.quality.options import read_quality
from comfy_gen.errors import InvalidParameterError
from comfy_gen.validation.quality import Quality

UNSAID = {
    "validate": False,
    "auto_retry": False,
    "retry_limit": None,
    "retry_strategy": None,
    "positive_threshold": None,
    "delta_threshold": None,
    "best_of": None,
}


@pytest.mark.parametrize(
    ("said", "quality"),
    [
        ({}, None),
        ({"validate": True}, Quality()),
        ({"auto_retry": True}, Quality(auto_retry=True)),
        ({"retry_limit": 2}, Quality(auto_retry=True, retry_limit=2)),
        ({"best_of": 4}, Quality(best_of=4)),
    ],
)
def test_what_is_said_is_asked_and_nothing_is_asked_by_default(said, quality):
    assert read_quality(**{**UNSAID, **said}) == quality


def test_what_cannot_work_is_refused():
    with pytest.raises(InvalidParameterError, match="retry_limit"):
        read_quality(**{**UNSAID, "retry_limit": 0})


@pytest.mark.parametrize("command", ["generate", "compose", "jobs submit"])
def test_each_command_that_makes_pictures_has_the_options(comfygen, command):
    said = comfygen(*command.split(), "--help").out
    options = [f"--{name.replace('_', '-')}" for name in UNSAID]
    assert [option for option in options if option not in said] == []
    assert "Quality" in said


@pytest.mark.parametrize("command", ["generate a-fox", "compose a-fox", "jobs submit sd15"])
def test_each_command_refuses_what_cannot_work_before_it_does_anything(comfygen, command):
    said = comfygen(*command.split(), "--best-of", "99", "--retry-strategy", "luck", "--json")
    assert said.code == 2
    assert said.json["error"]["code"] == "invalid_parameter"
    assert "retry_strategy" in said.out
