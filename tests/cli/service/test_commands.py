"""``comfygen service``: a ComfyUI of this machine, begun, looked at and ended by command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys

import psutil
import pytest

from tests.ports import free_port
from tests.supervisor.conftest import root
from tests.supervisor.fake_comfyui import make_comfyui, until

__all__ = ["root"]

MAIN = """
import sys
from comfy_gen.cli import main
port = sys.argv[sys.argv.index("--port") + 1]
print("given:", *sys.argv[1:], flush=True)
if "--crash" in sys.argv:
    sys.exit("Traceback: no such model")
sys.exit(main(["sandbox", "--port", port]))
"""
"""What answers as a ComfyUI does: the sandbox engine."""


@pytest.fixture
def service(comfygen, root, monkeypatch, tmp_path):
    """The command line with a ComfyUI of its own, and instances that are ended whatever a test did."""
    folder = make_comfyui(tmp_path / "comfyui")
    (folder / "main.py").write_text(MAIN)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(root.parent))
    monkeypatch.setenv("COMFYUI_DIR", str(folder))
    monkeypatch.setenv("COMFYUI_PYTHON", sys.executable)
    monkeypatch.setenv("COMFYUI_API_BASE", f"http://127.0.0.1:{free_port()}")

    return lambda *arguments: comfygen("service", *arguments)


def told(service, name="default"):
    (one,) = service("status", "--instance", name, "--json").json["instances"]
    return one


def test_comfyui_is_started_used_killed_started_again_and_stopped(service, comfygen, root):
    url = os.environ["COMFYUI_API_BASE"]
    started = service("start", "--cpu", "--supervise", "--", "--preview-method", "auto")
    assert started.code == 0, started.err
    first, log = started.out.splitlines()
    assert first.startswith(f"default runs at {url}, as process ")
    assert log == f"Its log: {root / 'default' / 'comfyui.log'}"
    assert service("start").out.splitlines()[0] == first  # what is not said may be as it is
    assert service("start", "--no-supervise").code == 1

    made = comfygen("generate", "a hat", "--workflow", "sd15", "--width", "64", "--height", "64", "--steps", "1")
    assert made.code == 0, made.err
    status = service("status")
    assert status.code == 0
    assert "default  running" in status.out
    assert "models used last  checkpoints/v1-5-pruned-emaonly-fp16.safetensors" in status.out
    (line,) = [line for line in service("logs").out.splitlines() if line.startswith("given:")]
    assert line.endswith("--cpu --preview-method auto")

    before = told(service)
    os.kill(before["process"]["pid"], signal.SIGKILL)
    after = until(lambda: (one := told(service))["process"]["restarts"] and one["ok"] and one)
    assert after["process"]["pid"] != before["process"]["pid"]
    assert after["process"]["last_end"]["code"] == -9

    anew = service("restart", "--no-supervise", "--", "--deterministic")
    assert anew.code == 0, anew.err
    assert (
        told(service)["process"]["instance"] | {"is_supervised": False, "arguments": ["--deterministic"]}
        == (told(service)["process"]["instance"])
    )
    assert (service("stop").out, service("stop").code) == ("Stopped default.\n", 1)
    stopped = service("status")
    assert (stopped.code, "default  stopped" in stopped.out) == (1, True)


def test_two_run_side_by_side_and_are_stopped_together(service):
    one = service("start", "--instance", "gpu0", "--json").json
    two = service("start", "--instance", "gpu1", "--json").json
    assert two["instance"]["port"] != one["instance"]["port"]
    assert min(two["instance"]["port"], one["instance"]["port"]) >= 8188
    assert one["add_to_queue"] == f"comfygen engines add {one['url']} --name gpu0"
    assert service("start", "--instance", "gpu0", "--json").json["pid"] == one["pid"]
    assert [each["name"] for each in service("status", "--json").json["instances"]] == ["gpu0", "gpu1"]
    assert service("stop", "--all", "--json").json == {"stopped": ["gpu0", "gpu1"]}
    assert service("status").code == 1
    again = service("stop", "--all")
    assert (again.code, again.out) == (0, "None was running.\n")
    assert service("restart", "--instance", "gpu0", "--json").json["instance"] == one["instance"]
    assert service("stop", "--all").out == "Stopped gpu0.\n"


def test_status_is_well_where_all_that_were_not_stopped_run(service):
    assert service("start").code == 0
    assert service("start", "--instance", "gpu0", "--", "--crash").code == 1
    assert service("start", "--instance", "gpu1").code == 0
    assert service("status").code == 0
    assert service("stop", "--instance", "gpu1").code == 0
    assert service("status").code == 0
    assert service("status", "--instance", "gpu1").code == 1

    process = told(service)["process"]
    os.kill(process["pid"], signal.SIGKILL)
    until(lambda: told(service)["process"]["phase"] == "ended")
    assert service("start", "--instance", "gpu1").code == 0
    crashed = service("status")
    assert (crashed.code, "default  ended, and nobody stopped it" in crashed.out) == (1, True)


def test_instance_is_forgotten_when_it_is_stopped_and_somebody_is_sure(service, root):
    assert service("start", "--instance", "gpu0").code == 0
    picture = root / "gpu0" / "output" / "a.png"
    picture.touch()
    running = service("forget", "--instance", "gpu0", "--yes", "--json")
    assert (running.code, running.json["error"]["code"]) == (1, "still_running")
    assert service("stop", "--instance", "gpu0").code == 0
    unsure = service("forget", "--instance", "gpu0")
    assert unsure.code == 2
    assert str(picture) in unsure.err
    sure = service("forget", "--instance", "gpu0", "--yes", "--json")
    assert sure.json == {"forgotten": "gpu0", "deleted": [str(picture)]}
    assert not (root / "gpu0").exists()
    assert service("forget", "--instance", "gpu0").code == 2


def test_port_of_another_instance_is_told_with_what_to_do(service):
    port = os.environ["COMFYUI_API_BASE"].rpartition(":")[2]
    assert service("start", "--instance", "gpu0", "--port", port).code == 0
    said = service("start")
    assert said.code == 2
    assert "the instance 'gpu0' has it" in said.err
    assert "comfygen service restart --instance gpu0 --port N" in said.err


def test_secrets_of_the_settings_are_not_for_comfyui(service, monkeypatch):
    secrets = {"HF_TOKEN", "CIVITAI_TOKEN", "S3_SECRET_ACCESS_KEY", "REDIS_PASSWORD", "WEBHOOK_SECRET"}
    for name in secrets:
        monkeypatch.setenv(name, "whsec_" + "a" * 32)
    process = service("start", "--json").json
    for pid in (process["pid"], process["keeper_pid"]):
        assert not secrets & psutil.Process(pid).environ().keys()


def test_crash_at_the_start_shows_the_last_lines_and_leaves_nothing(service):
    said = service("start", "--", "--crash")
    assert said.code == 1
    assert "error[start_failed]" in said.err
    assert "Traceback: no such model" in said.err
    assert told(service)["process"]["pid"] is None


def test_port_of_another_program_is_refused(service):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = service("start", "--port", taken.getsockname()[1], "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "port_in_use")


def test_folder_without_a_comfyui_is_refused_with_what_installs_one(service, tmp_path):
    said = service("start", "--dir", tmp_path / "nothing")
    assert said.code == 2
    assert "there is no such folder" in said.err
    assert "comfygen service install" in said.err


@pytest.mark.parametrize(
    ("command", "code", "error"),
    [
        (("stop",), 1, "not_running"),
        (("stop", "--instance", "gpu7"), 2, "instance_not_found"),
        (("status", "--instance", "gpu7"), 2, "instance_not_found"),
        (("logs",), 2, "instance_not_found"),
        (("logs", "--follow"), 2, "instance_not_found"),
        (("start", "--instance", "A B"), 2, "invalid_parameter"),
        (("start", "--", "--port=1"), 2, "invalid_parameter"),
        (("start", "--container", "box"), 1, "container"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_its_code(service, monkeypatch, tmp_path, command, code, error):
    monkeypatch.setenv("PATH", str(tmp_path))
    before, dashes, after = command, (), ()
    if "--" in command:
        cut = command.index("--")
        before, dashes, after = command[:cut], ("--",), command[cut + 1 :]
    assert service(*command).err.startswith(f"error[{error}]: ")
    said = service(*before, *(() if "--follow" in command else ("--json",)), *dashes, *after)
    assert said.code == code
    if said.out:
        assert said.json["error"]["code"] == error


def test_engine_that_was_not_started_here_is_told_of(service, background_sandbox, monkeypatch):
    nothing = service("status")
    assert (nothing.code, nothing.out.splitlines()[0]) == (1, "default  not started")
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    said = service("status")
    assert said.code == 0
    assert said.out.startswith("default  answers; it was not started here\n")


def test_log_is_followed_to_its_end_by_nobody_as_json(service):
    said = service("logs", "--follow", "--json")
    assert (said.code, said.out) == (2, "")
    assert "--follow has no end" in said.err


@pytest.fixture
def box(service, tmp_path, monkeypatch, background_sandbox):
    """A docker with one container, which the sandbox answers for; returns what docker was asked."""
    asked, state = tmp_path / "asked", tmp_path / "running"
    port = background_sandbox.url.rpartition(":")[2]
    told = {
        "Id": "0123456789abcdef",
        "Name": "/box",
        "State": {"Status": "RUNNING", "Running": "RUNNING", "Pid": 0, "ExitCode": 0, "StartedAt": ""},
        "NetworkSettings": {"Ports": {"8188/tcp": [{"HostPort": port}]}},
    }
    running, ended = (
        json.dumps([told]).replace('"Status": "RUNNING"', f'"Status": "{name}"').replace('"RUNNING"', claim)
        for name, claim in (("running", "true"), ("exited", "false"))
    )
    (tmp_path / "docker").write_text(
        f"#!/bin/sh\necho $1 >> {asked}\ncase $1 in\nstart) touch {state};;\nstop) rm {state};;\n"
        f"logs) echo it says this;;\n"
        f"inspect) if [ -e {state} ]; then echo '{running}'; else echo '{ended}'; fi;;\nesac\n"
    )
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("COMFYUI_CONTAINER", "box")
    return asked


def test_container_is_stopped_and_told_of_by_its_name(service, box, tmp_path, background_sandbox):
    (tmp_path / "running").touch()
    started = service("start")
    assert started.out.splitlines()[0] == f"default runs at {background_sandbox.url}, in the container box."
    status = service("status")
    assert status.code == 0
    assert "is  container box" in status.out
    assert service("logs", "--json").json == {"name": "default", "files": [], "lines": ["it says this"]}
    assert service("stop").code == 0
    assert "stop" in box.read_text().split()
    assert service("stop").code == 1


def test_container_without_docker_keeps_nobody_from_the_others(service, box, tmp_path, monkeypatch):
    (tmp_path / "running").touch()
    assert service("start").code == 0
    assert service("start", "--instance", "gpu0").code == 0
    (tmp_path / "docker").unlink()
    status = service("status")
    assert status.code == 1
    assert "gpu0  running" in status.out
    assert service("stop", "--all", "--json").json == {"stopped": ["gpu0"]}


def test_help_of_every_command_names_its_options(comfygen):
    for command in ("install", "start", "restart", "stop", "status", "forget", "logs", "gpu-info"):
        said = comfygen("service", command, "--help")
        assert said.code == 0
        assert "--json" in said.out


def test_machine_is_told_of_with_what_its_engines_compute_on(service, background_sandbox, monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    assert shutil.which("nvidia-smi") or "there is no nvidia-smi here" in service("gpu-info").out
    said = service("gpu-info", "--json").json
    assert said["cores"] >= 1
    assert [engine["url"] for engine in said["engines"]] == [background_sandbox.url]
