from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from comfy_gen.supervisor import process
from comfy_gen.supervisor.process import (
    Identity,
    identity_of,
    is_alive,
    is_listening,
    send,
    terminate,
    tree_of,
    usage_of,
    wait_gone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAITING = "import signal; print(flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITING}"
PARENT = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", {code!r}], start_new_session={apart}).pid, flush=True)
sys.stdin.read()
"""

Started = tuple[subprocess.Popen[str], str]


@pytest.fixture
def start() -> Iterator[Callable[..., Started]]:
    """Return what starts a Python that says one line, and ends it with all of its group in the end."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str) -> Started:
        command = [sys.executable, "-c", code]
        pipe = subprocess.PIPE
        one = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        started.append(one)
        assert one.stdout
        return one, one.stdout.readline()

    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.communicate()


def identity(of: int) -> Identity:
    found = identity_of(of)
    assert found is not None
    return found


def test_process_is_known_again(start: Callable[..., Started]):
    one, _ = start(WAITING)

    assert identity(one.pid) == identity(one.pid)
    assert is_alive(identity(one.pid))


def test_other_process_under_the_same_number_is_another(start: Callable[..., Started]):
    one, _ = start(WAITING)
    earlier = replace(identity(one.pid), started="an earlier boot+1")

    assert not is_alive(earlier)
    assert tree_of(earlier) == []
    assert usage_of(earlier) is None
    assert terminate(earlier, 0)
    assert one.poll() is None


def test_dead_process_that_nobody_fetched_is_not_alive(start: Callable[..., Started]):
    one, _ = start(WAITING)
    known = identity(one.pid)
    os.kill(one.pid, signal.SIGKILL)

    assert wait_gone([known], 5)
    assert psutil.Process(one.pid).status() == psutil.STATUS_ZOMBIE
    assert identity_of(one.pid) is None


def test_identity_does_not_move_with_the_clock(start: Callable[..., Started], monkeypatch):
    one, _ = start(WAITING)
    known = identity(one.pid)

    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: 0.0)

    assert is_alive(known)


def test_name_with_brackets_is_read_past(monkeypatch, tmp_path):
    stat = " ".join(["7 (a) b) c) S", *map(str, range(1, 30))])
    monkeypatch.setattr(process, "Path", lambda _: tmp_path / "stat")
    (tmp_path / "stat").write_text(stat)

    assert process._ticks(7) == "19"


def test_process_that_hears_ends_without_being_killed(start: Callable[..., Started]):
    one, _ = start(WAITING)

    assert terminate(identity(one.pid), 10)
    assert one.wait(5) == -signal.SIGTERM


def test_process_that_is_deaf_is_killed(start: Callable[..., Started]):
    one, _ = start(DEAF)

    assert terminate(identity(one.pid), 0.1)
    assert one.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize("apart", [False, True])
def test_all_that_a_process_started_ends_with_it(start: Callable[..., Started], apart: bool):
    one, said = start(PARENT.format(code=DEAF, apart=apart))
    child = identity(int(said))

    assert {one.pid, child.pid} == {each.pid for each in tree_of(identity(one.pid))}
    assert terminate(identity(one.pid), 0.1)
    assert not is_alive(child)


def test_grandchild_whose_parent_has_ended_belongs_to_the_tree(start: Callable[..., Started]):
    parent = PARENT.format(code=WAITING, apart=False).replace("sys.stdin.read()", "")
    one, said = start(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {parent!r}]); sys.stdin.read()")

    assert int(said) in {each.pid for each in tree_of(identity(one.pid))}


def test_who_has_gone_meanwhile_gets_no_signal(monkeypatch, start: Callable[..., Started]):
    one, _ = start(WAITING)

    def gone(*_: object) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", gone)

    send([identity(one.pid)], signal.SIGTERM)


def test_waiting_ends_when_patience_does(start: Callable[..., Started]):
    one, _ = start(WAITING)

    assert not wait_gone([identity(one.pid)], 0.0)


def test_usage_is_of_the_process_and_its_children(start: Callable[..., Started]):
    one, said = start(PARENT.format(code=WAITING, apart=False))

    usage = usage_of(identity(one.pid))

    assert usage is not None
    assert usage.cpu >= 0
    assert usage.memory > psutil.Process(int(said)).memory_info().rss


def test_listening_is_told_of_the_process_and_no_other():
    me = identity(os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        assert is_listening(me, port)
    assert not is_listening(me, port)


def test_process_is_believed_where_the_system_does_not_tell(monkeypatch):
    def refused(*_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "net_connections", refused)

    assert is_listening(identity(os.getpid()), 1)


def test_creation_time_does_where_there_is_no_other(monkeypatch):
    monkeypatch.setattr(psutil, "LINUX", False)

    assert identity(os.getpid()).started == f"{psutil.Process().create_time():.2f}"
