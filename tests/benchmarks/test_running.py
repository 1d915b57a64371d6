"""The cheapest measurements, really taken."""

import importlib
import json
import subprocess
import sys

import psutil
import pytest

from benchmarks import machine
from benchmarks.__main__ import main
from benchmarks.child import read
from benchmarks.conditions import Conditions
from benchmarks.finding import Finding
from benchmarks.measurements import LIMITS, described
from benchmarks.measurements.gaps import busyness, gaps
from benchmarks.measurements.memory import slope
from benchmarks.parts.profiled import part_of
from benchmarks.runner import end_all, run

QUICK = Conditions(is_quick=True)


@pytest.mark.parametrize("name", LIMITS)
def test_every_measurement_can_be_asked_for_and_says_what_it_is_about(name):
    heading, _ = described(name)

    assert callable(importlib.import_module(f"benchmarks.measurements.{name}").measure)
    assert heading != name
    assert not heading.endswith(".")


def test_a_run_writes_a_report_of_what_was_asked_for(tmp_path, capsys):
    assert main(["affinity", "commands", "--quick", "--report", str(tmp_path / "R.md")]) == 0

    page = (tmp_path / "R.md").read_text()
    assert "| one command (ms) | python -c pass |" in page
    assert "round robin **" in page
    assert "[2/2] commands" in capsys.readouterr().err


def test_one_that_takes_too_long_is_given_up_and_said_to_be():
    section = run("affinity", QUICK, limit=0.0)

    assert section.failure.startswith("It took longer than 0 s")


def test_what_a_measurement_leaves_behind_is_ended():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as left:
        end_all({psutil.Process(left.pid)})

        assert not psutil.pid_exists(left.pid) or left.poll() is not None


def test_what_was_found_before_a_measurement_broke_off_is_kept():
    found = Finding("one job", "ms", {"ours": [1.0]})
    line = json.dumps({"Finding": found.as_json()})

    (kept,), left_out = read(f"{line}\n{line[:20]}")
    assert (kept.as_json(), left_out) == (json.loads(line)["Finding"], [])


def test_names_that_there_are_not_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])

    assert "there is no speed; there are programs, " in capsys.readouterr().err


def test_the_machine_is_described():
    facts = machine.facts()

    assert facts["Python"].startswith("3.")
    assert "GiB" in facts["memory"]


def test_gaps_lie_between_prompts_and_the_rest_is_busy():
    spans = [(0.0, 40.0), (50.0, 90.0), (90.0, 100.0)]

    assert gaps(spans) == [10.0, 0.0]
    assert busyness(spans) == pytest.approx(90.0)


def test_what_each_job_adds_is_the_slope_of_all_looks():
    assert slope([(0, 100.0), (10, 101.0), (20, 102.0)]) == pytest.approx(0.1)
    assert slope([(7, 100.0), (7, 101.0)]) == 0


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("/somewhere/src/comfy_gen/jobs/store.py", "comfy_gen.jobs"),
        ("/lib/python3.11/site-packages/sqlalchemy/sql/base.py", "sqlalchemy"),
        ("/lib/python3.11/json/decoder.py", "Python's json"),
    ],
)
def test_computing_is_told_by_parts_of_the_code(file, part):
    assert part_of((file, 1, "run")) == part
