from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from comfy_gen.supervisor import keeper, lock, log
from comfy_gen.supervisor.keeper import Bell, Keeper, environment_of
from comfy_gen.supervisor.process import identity_of, is_alive, send, tree_of
from comfy_gen.supervisor.state import read_state, write_instance
from tests.supervisor.fake_comfyui import instance_of, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from comfy_gen.supervisor.instance import Instance
    from comfy_gen.supervisor.process import Identity


class QuietBell(Bell):
    """Hears no signal, and lets no time pass; ``on_wait`` is called at each look."""

    def __init__(self) -> None:
        self.is_stopping = False
        self.is_hurried = False
        self.pauses: list[float] = []
        self.looks: list[float] = []
        self.on_wait: Callable[[], object] = lambda: None
        self.on_pause: Callable[[], object] = lambda: None

    def wait(self, seconds: float) -> None:
        self.looks.append(seconds)
        self.on_wait()
        time.sleep(0.01)

    def pause(self, seconds: float) -> None:
        self.pauses.append(round(seconds))
        self.on_pause()

    def stop(self, number: int = signal.SIGTERM) -> None:
        self._stop(number, None)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of an instance, and end what runs of it in the end."""
    folder = tmp_path / "default"
    folder.mkdir()
    yield folder
    state = read_state(folder)
    if state is not None and state.comfyui is not None:
        send(tree_of(state.comfyui), signal.SIGKILL)


@pytest.fixture
def bell() -> QuietBell:
    return QuietBell()


def keep(folder: Path, instance: Instance, bell: Bell) -> list[str]:
    """Keep an instance until its end, and return how often its beginning was told."""
    begun: list[str] = []
    Keeper(folder, instance, identity_of(os.getpid()), bell).keep(lambda: begun.append("begun"))
    return begun


def test_who_ends_at_once_each_time_is_given_up(folder: Path, comfyui: Path, bell: QuietBell):
    keep(folder, instance_of(comfyui, "--crash", is_supervised=True), bell)

    state = read_state(folder)
    assert bell.pauses == [1, 2, 4, 8]
    assert (state.phase, state.restarts, state.comfyui) == ("ended", 4, None)
    assert [end.code for end in state.ends] == [3] * 5
    assert "the 5th time in a row" in state.reason
    assert state.reason in (folder / log.NAME).read_text()


def test_who_is_not_supervised_is_begun_once(folder: Path, comfyui: Path, bell: QuietBell):
    assert keep(folder, instance_of(comfyui, "--crash"), bell)

    assert bell.pauses == []
    assert read_state(folder).reason == "it ended with status 3"


def test_who_is_stopped_while_it_waits_is_not_begun_again(folder: Path, comfyui: Path, bell: QuietBell):
    bell.on_pause = bell.stop

    keep(folder, instance_of(comfyui, "--crash", is_supervised=True), bell)

    state = read_state(folder)
    assert (len(state.ends), state.reason) == (1, "it was stopped")


def test_who_is_stopped_while_it_starts_is_ended(folder: Path, comfyui: Path, bell: QuietBell):
    bell.on_wait = bell.stop

    keep(folder, instance_of(comfyui, "--silent", is_supervised=True), bell)

    state = read_state(folder)
    assert (state.phase, state.reason, state.ends[0].has_answered) == ("ended", "it was stopped", False)


def test_who_does_not_heed_is_killed_in_the_end(folder: Path, comfyui: Path, bell: QuietBell, monkeypatch):
    monkeypatch.setattr(keeper, "GRACE", 0.1)
    bell.on_wait = lambda: read_state(folder).phase == "running" and bell.stop()

    keep(folder, instance_of(comfyui, "--deaf"), bell)

    assert read_state(folder).ends[0].code == -signal.SIGKILL


def test_killing_is_left_to_who_sees_to_the_end(folder: Path, comfyui: Path, bell: QuietBell, monkeypatch):
    killed: list[Identity] = []
    monkeypatch.setattr(keeper, "GRACE", 0)
    monkeypatch.setattr(keeper, "send", lambda processes, _: killed.extend(filter(is_alive, processes)))

    def stop() -> None:
        if read_state(folder).phase == "running":
            bell.stop(signal.SIGINT)
        if len(bell.looks) > 3 and bell.is_stopping and bell.looks[-3:] == [keeper._SOON] * 3:
            os.kill(read_state(folder).comfyui.pid, signal.SIGKILL)

    bell.on_wait = stop
    keep(folder, instance_of(comfyui, "--deaf"), bell)

    assert killed == []


def test_log_that_cannot_be_rotated_ends_no_keeper(folder: Path, comfyui: Path, bell: QuietBell, monkeypatch):
    def refuse(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(log, "rotate", refuse)
    bell.on_wait = lambda: read_state(folder).phase == "running" and bell.stop()

    keep(folder, instance_of(comfyui), bell)

    assert read_state(folder).ends[0].has_answered


def test_who_is_ready_is_looked_at_seldom(folder: Path, comfyui: Path, bell: QuietBell):
    bell.on_wait = lambda: read_state(folder).phase == "running" and bell.stop()

    keep(folder, instance_of(comfyui), bell)

    assert {keeper._SOON, keeper._LATER} == set(bell.looks)


def test_large_log_is_begun_anew_while_it_runs(folder: Path, comfyui: Path, bell: QuietBell, monkeypatch):
    (folder / log.NAME).write_bytes(b"x" * (log.LIMIT + 1))
    bell.on_wait = bell.stop

    keep(folder, instance_of(comfyui), bell)

    assert (folder / "comfyui.log.1").stat().st_size > log.LIMIT
    assert (folder / log.NAME).stat().st_size < 1000


def test_full_disk_ends_no_comfyui_and_what_is_so_is_written_later(
    folder: Path, comfyui: Path, bell: QuietBell, monkeypatch
):
    written = keeper.write_state
    refusals = iter([False, True, True, True])

    def write_sometimes(place: Path, state: object) -> None:
        if next(refusals, False):
            raise keeper.OutputPathError(place, "No space left on device")
        written(place, state)

    monkeypatch.setattr(keeper, "write_state", write_sometimes)
    bell.on_wait = lambda: read_state(folder).comfyui and read_state(folder).phase == "running" and bell.stop()

    keep(folder, instance_of(comfyui), bell)

    assert read_state(folder).ends[0].has_answered


def test_nothing_is_begun_that_could_not_be_written_down(folder: Path, comfyui: Path, bell: QuietBell):
    with pytest.raises(keeper.OutputPathError):
        keep(folder / "missing", instance_of(comfyui), bell)
    assert bell.looks == []


def test_comfyui_that_has_gone_away_is_told(folder: Path, comfyui: Path, bell: QuietBell):
    instance = instance_of(comfyui, is_supervised=True)
    (comfyui / "main.py").unlink()

    assert keep(folder, instance, bell) == ["begun"]
    assert "it cannot be run" in read_state(folder).reason


def test_comfyui_gets_nothing_of_the_environment_that_is_ours():
    ours = {"PATH": "/bin", "PYTHONPATH": "/x", "VIRTUAL_ENV": "/x"}

    assert environment_of(ours) == {"PATH": "/bin", "PYTHONUNBUFFERED": "1"}


def run_keeper(folder: Path, *, timeout: float = 20) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "comfy_gen.supervisor.keeper", str(folder)]
    return subprocess.run(command, check=False, capture_output=False, timeout=timeout, stdin=subprocess.DEVNULL)


def test_second_keeper_of_a_folder_ends_at_once(folder: Path, comfyui: Path):
    write_instance(folder, instance_of(comfyui))
    handle = lock.take(folder / keeper.LOCK)

    assert run_keeper(folder).returncode == keeper.TAKEN
    os.close(handle)


def test_folder_without_an_instance_is_nothing_to_keep(folder: Path):
    assert run_keeper(folder).returncode == 2


def test_keeper_that_is_told_to_stop_ends_its_comfyui_first(folder: Path, comfyui: Path):
    write_instance(folder, instance_of(comfyui, is_supervised=True))
    assert run_keeper(folder).returncode == 0
    state = read_state(folder)

    os.kill(state.keeper.pid, signal.SIGHUP)  # the end of a terminal changes nothing
    os.kill(state.keeper.pid, signal.SIGTERM)

    until(lambda: read_state(folder).phase == "ended")
    assert identity_of(state.comfyui.pid) is None
    assert json.loads((folder / "state.json").read_bytes())["reason"] == "it was stopped"
