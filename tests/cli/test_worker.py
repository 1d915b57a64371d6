"""``comfygen worker``: how it begins, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest


@pytest.fixture
def start(tmp_path):
    """Start a worker as a process of its own, and return it once it works."""
    running = []

    def run(url, *options):
        command = [sys.executable, "-m", "comfy_gen", "worker", "--engine", url, "--data-dir", str(tmp_path / "data")]
        process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
        running.append(process)
        said = []
        while not (said and said[-1].startswith("at a time")) and (line := process.stderr.readline()):
            said += [line] if not line.startswith("INFO") else []
        return process, said

    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def queue(comfygen, background_sandbox, tmp_path, monkeypatch):
    """The command line with a queue of its own."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    return comfygen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_worker_in_order(start, queue, background_sandbox, number):
    process, said = start(f"a={background_sandbox.url}")
    process.send_signal(number)
    _, rest = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "comfygen.db" in said[0]
    assert said[1] == "engines: a\n"
    assert said[2] == "at a time: 3 prepared, as many as the engines take generating, 3 fetched\n"
    assert "Stopping" in rest
    assert rest.endswith("No job is left.\n")


def test_worker_says_how_many_jobs_are_left(start, queue):
    queue("jobs", "submit", "sd15", "-n", "3", "--no-check")
    process, _ = start("dead=http://127.0.0.1:1")
    process.terminate()
    _, rest = process.communicate(timeout=20)
    assert rest.endswith("Left are 3 that wait and 0 that run: the next worker goes on with them.\n")


def test_second_worker_on_sqlite_is_refused(start, queue, background_sandbox):
    start(background_sandbox.url)
    said = queue("worker", "--drain")
    assert said.code == 2
    assert said.err.startswith("error[worker_running]")
    assert "PostgreSQL" in said.err


def test_worker_drains_the_queue_and_logs_what_it_did(queue):
    (job_id,) = queue("jobs", "submit", "sd15", "-s", "steps=2", "-q").out.split()
    (held,) = queue("jobs", "submit", "sd15", "-q").out.split()
    queue("jobs", "pause", held)
    said = queue("worker", "--drain")
    assert said.code == 0
    assert f"job {job_id} on " in said.err
    assert said.err.endswith("Left are 1 that wait and 0 that run: the next worker goes on with them.\n")
    assert queue("jobs", "show", job_id, "--json").json["state"] == "completed"


def test_quiet_worker_says_nothing(queue):
    said = queue("worker", "--drain", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--engine", "ftp://x"], "invalid_parameter"),
        (["--database", "mysql://x"], "invalid_parameter"),
        (["--database", "sqlite:////proc/nowhere/x.db"], "database_unavailable"),
    ],
)
def test_settings_that_cannot_work_are_told(queue, options, code):
    said = queue("worker", "--drain", *options)
    assert said.code in {1, 2}
    assert said.err.startswith(f"error[{code}]")
