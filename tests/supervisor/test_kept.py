from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from comfy_gen.errors import (
    AlreadyRunningError,
    NotRunningError,
    OutputPathError,
    PortInUseError,
    StartFailedError,
    StopFailedError,
)
from comfy_gen.supervisor import kept, process
from comfy_gen.supervisor.port import answers
from comfy_gen.supervisor.process import identity_of
from comfy_gen.supervisor.state import read_state, write_state
from tests.supervisor.fake_comfyui import crash, instance_of, until

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.supervisor.supervisor import Supervisor


def pids_that_run(root: Path) -> set[int]:
    """Return the processes of the instances in a folder that are still there, as the system tells."""
    return {
        one.pid
        for one in psutil.process_iter(["cmdline", "environ", "status"])
        if one.info["status"] != psutil.STATUS_ZOMBIE and str(root.parent) in " ".join(one.info["cmdline"] or ())
    }


def test_it_runs_and_says_what_it_says_when_start_returns(supervisor: Supervisor, comfyui: Path):
    said: list[str] = []

    look = supervisor.start(instance_of(comfyui, "--fast"), on_line=said.append)

    assert look.phase == "running"
    assert look.pid is not None
    assert look.keeper_pid is not None
    assert look.memory
    assert look.since
    assert said[0].startswith("ComfyUI begins --listen 127.0.0.1")


def test_it_has_no_terminal_and_belongs_to_no_shell(supervisor: Supervisor, comfyui: Path):
    look = supervisor.start(instance_of(comfyui))

    assert look.pid is not None
    assert look.keeper_pid is not None
    for pid in (look.pid, look.keeper_pid):
        assert os.getsid(pid) != os.getsid(0)
        assert psutil.Process(pid).terminal() is None
    assert psutil.Process(look.keeper_pid).ppid() != os.getpid()


def test_starting_what_runs_as_it_is_wanted_leaves_it_alone(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui)

    assert supervisor.start(instance).pid == supervisor.start(instance).pid


def test_starting_what_runs_otherwise_is_told(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui)
    supervisor.start(instance)

    with pytest.raises(AlreadyRunningError, match="arguments: none, not --fast"):
        supervisor.start(replace(instance, arguments=("--fast",)))


def test_many_who_start_it_at_once_get_the_same(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui)
    got: list[int | None] = []
    starting = [threading.Thread(target=lambda: got.append(supervisor.start(instance).pid)) for _ in range(4)]

    for one in starting:
        one.start()
    for one in starting:
        one.join(20)

    assert len(got) == 4
    assert len(set(got)) == 1


def test_crash_at_start_is_told_with_its_last_lines_and_nothing_is_left(
    supervisor: Supervisor, comfyui: Path, root: Path
):
    with pytest.raises(StartFailedError) as caught:
        supervisor.start(instance_of(comfyui, "--crash", is_supervised=True))

    assert caught.value.reason == "it ended with status 3"
    assert "Traceback: no such model" in caught.value.lines
    assert caught.value.log == root / "default" / "comfyui.log"
    assert not pids_that_run(root)
    assert supervisor.look("default").phase == "ended"


def test_lines_of_an_earlier_start_are_not_told(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui, "--crash")
    with pytest.raises(StartFailedError):
        supervisor.start(instance)
    with pytest.raises(StartFailedError) as caught:
        supervisor.start(instance)

    assert sum("ComfyUI begins" in line for line in caught.value.lines) == 1


@pytest.mark.parametrize("argument", ["--silent", "--stranger"])
def test_who_does_not_answer_as_comfyui_in_time_is_stopped(
    supervisor: Supervisor, comfyui: Path, root: Path, argument: str
):
    with pytest.raises(StartFailedError, match=r"did not answer within 0\.5 s"):
        supervisor.start(instance_of(comfyui, argument), patience=0.5)

    assert not pids_that_run(root)


def test_ctrl_c_while_it_starts_leaves_nothing_running(supervisor: Supervisor, comfyui: Path, root: Path):
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supervisor.start(instance_of(comfyui, "--silent"), on_line=interrupt)

    assert not pids_that_run(root)


