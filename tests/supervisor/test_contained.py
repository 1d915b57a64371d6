from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import (
    AlreadyRunningError,
    ContainerError,
    InvalidRequestError,
    NotRunningError,
    PortInUseError,
    StartFailedError,
)
from comfy_gen.supervisor import contained, port
from comfy_gen.supervisor.docker import Container, Docker
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.supervisor import Supervisor
from tests.ports import free_port
from tests.supervisor.fake_comfyui import instance_of

if TYPE_CHECKING:
    from collections.abc import Iterator

STOPPED = Container(
    "comfy", "0123456789ab", "image", "exited", False, None, "2026-01-02T03:04:05.123456789Z", 137, 2, False, ()
)
RUNNING = replace(STOPPED, status="running", is_running=True, pid=7, exit_code=None)


class FakeDocker(Docker):
    """Has one container, which ends in its own way."""

    def __init__(self, container: Container = STOPPED) -> None:
        self.container = container
        self.started: Container = RUNNING
        self.done: list[str] = []

    def start(self, container: str) -> None:
        self.done.append("start")
        self.container = self.started

    def stop(self, container: str, *, patience: float = 20.0) -> None:
        self.done.append(f"stop {patience:g}")
        self.container = STOPPED

    def look(self, container: str) -> Container:
        if container != "comfy":
            raise ContainerError(container, "there is none of this name")
        return self.container

    def logs(self, container: str, lines: int = 50) -> list[str]:
        return ["the last line"][:lines]

    def follow(self, container: str, lines: int = 0) -> Iterator[str]:
        yield "a line"


@pytest.fixture
def docker() -> FakeDocker:
    return FakeDocker()


@pytest.fixture
def supervisor(root: Path, docker: FakeDocker) -> Supervisor:
    return Supervisor(root, docker=docker)


@pytest.fixture
def instance() -> Instance:
    return Instance("default", Path("/nowhere"), container="comfy", port=free_port())


def answer(monkeypatch, *, is_there: bool) -> None:
    monkeypatch.setattr(contained, "answers", lambda _: is_there)


def test_container_is_started_and_looked_at(supervisor: Supervisor, docker, instance: Instance, monkeypatch):
    answer(monkeypatch, is_there=True)
    said: list[str] = []

    look = supervisor.start(instance, on_line=said.append)

    assert (look.phase, look.pid, look.restarts, look.keeper_pid) == ("running", 7, 2, None)
    assert look.since == pytest.approx(1767323045.123456)
    assert said == ["the container comfy is started"]
    assert supervisor.names() == ["default"]
    assert docker.done == ["start"]


def test_container_that_runs_is_left_alone(supervisor: Supervisor, docker, instance: Instance, monkeypatch):
    answer(monkeypatch, is_there=True)
    docker.container = RUNNING

    supervisor.start(instance)

    assert docker.done == []


def test_container_that_ends_is_told_with_its_last_lines(supervisor: Supervisor, docker, instance, monkeypatch):
    answer(monkeypatch, is_there=False)
    docker.started = STOPPED

    with pytest.raises(StartFailedError) as caught:
        supervisor.start(instance)

    assert caught.value.reason == "the container is exited, with status 137"
    assert list(caught.value.lines) == ["the last line"]
    assert "docker logs comfy" in caught.value.hint
    assert docker.done == ["start", "stop 20"]


@pytest.mark.parametrize(
    ("ports", "reason"),
    [((), "did not answer at http://127.0.0.1:"), ((9000, 9001), "of this machine's ports, 9000, 9001 lead into it")],
)
def test_container_that_does_not_answer_is_stopped_and_its_ports_are_told(
    supervisor: Supervisor, docker, instance: Instance, monkeypatch, ports: tuple[int, ...], reason: str
):
    answer(monkeypatch, is_there=False)
    docker.started = replace(RUNNING, ports=ports)

    with pytest.raises(StartFailedError, match=reason):
        supervisor.start(instance, patience=-1)

    assert docker.done == ["start", "stop 20"]


def test_container_that_ran_before_is_not_stopped_for_its_silence(
    supervisor: Supervisor, docker, instance: Instance, monkeypatch
):
    answer(monkeypatch, is_there=False)
    docker.container = RUNNING

    with pytest.raises(StartFailedError):
        supervisor.start(instance, patience=-1)

    assert docker.done == []


def test_busy_port_is_told_before_the_container_is_started(supervisor: Supervisor, docker, instance, monkeypatch):
    monkeypatch.setattr(port, "_PATIENCE", 0.05)  # who listens there never answers
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(PortInUseError):
        supervisor.start(replace(instance, port=listener.getsockname()[1]))
    assert docker.done == []


