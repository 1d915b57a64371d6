from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import (
    ComfyUIFolderError,
    InstanceNotFoundError,
    InvalidParameterError,
    NotRunningError,
    OutputPathError,
    PortInUseError,
)
from comfy_gen.supervisor import port
from comfy_gen.supervisor.supervisor import Supervisor
from tests.supervisor.fake_comfyui import instance_of

if TYPE_CHECKING:
    from pathlib import Path


def test_who_was_never_started_is_not_known(supervisor: Supervisor):
    with pytest.raises(InstanceNotFoundError):
        supervisor.look("default")
    assert supervisor.names() == []


def test_two_run_at_once_and_are_told_apart(supervisor: Supervisor, comfyui: Path):
    supervisor.start(instance_of(comfyui))
    supervisor.start(instance_of(comfyui, name="gpu1"))

    assert supervisor.names() == ["default", "gpu1"]
    assert supervisor.look("default").pid != supervisor.look("gpu1").pid
    supervisor.stop("default")
    assert supervisor.look("gpu1").phase == "running"


def test_port_of_another_instance_is_told_by_its_name(supervisor: Supervisor, comfyui: Path):
    first = instance_of(comfyui)
    supervisor.start(first)

    with pytest.raises(PortInUseError, match="the instance 'default' has it"):
        supervisor.start(replace(first, name="gpu1"))
    assert supervisor.names() == ["default"]


def test_nothing_is_kept_of_what_cannot_be_started(supervisor: Supervisor, comfyui: Path, root: Path):
    with pytest.raises(ComfyUIFolderError):
        supervisor.start(instance_of(comfyui / "missing"))
    with pytest.raises(InvalidParameterError):
        supervisor.start(instance_of(comfyui, name="../up"))
    assert not root.exists()


def test_folder_that_cannot_be_made_is_told(comfyui: Path):
    with pytest.raises(OutputPathError):
        Supervisor(comfyui / "main.py" / "instances").start(instance_of(comfyui))


def test_restart_starts_it_anew_as_it_is_wanted(supervisor: Supervisor, comfyui: Path):
    before = supervisor.start(instance_of(comfyui))
    wanted = instance_of(comfyui, "--fast")

    after = supervisor.restart(wanted)

    assert after.pid != before.pid
    assert after.instance == supervisor.instance("default") == wanted


def test_restart_starts_what_does_not_run(supervisor: Supervisor, comfyui: Path):
    assert supervisor.restart(instance_of(comfyui)).phase == "running"


def test_restart_into_a_folder_that_is_none_leaves_the_old_one_running(supervisor: Supervisor, comfyui: Path):
    before = supervisor.start(instance_of(comfyui))

    with pytest.raises(ComfyUIFolderError):
        supervisor.restart(instance_of(comfyui / "missing"))

    assert supervisor.look("default").pid == before.pid


def test_restart_onto_the_port_of_another_leaves_the_old_one_running(supervisor: Supervisor, comfyui: Path):
    other = supervisor.start(instance_of(comfyui, name="gpu1"))
    before = supervisor.start(instance_of(comfyui))

    with pytest.raises(PortInUseError):
        supervisor.restart(instance_of(comfyui, port=other.instance.port))

    assert supervisor.look("default").pid == before.pid


def test_restart_onto_a_busy_port_leaves_the_old_one_running(supervisor: Supervisor, comfyui: Path, monkeypatch):
    monkeypatch.setattr(port, "_PATIENCE", 0.05)  # who listens there never answers
    before = supervisor.start(instance_of(comfyui))

    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(PortInUseError, match="another program"):
        supervisor.restart(instance_of(comfyui, port=listener.getsockname()[1]))

    assert supervisor.look("default").pid == before.pid


def test_paths_are_kept_so_that_they_mean_the_same_elsewhere(supervisor: Supervisor, comfyui: Path, monkeypatch):
    monkeypatch.chdir(comfyui)
    instance = replace(instance_of(comfyui), directory=comfyui.relative_to(comfyui))

    supervisor.start(instance)

    assert supervisor.instance("default").directory == comfyui


def test_log_can_be_read_after_the_end_too(supervisor: Supervisor, comfyui: Path, root: Path):
    supervisor.start(instance_of(comfyui, "--fast"))
    supervisor.stop("default")

    assert "--fast" in supervisor.tail("default", 2)[0]
    assert supervisor.log_files("default") == [root / "default" / "comfyui.log"]
    assert "--fast" in next(supervisor.follow("default", 2))


def test_stopping_twice_is_told(supervisor: Supervisor, comfyui: Path):
    supervisor.start(instance_of(comfyui))
    supervisor.stop("default")

    with pytest.raises(NotRunningError, match="it was stopped"):
        supervisor.stop("default")
