"""Containers, through a program that stands in for docker."""

from __future__ import annotations

import json

import pytest

from comfy_gen.errors import ContainerError
from comfy_gen.supervisor.docker import Docker, parse_container, refusal
from comfy_gen.supervisor.program import Ended

RUNNING = {
    "Id": "0123456789abcdef",
    "Name": "/comfyui",
    "RestartCount": 2,
    "Config": {"Image": "some/comfyui:latest"},
    "State": {
        "Status": "running",
        "Running": True,
        "Pid": 4711,
        "ExitCode": 0,
        "OOMKilled": False,
        "StartedAt": "2026-01-02T03:04:05.678Z",
    },
    "NetworkSettings": {
        "Ports": {
            "8188/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8188"}, {"HostIp": "::", "HostPort": "8188"}],
            "22/tcp": None,
        }
    },
}
ENDED = RUNNING | {
    "State": {"Status": "exited", "Running": False, "Pid": 0, "ExitCode": 137, "OOMKilled": True, "StartedAt": ""},
    "NetworkSettings": {"Ports": {}},
    "HostConfig": {"PortBindings": {"8188/tcp": [{"HostPort": "9188"}], "1/tcp": [{"HostPort": ""}]}},
}
NO_SUCH = "Error response from daemon: No such container: comfyui"


@pytest.fixture
def docker(tmp_path):
    """Make a docker that does as a script says, and return it with what it was asked."""
    asked = tmp_path / "asked"

    def make(script):
        file = tmp_path / "docker"
        file.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n{script}\n')
        file.chmod(0o755)
        return Docker(str(file)), lambda: asked.read_text().splitlines()

    return make


def test_container_is_started_and_stopped_by_its_name(docker):
    it, asked = docker("exit 0")
    it.start("comfyui")
    it.stop("comfyui", patience=5)
    it.stop("-comfyui", patience=7.6)
    assert asked() == ["start -- comfyui", "stop -t=5 -- comfyui", "stop -t=8 -- -comfyui"]


def test_look_tells_what_docker_knows(docker):
    it, asked = docker(f"cat <<'END'\n{json.dumps([RUNNING])}\nEND")
    seen = it.look("comfyui")
    assert (seen.name, seen.id, seen.image, seen.status) == (
        "comfyui",
        "0123456789ab",
        "some/comfyui:latest",
        "running",
    )
    assert (seen.is_running, seen.pid, seen.exit_code, seen.restarts) == (True, 4711, None, 2)
    assert (seen.started, seen.ports) == ("2026-01-02T03:04:05.678Z", (8188,))
    assert asked() == ["inspect --type=container -- comfyui"]


def test_container_that_ended_has_a_status_and_the_ports_that_it_will_have():
    seen = parse_container(ENDED)
    assert (seen.is_running, seen.pid, seen.exit_code, seen.is_killed_for_memory) == (False, None, 137, True)
    assert seen.ports == (9188,)
    never = parse_container(ENDED | {"State": {**ENDED["State"], "StartedAt": "0001-01-01T00:00:00Z"}})
    assert never.started == ""


@pytest.mark.parametrize("answer", ["", "[]", "{}", "[null]", '[{"State": 1}]', '[{"Id": "a"}]'])
def test_answer_that_makes_no_sense_is_an_error(docker, answer):
    it, _ = docker(f"echo '{answer}'")
    with pytest.raises(ContainerError, match="cannot be read"):
        it.look("comfyui")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (NO_SUCH, "there is none of this name"),
        ("Error: No such object: comfyui", "there is none of this name"),
        ("permission denied while trying to connect to the Docker daemon", "this user may not ask Docker"),
        ("Cannot connect to the Docker daemon at unix:///x. Is it running?", "Docker's service does not run"),
        ("Error response from daemon: port is already\nallocated", "port is already allocated"),
        ("", "docker ended with 1"),
    ],
)
def test_refusal_is_told_as_a_person_would(said, reason):
    assert refusal(Ended(1, "", said)).startswith(reason)


def test_what_docker_refuses_is_our_error(docker):
    it, _ = docker(f"echo '{NO_SUCH}' >&2; exit 1")
    for asking in (it.start, it.stop, it.look, it.logs):
        with pytest.raises(ContainerError) as caught:
            asking("comfyui")
        assert caught.value.container == "comfyui"
    assert "No such container" in str(caught.value)


def test_logs_of_both_streams_come_in_their_order(docker):
    it, asked = docker("echo one; echo two >&2; echo three")
    assert it.logs("comfyui", 2) == ["two", "three"]
    assert asked() == ["logs --tail=2 -- comfyui"]


def test_nothing_of_a_log_is_shown_that_a_terminal_would_obey(docker):
    it, _ = docker("printf '\\033]0;title\\007\\033[31mred\\033[0m\\n 10%%\\r 20%%\\n\\377\\n'")
    assert it.logs("comfyui", 9) == ["red", " 20%", "\N{REPLACEMENT CHARACTER}"]


def test_following_ends_docker_when_nobody_reads_any_more(docker):
    it, asked = docker("echo one; echo two; exec sleep 60")
    following = it.follow("comfyui", 1)
    assert next(following) == "one"
    following.close()
    assert asked() == ["logs --follow --tail=1 -- comfyui"]


def test_machine_without_docker_says_so(tmp_path):
    it = Docker(str(tmp_path / "docker"))
    for asking in (it.start, it.logs):
        with pytest.raises(ContainerError, match="there is no docker program here"):
            asking("comfyui")
    (tmp_path / "docker").write_text("not a program")
    with pytest.raises(ContainerError, match="cannot be run: Permission denied"):
        it.look("comfyui")


def test_docker_that_hangs_is_not_waited_for(docker, monkeypatch):
    monkeypatch.setattr("comfy_gen.supervisor.docker.PATIENCE", 0.05)
    it, _ = docker("exec sleep 60")
    with pytest.raises(ContainerError, match=r"did not answer within 0\.05 s"):
        it.stop("comfyui", patience=0)
