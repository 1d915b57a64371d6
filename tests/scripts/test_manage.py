"""What ``manage.sh`` calls."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.sh"


@pytest.fixture
def echo(tmp_path):
    """A program that prints each of its arguments on a line."""
    program = tmp_path / "echo"
    program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def manage(echo, tmp_path):
    """Call it with arguments; return what it called."""

    def call(*arguments, program=MANAGE):
        command = [str(program), *arguments]
        environment = {"PATH": "/usr/bin:/bin", "COMFYGEN": str(echo)}
        return subprocess.run(
            command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )

    return call


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        (("start", "--", "--cpu"), ["service", "start", "--cpu"]),
        (("download-models",), ["models", "download"]),
        (
            ("download-models", "--model", "my *", "--model", "b", "--yes"),
            ["models", "download", "my *", "b", "--yes"],
        ),
        (("import-workflow", "--workflow", "a b.json"), ["workflow", "import", "a b.json"]),
        (
            ("execute-workflow", "--workflow", "a b.json", "--output", "o 1", "--", "--json"),
            ["workflow", "run", "a b.json", "--output", "o 1", "--json"],
        ),
    ],
)
def test_each_word_arrives_as_it_was_written(manage, arguments, called):
    said = manage("--action", *arguments)
    assert said.returncode == 0
    assert said.stdout.splitlines() == called


@pytest.mark.parametrize("arguments", [(), ("--action",), ("--action", "dance"), ("--action", "import-workflow")])
def test_what_cannot_be_done_is_refused(manage, arguments):
    said = manage(*arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr


def test_command_beside_it_is_found_through_a_link(echo, tmp_path):
    checkout = tmp_path / "checkout"
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / "manage.sh").write_bytes(MANAGE.read_bytes())
    (checkout / "manage.sh").chmod(0o755)
    echo.rename(checkout / ".venv/bin/comfygen")
    (tmp_path / "link").symlink_to(checkout / "manage.sh")
    command = [str(tmp_path / "link"), "--action", "status"]
    said = subprocess.run(
        command, check=False, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60
    )
    assert said.stdout.split() == ["service", "status"]
