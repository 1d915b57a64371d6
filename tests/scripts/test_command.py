"""The scripts of the documentation, called by a Python that does not know ``comfygen``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NO_PACKAGES = "-S"


@pytest.fixture
def checkout(tmp_path):
    """A folder with the scripts, and with nothing installed."""
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def called(checkout, name, *arguments):
    command = [sys.executable, NO_PACKAGES, str(checkout / "scripts" / name), *arguments]
    return subprocess.run(command, check=False, cwd="/", env={}, capture_output=True, text=True, timeout=60)


def test_missing_package_is_told_in_one_line(checkout):
    said = called(checkout, "list_images.py")
    assert said.returncode == 1
    assert said.stderr == f"comfygen is not installed for {sys.executable}: pip install {checkout}\n"


def test_python_of_the_checkout_is_used_where_there_is_one(checkout):
    own = checkout / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.write_text('#!/bin/sh\necho "$@"\nexit 1\n')
    own.chmod(0o755)
    said = called(checkout, "stop_comfyui.py", "--instance", "a")
    assert (said.returncode, said.stdout) == (1, f"{checkout}/scripts/stop_comfyui.py --instance a\n")


def test_unknown_option_ends_with_one_as_all_that_fails(checkout):
    assert called(checkout, "cancel_generation.py", "--all-of-it").returncode == 1
    assert called(checkout, "cancel_generation.py", "--help").returncode == 0
