"""What the pages say, done: every command and every program on them runs against a sandbox."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from comfy_gen import generate
from comfy_gen.cli import main
from comfy_gen.cli.app import app
from tests.mission.graphs import classic

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
ALL_PAGES = [*PAGES, *sorted((ROOT / "docs").glob("*/*.md")), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
LONGEST = 45
"""Words that say what it is."""


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def written(page):
    return page.relative_to(ROOT).as_posix()


def test_readme_says_in_few_words_what_it_is():
    said = README.read_text(encoding="utf-8").split("\n\n")[1]
    assert len(said.split()) <= LONGEST


OWN_TESTS = {
    "categories.md",
    "dialects.md",
    "http-api.md",
    "intelligent-generation.md",
    "modifiers.md",
    "quality.md",
    "webhooks.md",
    "wrapper.md",
}
"""Pages whose programs are parts of something; tests of their own run them."""
PROGRAMS = [(page.name, block) for page in PAGES if page.name not in OWN_TESTS for block in blocks(page, "python")]


@pytest.mark.parametrize(("page", "program"), PROGRAMS, ids=[name for name, _ in PROGRAMS])
def test_program_runs(page, program, background_sandbox, tmp_path):
    code = program.replace("http://127.0.0.1:8188", background_sandbox.url)
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("page", "made"),
    [(README, {"a-lighthouse-at-dusk-7.png", "another.png"}), (ROOT / "docs" / "toolkit.md", {"outputs"})],
    ids=["readme", "toolkit"],
)
def test_commands_do_what_they_say(page, made, background_sandbox, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "jobs"))
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", "none")  # the usual one would be fetched
    (tmp_path / "own.json").write_text(json.dumps(classic()), encoding="utf-8")
    elsewhere = {f"http://gpu-{number}:8188": str(background_sandbox.url) for number in (1, 2)}
    lines = [line for block in blocks(page, "sh") for line in block.splitlines() if line.startswith("comfygen")]
    commands = [shlex.split(line, comments=True)[1:] for line in lines if "sandbox" not in line]
    commands = [[elsewhere.get(word, word) for word in command] for command in commands]
    assert len(commands) >= 4
    assert [(command, main(command)) for command in commands] == [(command, 0) for command in commands]
    assert made <= set(os.listdir(tmp_path))


def test_targets_that_pages_name_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "\n".join(page.read_text(encoding="utf-8") for page in ALL_PAGES)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test", "check", "live"} <= named <= targets


def test_extras_that_pages_name_exist():
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in ALL_PAGES)
    named = {one for names in re.findall(r"comfygen-server\[([\w,]+)\]", text) for one in names.split(",")}
    assert named <= known.keys()


@pytest.mark.parametrize("page", ALL_PAGES, ids=written)
def test_commands_that_are_shown_exist(page):
    lines = [line for language in ("sh", "bash") for text in blocks(page, language) for line in text.splitlines()]
    calls = [found[1] for line in lines if (found := re.match(r"(?:\w+=\$\()?comfygen ([^|&;>)#]*)", line))]
    assert [call for call in calls if unknown_in(call)] == []


def unknown_in(call):
    """Return what a call of ``comfygen`` has that there is not."""
    command, words = get_command(app), shlex.split(call.replace("$(", ""))
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help",
        "--",
    }
    options = words[: words.index("--")] if "--" in words else words
    wrong = [word for word in options if word.startswith("--") and word.partition("=")[0] not in known]
    return wrong or (words[:1] if hasattr(command, "commands") else [])


def test_drawing_is_the_one_that_is_held():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (drawing,) = re.findall(r"^## Layers\n.*?^```\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    held = contract["importlinter:contract:layers"]["layers"].split("\n")
    drawn = [line.strip().split("   ")[0] for line in drawing.splitlines()]
    assert [names_in(line) for line in drawn] == [names_in(line) for line in held if names_in(line) - {"__main__"}]


def names_in(line):
    return set(re.findall(r"\w+", line))


def test_every_function_is_documented():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [name for name in generate.__all__ if name not in page] == []


@pytest.mark.parametrize("page", ALL_PAGES, ids=written)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
