"""How instances and GPUs are shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from comfy_gen.cli.service.machine import Machine
from comfy_gen.cli.service.status import Answer, Device, Disk, Report
from comfy_gen.cli.service.table import device_row, engine_rows, gpu_table, headline, machine_rows, report_rows
from comfy_gen.supervisor.gpu import Gpus, parse_gpus
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.plan import End
from comfy_gen.supervisor.state import Look

UP = Answer(
    "http://127.0.0.1:8188",
    version="ComfyUI 0.3.75",
    latency=0.004,
    running=1,
    waiting=2,
    devices=(Device("cuda:0 Some", "cuda", 24 * 10**9, 10**9, 5 * 10**9, 0),),
    torch="2.9",
    python="3.12.1",
    models=("vae/a", "vae/b"),
)
DOWN = Answer("http://127.0.0.1:8188", "connection refused")
INSTANCE = Instance("gpu0", Path("/c"), is_supervised=True)
RUNNING = Look(INSTANCE, "running", pid=7, keeper_pid=6, since=1000.0, restarts=2, cpu=150.4, memory=2 * 10**9)
BOXED = replace(RUNNING, instance=replace(INSTANCE, container="box"), keeper_pid=None, memory=None)


def shown(report, now=1090.0):
    return {name: value.plain for name, value in report_rows(report, now=now)}


def test_running_instance_is_told_of_with_all_that_is_known():
    disk = Disk(Path("/c"), 5 * 10**9, 1000, 10**11)
    ended = End(at=900.0, code=-9, lasted=5.0, has_answered=True)
    report = Report("gpu0", UP, replace(RUNNING, last_end=ended), disk, (Path("/log"),))
    rows = shown(report)
    assert rows["is"] == "process 7, for 1 min, started again twice"
    assert rows["takes"] == "2 GB of memory, 150 % of a core"
    assert rows["looked after"] == "by process 6, which starts it again when it ends"
    assert rows["ended last"].endswith(": it was ended by SIGKILL")
    assert rows["answers"] == "in 4 ms: ComfyUI 0.3.75"
    assert rows["with"] == "Python 3.12.1, torch 2.9"
    assert rows["queue"] == "1 running, 2 waiting"
    assert rows["computes on"] == "cuda:0 Some: 1 GB of 24 GB free; torch holds 5 GB"
    assert rows["models used last"] == "vae/a, vae/b"
    assert rows["disk"] == "models 5 GB, outputs 1 KB, 100 GB free"
    assert rows["log"] == "/log"
    assert headline(report).plain == "gpu0  running"


def test_instance_that_ended_says_why_and_who_looks_after_it():
    ended = Report("gpu0", DOWN, Look(INSTANCE, "ended", reason="it ended with status 3"))
    assert headline(ended).plain == "gpu0  stopped"
    rows = shown(ended)
    assert (rows["because"], rows["looked after"]) == ("it ended with status 3", "by nobody")
    assert rows["answers"] == "no: connection refused"
    assert "is" not in rows


def test_orphan_is_told_with_what_mends_it():
    assert (
        "comfygen service restart --instance gpu0"
        in shown(Report("a", UP, replace(RUNNING, keeper_pid=None)))["looked after"]
    )


@pytest.mark.parametrize(
    ("look", "answer", "said"),
    [
        (None, UP, "a  answers; it was not started here"),
        (None, DOWN, "a  not started"),
        (RUNNING, DOWN, "a  runs, and does not answer"),
        (Look(INSTANCE, "ended", is_wanted=True), DOWN, "a  ended, and nobody stopped it"),
        (Look(INSTANCE, "waiting", keeper_pid=6), DOWN, "a  to be started again"),
        (Look(INSTANCE, "starting", pid=7), DOWN, "a  starting"),
    ],
)
def test_headline_says_how_it_is(look, answer, said):
    assert headline(Report("a", answer, look)).plain == said


def test_container_is_called_by_its_name_and_nobody_here_looks_after_it():
    rows = shown(Report("gpu0", replace(UP, models=(), torch="", python=""), BOXED))
    assert rows["is"] == "container box, for 1 min, started again twice"
    assert rows["models used last"] == "none since it was started"
    assert "looked after" not in rows
    assert "with" not in rows
    stopped = replace(BOXED, phase="ended", pid=None, reason="the container is exited, with status 1")
    assert shown(Report("gpu0", DOWN, stopped))["because"] == stopped.reason


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (Device("cpu", "cpu", 8 * 10**9, 2 * 10**9, 8 * 10**9, 0), "cpu: 2 GB of 8 GB free"),
        (Device("Some", "cuda", None, None, None, None), "cuda Some"),
        (Device("Some", "", 10**9, None, None, None), "Some: ? of 1 GB free"),
    ],
)
def test_device_is_told_in_a_line(device, said):
    assert device_row(device) == said


def test_gpus_are_a_line_each(capsys):
    gpus = parse_gpus("0, Some GPU, GPU-1, 560.35, 16376, 8270, 8105, 37, 51, 112.43, 285\n1, Odd" + ", [N/A]" * 9)
    Console(width=120).print(gpu_table(gpus))
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split()[:2] == ["GPU", "name"]
    assert first.split("  ")[0] == "0"
    assert all(part in first for part in ("Some GPU", "8.5 GB", "17.2 GB", "37 %", "51 °C", "112 W of 285 W", "560.35"))
    assert second.split() == ["1", "Odd", *"?????", "[N/A]"]


def test_machine_and_its_engines_are_told():
    machine = Machine("Some CPU", 4, 12.3, 8 * 10**9, 2 * 10**9, Gpus(reason="there is none"))
    rows = {name: value.plain for name, value in machine_rows(machine)}
    assert rows == {"CPU": "Some CPU, 4 cores, 12 % at work", "GPU": "there is none", "memory": "2 GB of 8 GB free"}
    silent = replace(UP, devices=())
    told = [value.plain for _, value in engine_rows([UP, silent])]
    assert told[0].startswith("http://127.0.0.1:8188: cuda:0 Some")
    assert told[1].endswith("it does not say what it computes on")
