"""The page on categories, done: its files are checked, its commands and its program are run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from comfy_gen.cli import main
from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.reading import CAPABILITIES, FAMILIES, read_category
from comfy_gen.composition.categories.registry import shipped
from comfy_gen.composition.tier import Tier
from comfy_gen.config.keys import KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "categories.md").read_text(encoding="utf-8")
SMALL, WHOLE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
(PROGRAM,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TABLED = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`([a-z_.]+)`", row)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of the page, in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFYGEN_COMPOSITION_CATEGORIES_DIR", "categories")
    (tmp_path / "categories").mkdir()
    return tmp_path / "categories"


@pytest.mark.parametrize("text", [SMALL, WHOLE])
def test_files_are_right(folder, text, capsys):
    (folder / "arctic-fox.yaml").write_text(text, encoding="utf-8")
    assert main(["categories", "validate", "categories/arctic-fox.yaml"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_do_what_they_should(folder, command):
    if " new " not in command:
        (folder / "arctic-fox.yaml").write_text(SMALL, encoding="utf-8")
    program, *arguments = shlex.split(command)
    assert (program, main(arguments)) == ("comfygen", 0)
    assert (folder / "arctic-fox.yaml").is_file()


def test_program_does_what_it_says(folder, capsys):
    (folder / "arctic-fox.yaml").write_text(SMALL, encoding="utf-8")
    exec(compile(PROGRAM, "the page", "exec"), {})
    assert capsys.readouterr().out == f"{len(shipped()) + 1} ()\n('arctic fox', 'polar fox')\n"


def test_whole_file_has_every_field_and_each_is_told():
    card = card_of(read_category(WHOLE, "arctic-fox.yaml"))
    fields = set(leaves(card)) - {"settings.size"}
    assert {field for field in fields if field not in TABLED and field not in UNDER_A_WHOLE} == set()
    assert not [field for field in fields if field.rpartition(".")[2] not in WHOLE]


UNDER_A_WHOLE = {f"settings.{name}.{end}" for name in ("steps", "cfg", "denoise") for end in ("min", "max", "default")}


def leaves(card, path=""):
    for name, value in card.items():
        inner = f"{path}.{name}" if path else name
        yield from leaves(value, inner) if isinstance(value, dict) else [inner]


def test_fields_of_loras_are_told():
    (use,) = card_of(read_category(WHOLE, "arctic-fox.yaml"))["loras"]["recommended"]
    assert set(use) - {"when"} <= TABLED
    assert {f"when.{name}" for name in use["when"]} <= TABLED
    assert set(use["when"]) == {"families", "workflows", "categories", "without"}


@pytest.mark.parametrize("word", [*Kind, *Tier, *FAMILIES, *CAPABILITIES])
def test_every_word_is_told(word):
    assert f"`{word}`" in PAGE


def test_settings_have_the_names_that_are_told():
    assert "COMFYGEN_COMPOSITION_CATEGORIES_DIR" in KEYS["composition.categories_dir"].variables
    assert "composition.max_lora_strength" in KEYS


def test_priorities_of_those_that_ship_are_as_told():
    told = {kind: re.search(rf"{kind}s (?:have )?(\d+) to (\d+)", PAGE).groups() for kind in Kind}
    outside = {
        one.id: one.rules.priority
        for one in shipped().all
        if not int(told[one.kind][0]) <= one.rules.priority <= int(told[one.kind][1])
    }
    assert outside == {}
