from __future__ import annotations

import os
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from comfy_gen.errors import (
    ComfyUIFolderError,
    InstanceNotFoundError,
    InvalidParameterError,
    NotRunningError,
    OutputPathError,
    PortInUseError,
    StartFailedError,
    StillRunningError,
)
from comfy_gen.supervisor import lock, port
from comfy_gen.supervisor.keeper import LOCK
from comfy_gen.supervisor.supervisor import Supervisor
from tests.ports import free_port
from tests.supervisor.fake_comfyui import crash, instance_of, until

if TYPE_CHECKING:
    from comfy_gen.supervisor.instance import Instance


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

    with pytest.raises(PortInUseError, match="the instance 'default' has it") as caught:
        supervisor.start(replace(first, name="gpu1"))
    assert "comfygen service restart --instance default --port N" in caught.value.hint
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


def test_new_instance_has_its_port_before_it_listens(supervisor: Supervisor, comfyui: Path, root: Path):
    first = instance_of(comfyui, name="gpu0")

    assert supervisor.reserve(lambda: first) == first
    assert supervisor.instance("gpu0") == first
    supervisor.reserve(lambda: replace(first, port=1))  # it is known: how it was started last stays
    assert supervisor.instance("gpu0") == first
    assert not supervisor.look("gpu0").is_wanted


def test_two_who_choose_at_once_choose_one_after_the_other(supervisor: Supervisor, comfyui: Path, root: Path):
    free = [free_port(), free_port()]
    begun = threading.Event()

    def choose(name: str) -> Instance:
        taken = {supervisor.instance(other).port for other in supervisor.names()}
        begun.set()
        return instance_of(comfyui, name=name, port=next(port for port in free if port not in taken))

    with lock.turn(root / ".choosing.lock"):
        choosing = [threading.Thread(target=supervisor.reserve, args=(lambda n=n: choose(n),)) for n in ("a", "b")]
        for one in choosing:
            one.start()
        assert not begun.wait(0.05)
    for one in choosing:
        one.join(20)

    assert {supervisor.instance(name).port for name in ("a", "b")} == set(free)


def test_what_cannot_be_started_has_no_port(supervisor: Supervisor, comfyui: Path):
    with pytest.raises(ComfyUIFolderError):
        supervisor.reserve(lambda: instance_of(comfyui / "missing"))
    assert supervisor.names() == []


def test_who_runs_is_not_forgotten(supervisor: Supervisor, comfyui: Path):
    supervisor.start(instance_of(comfyui))

    with pytest.raises(StillRunningError):
        supervisor.forget("default")

    assert supervisor.look("default").phase == "running"


def test_who_has_a_keeper_is_not_forgotten_whatever_is_written(supervisor: Supervisor, comfyui: Path, root: Path):
    supervisor.reserve(lambda: instance_of(comfyui))
    handle = lock.take(root / "default" / LOCK)

    with pytest.raises(StillRunningError):
        supervisor.forget("default")

    os.close(handle)
    supervisor.forget("default")
    assert supervisor.names() == []


def test_forgotten_is_the_whole_folder_and_nothing_beyond_it(supervisor: Supervisor, comfyui: Path, root: Path):
    supervisor.start(instance_of(comfyui, name="gpu1"))
    supervisor.stop("gpu1")
    folder = root / "gpu1"
    elsewhere = comfyui / "kept.png"
    elsewhere.touch()
    (folder / "output" / "sub").mkdir()
    picture, work = folder / "output" / "sub" / "a.png", folder / "user" / "default" / "workflows" / "b.json"
    work.parent.mkdir(parents=True)
    for file in (picture, work, folder / "user" / "comfyui.log"):
        file.touch()
    (folder / "user" / "link").symlink_to(comfyui)
    (root / ".gpu1.gone").mkdir()
    (root / ".gpu1.gone" / "instance.json").write_bytes((folder / "instance.json").read_bytes())

    assert supervisor.names() == ["gpu1"]
    assert sorted(supervisor.own_files("gpu1")) == [picture, work]
    supervisor.forget("gpu1")

    assert sorted(path.name for path in root.iterdir()) == [".gpu1.lock"]
    assert elsewhere.exists()
    with pytest.raises(InstanceNotFoundError):
        supervisor.forget("gpu1")


def test_folder_that_cannot_be_deleted_is_told(supervisor: Supervisor, comfyui: Path, monkeypatch):
    supervisor.reserve(lambda: instance_of(comfyui))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputPathError, match="Permission denied"):
        supervisor.forget("default")


def test_neither_comfyui_nor_its_keeper_has_a_secret(root: Path, comfyui: Path, monkeypatch):
    monkeypatch.setenv("WEBHOOK_SECRET", "whsec_1")
    monkeypatch.setenv("COMFYGEN_API_KEY", "secret")
    monkeypatch.setenv("GREETING", "hello")

    look = Supervisor(root, secrets={"WEBHOOK_SECRET"}).start(instance_of(comfyui))

    for pid in (look.pid, look.keeper_pid):
        environment = psutil.Process(pid).environ()
        assert not {"WEBHOOK_SECRET", "COMFYGEN_API_KEY"} & environment.keys()
        assert environment["GREETING"] == "hello"


def test_who_was_started_is_wanted_until_it_is_stopped(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui)
    assert supervisor.start(instance).is_wanted
    crash(instance)
    assert until(lambda: not (look := supervisor.look("default")).is_running and look).is_wanted

    with pytest.raises(NotRunningError):
        supervisor.stop("default")

    assert not supervisor.look("default").is_wanted


def test_who_did_not_start_is_not_wanted(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui)
    supervisor.start(instance)
    crash(instance)
    until(lambda: not supervisor.look("default").is_running)

    with pytest.raises(StartFailedError):
        supervisor.start(replace(instance, arguments=("--crash",)))

    assert not supervisor.look("default").is_wanted
