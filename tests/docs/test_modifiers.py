"""The page on modifiers, done: its files are written where it says, loaded, and used."""

from __future__ import annotations

import asyncio
import re
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from comfy_gen.config.keys import KEYS
from comfy_gen.pipeline.modifiers import Modifiers
from comfy_gen.pipeline.modifiers.discovery import GROUP
from comfy_gen.pipeline.modifiers.shipped import SHIPPED
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.files import save_workflow

PAGE = (Path(__file__).parents[2] / "docs" / "modifiers.md").read_text(encoding="utf-8")
PORTRAIT, BANNER, PROGRAM = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of the page, in the working folder."""
    monkeypatch.chdir(tmp_path)
    modifiers = tmp_path / "modifiers"
    (modifiers / "workflows").mkdir(parents=True)
    save_workflow(load_template("sd15-img2img").workflow, modifiers / "workflows" / "portrait.json")
    (modifiers / "portrait.py").write_text(PORTRAIT, encoding="utf-8")
    (modifiers / "banner.py").write_text(BANNER, encoding="utf-8")
    return modifiers


async def test_own_modifier_writes_what_it_is_given(folder):
    modifiers = Modifiers.load(folder)
    assert modifiers.problems == ()
    workflow = await modifiers.apply("Portrait", {"prompt": "a king", "seed": 3})
    inputs = {node: workflow[node]["inputs"] for node in ("2", "4", "6")}
    assert (inputs["2"]["text"], inputs["6"]["seed"]) == ("a king", 3)
    assert inputs["4"]["image"] == "https://example.com/face.png"


def test_program_does_what_it_says(folder, capsys):
    names: dict[str, object] = {}
    exec(compile(PROGRAM, "the page", "exec"), names)
    assert "'Banner'" in capsys.readouterr().out
    assert names["workflow"] == asyncio.run(
        Modifiers.load(folder).apply("Banner", {"prompt": "a lighthouse at dusk", "seed": 7})
    )


def test_table_names_every_shipped_modifier_with_its_template():
    rows = re.findall(r"^\| `(\w+)` \|.*\| `([\w.-]+)` \|$", PAGE, re.MULTILINE)
    assert {name: kind.WORKFLOW_JSON for name, kind in SHIPPED.items()} == dict(rows)


def test_every_parameter_of_shipped_modifiers_is_told():
    names = {parameter.name for kind in SHIPPED.values() for parameter in kind.parameters()}
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_settings_and_entry_points_have_the_names_that_are_told():
    assert "MODIFIERS_DIR" in KEYS["jobs.modifiers_dir"].variables
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (points,) = tomllib.loads(block)["project"]["entry-points"].items()
    assert points[0] == GROUP
    assert EntryPoint("Banner", points[1]["Banner"], GROUP).attr == "Banner"
