"""The optional parts, and who asks for them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from comfy_gen.app.doctor import extras
from comfy_gen.app.doctor.extras import EXTRAS, Extra, is_installed, require_wanted
from comfy_gen.config import ApiOptions, Settings
from comfy_gen.errors import MissingExtraError

PROJECT = Path(__file__).parents[3]
BY_NAME = {extra.name: extra for extra in EXTRAS}


def test_every_extra_of_the_distribution_is_known():
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(BY_NAME) == set(declared) - {"dev"}


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: extra.name)
def test_tools_of_development_bring_them_all(extra):
    assert is_installed(extra)


def test_extra_of_which_a_part_is_missing_is_not_installed():
    for missing in ("no_such_module", "no_such_package.part"):
        assert not is_installed(Extra("x", "does it", ("json", missing), bool))


def changed(section, **values):
    settings = Settings()
    return replace(settings, **{section: replace(getattr(settings, section), **values)})


WANTING = (
    ("mlflow", changed("tracking", url="http://mlflow:5000")),
    ("postgres", changed("jobs", database="postgresql://db/comfygen")),
    ("redis", changed("cache", kind="redis")),
    ("s3", changed("jobs", artifacts="s3")),
    ("safety", changed("policy", check_pictures="yes")),
)


@pytest.mark.parametrize(("name", "settings"), WANTING)
def test_settings_ask_for_an_extra(name, settings):
    assert BY_NAME[name].is_wanted(settings)
    assert not any(extra.is_wanted(settings) for extra in EXTRAS if extra.name != name)


def test_usual_settings_ask_for_none():
    assert not any(extra.is_wanted(Settings()) for extra in EXTRAS)


@pytest.fixture
def bare(monkeypatch):
    """An installation without any of them."""
    monkeypatch.setattr(extras, "is_installed", lambda _: False)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("name", "settings"), WANTING)
def test_service_without_what_its_settings_ask_for_is_refused(name, settings):
    with pytest.raises(MissingExtraError) as refused:
        require_wanted(settings)
    assert refused.value.extra == name


@pytest.mark.usefixtures("bare")
def test_service_that_does_no_work_needs_nothing_that_looks_at_pictures():
    require_wanted(replace(changed("policy", check_pictures="yes"), api=ApiOptions(with_worker=False)))


@pytest.mark.usefixtures("bare")
def test_service_with_usual_settings_needs_none():
    require_wanted(Settings())