def test_ctrl_c_while_its_keeper_begins_it_leaves_nothing_running(
    supervisor: Supervisor, comfyui: Path, root: Path, monkeypatch
):
    waiting = subprocess.Popen.wait
    pressed: list[int] = []

    def wait(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if not pressed:
            pressed.append(process.pid)
            raise KeyboardInterrupt
        return waiting(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait)

    with pytest.raises(KeyboardInterrupt):
        supervisor.start(instance_of(comfyui))

    assert supervisor.look("default").reason == "it was stopped"
    assert not pids_that_run(root)


def test_python_that_cannot_be_run_after_all_is_told(supervisor: Supervisor, comfyui: Path):
    python = comfyui / "python"
    python.write_bytes(b"no program")
    python.chmod(0o755)

    with pytest.raises(StartFailedError, match="cannot be run"):
        supervisor.start(replace(instance_of(comfyui), python=python))


def test_keeper_that_cannot_write_down_how_it_is_begins_nothing(supervisor: Supervisor, comfyui: Path, root: Path):
    (root / "default" / "state.json").mkdir(parents=True)

    with pytest.raises(StartFailedError, match="its keeper ended with status 1") as caught:
        supervisor.start(instance_of(comfyui))

    assert "cannot write" in caught.value.lines[-1]
    assert not pids_that_run(root)


def test_log_that_cannot_be_written_is_told(supervisor: Supervisor, comfyui: Path, root: Path):
    (root / "default" / "comfyui.log").mkdir(parents=True)

    with pytest.raises(OutputPathError, match=r"comfyui\.log"):
        supervisor.start(instance_of(comfyui))


def test_busy_port_is_told_and_nothing_is_begun(supervisor: Supervisor, comfyui: Path, tmp_path: Path):
    instance = instance_of(comfyui)
    command = [sys.executable, "main.py", "--port", str(instance.port)]
    stranger = subprocess.Popen(command, cwd=comfyui, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(instance))
        with pytest.raises(PortInUseError, match="a ComfyUI that was not started here listens there"):
            supervisor.start(instance)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_stopping_ends_it_and_its_keeper(supervisor: Supervisor, comfyui: Path, root: Path):
    supervisor.start(instance_of(comfyui, is_supervised=True))

    supervisor.stop("default")

    look = supervisor.look("default")
    assert (look.phase, look.reason, look.pid, look.keeper_pid) == ("ended", "it was stopped", None, None)
    assert look.last_end is not None
    assert look.last_end.code == -signal.SIGTERM
    assert not pids_that_run(root)


def test_who_does_not_heed_is_killed_when_patience_ends(supervisor: Supervisor, comfyui: Path, root: Path):
    supervisor.start(instance_of(comfyui, "--deaf", is_supervised=True))

    supervisor.stop("default", patience=0.2)

    assert supervisor.look("default").last_end.code == -signal.SIGKILL
    assert not pids_that_run(root)


@pytest.mark.parametrize("argument", ["--parent", "--detached"])
def test_what_it_started_ends_with_it(supervisor: Supervisor, comfyui: Path, argument: str):
    said: list[str] = []
    supervisor.start(instance_of(comfyui, argument), on_line=said.append)
    child = int(next(line for line in said if line.startswith("child")).split()[1])

    supervisor.stop("default")

    assert until(lambda: identity_of(child) is None)


def test_what_it_started_ends_when_it_crashes(supervisor: Supervisor, comfyui: Path):
    said: list[str] = []
    instance = instance_of(comfyui, "--parent")
    supervisor.start(instance, on_line=said.append)
    child = int(next(line for line in said if line.startswith("child")).split()[1])

    crash(instance)

    assert until(lambda: identity_of(child) is None)


def test_crash_later_is_told(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui)
    supervisor.start(instance)

    crash(instance)

    look = until(lambda: not (look := supervisor.look("default")).is_running and look)
    assert look.reason == "it ended with status 4"
    assert look.keeper_pid is None
    with pytest.raises(NotRunningError, match="it ended with status 4"):
        supervisor.stop("default")


def test_who_is_supervised_comes_back_when_it_was_killed(supervisor: Supervisor, comfyui: Path):
    before = supervisor.start(instance_of(comfyui, is_supervised=True))
    os.kill(before.pid, signal.SIGKILL)

    look = until(lambda: (look := supervisor.look("default")).phase == "running" and look.pid != before.pid and look)

    assert look.restarts == 1
    assert look.last_end.manner == "was ended by SIGKILL"
    assert look.keeper_pid == before.keeper_pid
    assert any("is started again in 1 s" in line for line in supervisor.tail("default", 20))


def test_who_waits_to_be_started_again_can_be_stopped(supervisor: Supervisor, comfyui: Path):
    before = supervisor.start(instance_of(comfyui, is_supervised=True))
    os.kill(before.pid, signal.SIGKILL)
    until(lambda: supervisor.look("default").phase == "waiting")

    supervisor.stop("default")

    assert supervisor.look("default").reason == "it was stopped"


def test_it_goes_on_when_its_keeper_is_killed_and_can_be_stopped(supervisor: Supervisor, comfyui: Path, root: Path):
    instance = instance_of(comfyui)
    before = supervisor.start(instance)
    os.kill(before.keeper_pid, signal.SIGKILL)
    until(lambda: supervisor.look("default").keeper_pid is None)

    look = supervisor.start(instance)
    assert (look.phase, look.pid, look.keeper_pid) == ("running", before.pid, None)

    supervisor.stop("default")
    assert supervisor.look("default").phase == "ended"
    assert not pids_that_run(root)


def test_who_is_to_be_supervised_and_has_no_keeper_any_more_is_told(supervisor: Supervisor, comfyui: Path):
    instance = instance_of(comfyui, is_supervised=True)
    look = supervisor.start(instance)
    os.kill(look.keeper_pid, signal.SIGKILL)
    until(lambda: supervisor.look("default").keeper_pid is None)

    with pytest.raises(AlreadyRunningError, match="its keeper was killed"):
        supervisor.start(instance)


def test_number_that_is_another_process_now_is_left_alone_and_told(supervisor: Supervisor, comfyui: Path, root: Path):
    instance = instance_of(comfyui)
    look = supervisor.start(instance)
    for pid in (look.keeper_pid, look.pid):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not supervisor.look("default").is_running)
    state = read_state(root / "default")
    me = os.getpid()
    write_state(
        root / "default",
        replace(state, keeper=replace(state.keeper, pid=me), comfyui=replace(state.comfyui, pid=me)),
    )

    with pytest.raises(NotRunningError, match=f"its process {me} is gone; the number is another process's now"):
        supervisor.stop("default")

    assert supervisor.look("default").reason == "it was stopped"
    assert supervisor.start(instance).phase == "running"


