"""What the pages say, done: every command and every program on them runs against a sandbox."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_gen import generate
from comfy_gen.cli import main
from tests.docs.test_toolkit import classic

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


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


def test_readme_commands_do_what_they_say(background_sandbox, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "jobs"))
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", "none")  # the usual one would be fetched
    (tmp_path / "own.json").write_text(json.dumps(classic()), encoding="utf-8")
    elsewhere = {f"http://gpu-{number}:8188": str(background_sandbox.url) for number in (1, 2)}
    lines = [line for block in blocks(ROOT / "README.md", "sh") for line in block.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("comfygen") and "sandbox" not in line]
    commands = [[elsewhere.get(word, word) for word in command] for command in commands]
    assert len(commands) >= 5
    assert [(command, main(command)) for command in commands] == [(command, 0) for command in commands]
    assert {"a-lighthouse-at-dusk-7.png", "same-again.png"} < set(os.listdir(tmp_path))


def test_readme_names_only_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)\b", "".join(blocks(page, "sh")))}
    assert {"demo", "test", "check", "live"} <= named <= targets


def test_every_function_is_documented():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [name for name in generate.__all__ if name not in page] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
