from __future__ import annotations

import subprocess
import sys

import pytest

from comfy_gen.errors import DatabaseUnavailableError, WorkerRunningError
from comfy_gen.jobs.lock import WorkerLock

_HOLD = """
import sys
from pathlib import Path
from comfy_gen.jobs.lock import WorkerLock
WorkerLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_second_worker_is_refused_until_the_first_lets_go(tmp_path):
    first, second = WorkerLock(tmp_path / "jobs.db"), WorkerLock(tmp_path / "jobs.db", name="sqlite:///jobs.db")
    first.acquire()
    first.acquire()
    with pytest.raises(WorkerRunningError) as caught:
        second.acquire()
    assert caught.value.database == "sqlite:///jobs.db"
    first.release()
    first.release()
    with second, pytest.raises(WorkerRunningError):
        first.acquire()
    with first:
        pass


def test_lock_of_a_killed_worker_is_free(tmp_path):
    command = [sys.executable, "-c", _HOLD, str(tmp_path / "jobs.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout.readline() == b"held\n"
        lock = WorkerLock(tmp_path / "jobs.db")
        with pytest.raises(WorkerRunningError):
            lock.acquire()
        worker.kill()
        worker.wait()
        with lock:
            pass


def test_lock_in_no_folder_says_so(tmp_path):
    with pytest.raises(DatabaseUnavailableError):
        WorkerLock(tmp_path / "none" / "jobs.db").acquire()