def test_both_killed_is_told(supervisor: Supervisor, comfyui: Path):
    look = supervisor.start(instance_of(comfyui))
    for pid in (look.keeper_pid, look.pid):
        os.kill(pid, signal.SIGKILL)

    ended = until(lambda: not (ended := supervisor.look("default")).is_running and ended)

    assert "is gone, and so is its keeper" in ended.reason


def test_who_was_started_by_another_user_is_told(supervisor: Supervisor, comfyui: Path, root: Path):
    supervisor.start(instance_of(comfyui))
    supervisor.stop("default")
    (root / ".default.lock").unlink()
    (root / ".default.lock").mkdir()  # it cannot be opened, as one that is another user's

    with pytest.raises(StopFailedError, match=r"default\.lock"):
        supervisor.stop("default")


def test_who_may_not_be_ended_is_told(supervisor: Supervisor, comfyui: Path, monkeypatch):
    supervisor.start(instance_of(comfyui))

    def refused(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(process.os, "kill", refused)
        with pytest.raises(StopFailedError, match="another user's"):
            supervisor.stop("default")


def test_who_does_not_go_is_told(supervisor: Supervisor, comfyui: Path, monkeypatch):
    supervisor.start(instance_of(comfyui))

    with monkeypatch.context() as patched:
        patched.setattr(kept, "_LAST_GRACE", 0.0)
        patched.setattr(process, "_LAST_GRACE", 0.0)
        patched.setattr(process.os, "kill", lambda *_: None)
        with pytest.raises(StopFailedError, match="has not gone"):
            supervisor.stop("default", patience=0.0)


def test_keeper_that_has_its_folder_though_its_state_is_gone_is_told(
    supervisor: Supervisor, comfyui: Path, root: Path, request: pytest.FixtureRequest
):
    instance = instance_of(comfyui)
    supervisor.start(instance)
    state = (root / "default" / "state.json").read_bytes()
    (root / "default" / "state.json").unlink()
    request.addfinalizer(lambda: (root / "default" / "state.json").write_bytes(state))  # for who ends it

    assert supervisor.look("default").reason == "it was never begun"
    with pytest.raises(NotRunningError, match="never begun"):
        supervisor.stop("default")
    with pytest.raises(AlreadyRunningError, match="another keeper has its folder"):
        supervisor.start(replace(instance, port=instance_of(comfyui).port))


def test_what_is_written_is_the_pid_and_what_makes_it_safe(supervisor: Supervisor, comfyui: Path, root: Path):
    look = supervisor.start(instance_of(comfyui))

    written = json.loads((root / "default" / "state.json").read_bytes())

    assert written["comfyui"]["pid"] == look.pid
    assert written["comfyui"]["started"]