def test_stopping_is_told_to_docker_with_its_patience(supervisor: Supervisor, docker, instance, monkeypatch):
    answer(monkeypatch, is_there=True)
    supervisor.start(instance)

    supervisor.stop("default", patience=3)

    assert docker.done == ["start", "stop 3"]
    with pytest.raises(NotRunningError, match="exited, with status 137"):
        supervisor.stop("default")


@pytest.mark.parametrize(
    ("container", "phase", "reason"),
    [
        (STOPPED, "ended", "the container is exited, with status 137"),
        (replace(STOPPED, is_killed_for_memory=True), "ended", "it took more memory than it may"),
        (replace(STOPPED, status="restarting"), "waiting", "the container is restarting"),
        (replace(STOPPED, status="created", started="", exit_code=0), "ended", "the container is created"),
    ],
)
def test_container_is_told_of_as_it_is(
    supervisor: Supervisor, docker, instance, monkeypatch, container: Container, phase: str, reason: str
):
    answer(monkeypatch, is_there=True)
    supervisor.start(instance)
    docker.container = container

    look = supervisor.look("default")

    assert look.phase == phase
    assert reason in look.reason
    assert look.since is None


def test_log_of_a_container_is_dockers(supervisor: Supervisor, instance: Instance, monkeypatch):
    answer(monkeypatch, is_there=True)
    supervisor.start(instance)

    assert supervisor.tail("default", 5) == ["the last line"]
    assert next(supervisor.follow("default")) == "a line"
    assert supervisor.log_files("default") == []


def test_container_that_is_none_is_told_and_not_kept(supervisor: Supervisor, instance: Instance):
    with pytest.raises(ContainerError):
        supervisor.start(replace(instance, container="other"))
    assert supervisor.names() == []


def test_what_only_its_maker_can_decide_is_told_at_once(supervisor: Supervisor, instance: Instance):
    with pytest.raises(InvalidRequestError) as caught:
        supervisor.start(replace(instance, is_cpu=True, is_supervised=True))
    assert len(caught.value.errors) == 2


def test_container_that_runs_is_not_left_behind_for_another(supervisor, docker, instance, comfyui: Path, monkeypatch):
    answer(monkeypatch, is_there=True)
    supervisor.start(instance)

    for other in (instance_of(comfyui), replace(instance, container="other")):
        with pytest.raises(AlreadyRunningError, match="container: comfy, not"):
            supervisor.start(other)

    assert supervisor.instance("default") == instance


def test_comfyui_that_runs_is_not_left_behind_for_a_container(supervisor, docker, instance: Instance, comfyui: Path):
    supervisor.start(instance_of(comfyui))

    with pytest.raises(AlreadyRunningError, match="container: none, not comfy"):
        supervisor.start(instance)

    assert supervisor.look("default").phase == "running"
    assert docker.done == []


def test_restart_as_a_container_that_is_none_leaves_the_old_one_running(supervisor, docker, instance, comfyui: Path):
    before = supervisor.start(instance_of(comfyui))

    with pytest.raises(ContainerError):
        supervisor.restart(replace(instance, container="other"))

    assert supervisor.look("default").pid == before.pid


def test_container_of_which_docker_tells_nothing_does_not_run(supervisor, docker, instance, comfyui, monkeypatch):
    answer(monkeypatch, is_there=True)
    supervisor.start(instance)

    def refuse(container: str) -> Container:
        raise ContainerError(container, "Docker's service does not run")

    monkeypatch.setattr(docker, "look", refuse)

    look = supervisor.look("default")
    assert (look.phase, look.is_wanted) == ("ended", True)
    assert "Docker's service does not run" in look.reason
    assert supervisor.start(instance_of(comfyui, name="gpu1", port=instance.port)).phase == "running"


def test_container_is_wanted_until_it_is_stopped(supervisor, docker, instance: Instance, monkeypatch):
    answer(monkeypatch, is_there=True)
    assert supervisor.start(instance).is_wanted
    docker.container = STOPPED
    assert supervisor.look("default").is_wanted

    with pytest.raises(NotRunningError):
        supervisor.stop("default")

    assert not supervisor.look("default").is_wanted


def test_container_that_is_paused_is_told_with_what_has_it_go_on(supervisor, docker, instance, monkeypatch):
    answer(monkeypatch, is_there=False)
    docker.container = replace(RUNNING, status="paused")

    with pytest.raises(StartFailedError, match="docker unpause comfy"):
        supervisor.start(instance, patience=-1)
