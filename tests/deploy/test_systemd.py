"""The units, read by systemd's own programs."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.components import find_program, require
from tests.deploy.conftest import DEPLOY

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXPOSED = {"comfygen.service": 1.5, "comfygen-worker@.service": 1.5, "comfyui@.service": 3.5}
"""How much each leaves open at most, from 0 to 10, as systemd counts."""


@pytest.fixture(scope="module")
def analyze():
    """systemd-analyze, which needs no systemd that runs."""
    program = find_program("systemd-analyze")
    require(program, "systemd", "apt-get install systemd")
    return program


@pytest.fixture
def units(tmp_path):
    """The units, with a program in the place of the one that is installed elsewhere."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/comfygen/bin/comfygen", shutil.which("true"))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_each_line(analyze, units, unit):
    name = unit.name.replace("@", "@0")
    (units / unit.name).rename(units / name)
    done = subprocess.run([analyze, "verify", units / name], capture_output=True, text=True, timeout=30, check=False)
    ours = [line for line in done.stderr.splitlines() if unit.stem.rstrip("@") in line]
    assert ours == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_leaves_little_open(analyze, units, unit):
    threshold = f"--threshold={EXPOSED[unit.name] * 10:.0f}"
    command = [analyze, "security", "--offline=true", threshold, units / unit.name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def test_worker_differs_from_the_service_in_what_it_runs_alone():
    def limits(name):
        text = (DEPLOY / "systemd" / name).read_text()
        return text[text.index("TimeoutStopSec") :]

    assert limits("comfygen.service") == limits("comfygen-worker@.service")
