"""The example programs of the HTTP service, run as they stand; only the service's address is another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of

PROGRAMS = Path(__file__).parents[2] / "examples" / "http"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A service over a sandbox, which asks for a key."""
    folder = tmp_path_factory.mktemp("examples")
    with (
        BackgroundSandbox() as sandbox,
        ServedProcess(folder, environment_of(sandbox.url, folder, COMFYGEN_API_KEY="a-key-for-these-tests")) as served,
    ):
        yield served


@pytest.fixture
def run(served, tmp_path):
    """Run a program in an empty folder."""
    ours = {"COMFYGEN_URL": served.url, "COMFYGEN_KEY": "a-key-for-these-tests"}

    def run(*command, **environment):
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**served.environment, **ours, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_shell_saves_its_picture(run, tmp_path, need_commands):
    need_commands("bash", "curl", "jq")
    done = run("bash", PROGRAMS / "generate.sh", "a fox")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"Accepted: [0-9a-f-]{36}\nSaved: picture.png\n", done.stdout)
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.format == "PNG"


def test_shell_says_why_nothing_was_made(run, tmp_path, need_commands):
    need_commands("bash", "curl", "jq")
    done = run("bash", PROGRAMS / "generate.sh", COMFYGEN_KEY="another")
    assert done.returncode != 0
    assert os.listdir(tmp_path) == []


def test_many_are_made_at_once(run, tmp_path):
    done = run(sys.executable, "-W", "error", PROGRAMS / "many.py", "a fox", "a boat")
    assert (done.returncode, done.stderr) == (0, "")
    told = dict(line.split(": ") for line in done.stdout.splitlines())
    assert list(told) == ["a fox", "a boat"]
    assert {path.name for path in tmp_path.glob("*.png")} == set(told.values())


def test_many_wait_on_where_one_takes_long(run, tmp_path):
    impatient = (PROGRAMS / "many.py").read_text().replace('timeout=60"', 'timeout=0.01"')
    assert "timeout=0.01" in impatient
    done = run(sys.executable, "-W", "error", "-c", impatient, "a fox")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(tmp_path.glob("*.png"))) == 1


def test_many_say_who_was_refused(run):
    done = run(sys.executable, PROGRAMS / "many.py", "a fox", COMFYGEN_KEY="another")
    assert done.stdout.startswith("a fox: ")
    assert "key" in done.stdout


def test_several_are_made_together_on_one_loop(run, tmp_path):
    done = run(sys.executable, "-W", "error", PROGRAMS / "together.py", "a fox", "a boat")
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in tmp_path.glob("*.png")} == set(done.stdout.split())
    assert len(set(done.stdout.split())) == 2


def test_script_tells_how_it_goes(run, need_commands):
    need_commands("node")
    done = run("node", PROGRAMS / "stream.mjs", "a fox")
    assert (done.returncode, done.stderr) == (0, "")
    *updates, message, address = done.stdout.splitlines()
    assert message == "Generation completed"
    assert "/artifacts/" in address
    assert updates
    assert all(re.fullmatch(r"(queued|processing|generating): \d+ %", line) for line in updates)


def test_script_says_who_was_refused(run, need_commands):
    need_commands("node")
    done = run("node", PROGRAMS / "stream.mjs", COMFYGEN_KEY="another")
    assert done.returncode == 1
    assert "key" in done.stderr
