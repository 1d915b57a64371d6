"""``comfygen serve``: how it begins, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

QUIET = {"COMFYGEN_FLEET_ENGINES", "COMFYUI_API_BASE", "COMFYGEN_API_ACCESS"}


@pytest.fixture
def start(tmp_path):
    """Start a service as a process of its own, and return it with its address once it answers."""
    running = []

    def run(*options, **environ):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "comfy_gen",
            "serve",
            "--port",
            str(port),
            "--data-dir",
            str(tmp_path / "data"),
        ]
        usual = {name: value for name, value in os.environ.items() if name not in QUIET}
        process = subprocess.Popen(
            [*command, *options], stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=usual | environ
        )
        running.append(process)
        address = f"http://127.0.0.1:{port}"
        until_it_answers(process, f"{address}/ready")
        return process, address

    yield run
    for process in running:
        process.kill()
        process.communicate()


def until_it_answers(process, url):
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"it does not answer: {process.stderr.read() if process.poll() is not None else ''}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_service_in_order(start, number):
    process, address = start("--no-worker")
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.startswith(f"ComfyGen serves at {address} (interactive documentation: /docs)\njobs: sqlite:///")
    assert "access: this machine alone, until a key is made\n" in said
    assert "Traceback" not in said


def test_env_file_of_the_folder_is_read_and_logs_are_json(start, tmp_path):
    (tmp_path / ".env").write_text("COMFYGEN_LOGGING_FILE=log.jsonl\nAPI_LOG_LEVEL=debug  # all of it\n")
    process, address = start("--json-logs")
    request = urllib.request.Request(f"{address}/queue-info", headers={"X-Request-ID": "mine"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.headers["X-Request-ID"] == "mine"
    process.terminate()
    process.communicate(timeout=20)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    (told,) = [line for line in lines if line.get("request_id") == "mine" and line.get("path")]
    assert (told["path"], told["status"]) == ("/queue-info", 200)


def test_wrong_env_file_is_told(comfygen, tmp_path):
    (tmp_path / ".env").write_text("API_PORT 8000")
    said = comfygen("serve")
    assert said.code == 2
    assert ".env:1: a line must be NAME=VALUE, or a comment" in said.err


def test_wrong_values_are_told_before_anything_is_opened(comfygen, tmp_path):
    said = comfygen("serve", "--log-level", "loud", "--data-dir", tmp_path / "data")
    assert said.code == 2
    assert "api.log_level is 'loud', but must be one of critical, error" in said.err
    assert not (tmp_path / "data").exists()
