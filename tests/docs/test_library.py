"""The page on the library, done: its commands are run, and its tables are what MLflow is told."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.app.telling import LONGEST, MAX_CONTENT, SHORTEST
from comfy_gen.cli import main
from comfy_gen.config.keys import KEYS
from comfy_gen.library.generation import Favorite
from comfy_gen.library.preset_values import NAMES
from comfy_gen.library.run import GENERATION, RECORDED, favorite_tags, run_of
from tests.contracts.job_stores import open_desk
from tests.library.shelf import recipe, shelve
from tests.library.test_run import FAVORITE, PLAIN

if TYPE_CHECKING:
    from comfy_gen.jobs.ids import JobId

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
DIFFERS = {"diff": 1}
"""The ends of commands whose end is an answer."""


@pytest.fixture
def generations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[JobId]:
    """Two generations in the library of the command line."""

    async def shelved() -> list[JobId]:
        async with open_desk(f"sqlite:///{tmp_path}/comfygen.db") as desk:
            of = recipe("portrait", "outdoor")
            return [await shelve(desk, f"red scarf {number}", seed=number, recipe=of) for number in (1, 2)]

    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path))
    return asyncio.run(shelved())


def test_commands_do_what_they_should(generations: list[JobId], capsys: pytest.CaptureFixture[str]):
    own = {"6f0c6f4e": generations[0], "91b2a3c4": generations[1]}
    assert len(COMMANDS) >= 15
    for line in COMMANDS:
        program, *words = shlex.split(line)
        assert (program, main([own.get(word, word) for word in words])) == ("comfygen", DIFFERS.get(words[1], 0)), line
        if found := re.search(r"fav_[0-9a-z]{12}", capsys.readouterr().out):
            own["fav_001"] = found[0]


def told(row: str) -> set[str]:
    """Return the names in a row of the page's table of MLflow."""
    (cells,) = re.findall(rf"^\| {row} \| (.*) \|$", PAGE, re.MULTILINE)
    return set(re.findall(r"`([a-z_.]+)`", cells))


def test_the_table_has_all_that_mlflow_is_told():
    names = ("checkpoint", "sampler", "scheduler")
    whole = {**PLAIN.recipe, **dict.fromkeys(names, "a"), "width": 8, "height": 8, "denoise": 1.0, "loras": [{}]}
    verdicts = ({"check": "safety", "score": 0.1},)
    found = {"verdicts": verdicts, "passed": True, "score": 0.3}
    run = run_of(replace(PLAIN, recipe=whole, negative_prompt="fog", repeats="1", **found))
    assert told("parameters") == run.params.keys()
    assert told("metrics") == run.metrics.keys()
    assert told("tags") == {GENERATION, RECORDED, *run.tags} - {"mlflow.note.content"}
    assert told("a favorite") == favorite_tags(FAVORITE).keys()
    assert isinstance(FAVORITE, Favorite)
    assert told("files") >= run.texts.keys()


def test_bounds_are_as_the_page_says():
    assert f"{MAX_CONTENT // 2**20} MiB in all" in PAGE
    assert f"after {SHORTEST:g} s" in PAGE
    assert f"up to {LONGEST / 60:g} minutes" in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_a_preset_is_told(name: str):
    assert f"`{name}`" in PAGE


def test_its_variables_are_settings():
    known = {variable for key in KEYS.values() for variable in key.variables}
    assert {"MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"} <= known
