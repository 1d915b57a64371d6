"""The command line in this process, against a sandbox."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from comfy_gen.cli import main

SMALL = ("--workflow", "sd15", "--width", "64", "--height", "64", "--steps", "3")
NO_MODEL = "quality: {model: ''}"
"""A configuration in which nothing compares pictures with prompts."""


@dataclass
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def comfygen(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder, on a terminal that folds nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("COMFYUI_API_BASE", raising=False)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def engine(background_sandbox, comfygen, monkeypatch):
    """A sandbox that the command line finds by itself."""
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    return background_sandbox
