import importlib.util
from dataclasses import replace

import pytest

from comfy_gen.app.building import safety_check
from comfy_gen.config import Settings
from comfy_gen.errors import MissingExtraError


def settings(check_pictures):
    return replace(Settings(), policy=replace(Settings().policy, check_pictures=check_pictures))


@pytest.fixture
def _without_the_extra(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)


@pytest.mark.parametrize(("said", "is_checked"), [("auto", True), ("yes", True), ("no", False)])
def test_pictures_are_looked_at_where_the_extra_is_installed_and_nobody_says_no(said, is_checked):
    assert (safety_check(settings(said)) is not None) is is_checked


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_they_are_not_and_whoever_wants_it_is_told_at_the_start():
    assert safety_check(settings("auto")) is None
    with pytest.raises(MissingExtraError):
        safety_check(settings("yes"))
