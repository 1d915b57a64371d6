"""The page on jobs, done: its commands in their order, and its table against the settings."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_gen.config.keys import KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")
BEFORE = """
set -e
trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null; wait' EXIT
"""
SHARED = "postgresql://comfygen@db.example/comfygen"


def block(heading):
    """Return the commands below a heading."""
    (found,) = re.findall(rf"^## {heading}[^\n]*\n(?:(?!^## ).)*?```sh\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture
def run(tmp_path):
    """Run commands in an empty folder, with a database of its own and ports that are free."""
    first = two_ports()
    program = tmp_path / "bin" / "comfygen"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m comfy_gen "$@"\n')
    program.chmod(0o755)

    def run(script):
        for number in range(3):
            script = script.replace(str(8188 + number), str(first + number))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COMFY")},
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "COMFYGEN_JOBS_DATA_DIR": str(tmp_path / "data"),
            "COLUMNS": "200",
        }
        command = ["bash", "-c", f"{BEFORE}\n{script}"]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def two_ports():
    """Return the first of two neighbouring ports that nobody has."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def test_queue_is_filled_watched_and_looked_after(run, tmp_path):
    headings = ("Start", "Submit and watch", "Look after it", "Several engines", "Webhooks")
    script = "".join(block(heading) for heading in headings)
    done = run(script.replace("https://example.com/done", "http://127.0.0.1:1/done"))
    assert done.returncode == 0, done.stderr
    assert "was accepted before" in done.stdout
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    assert "Added big" in done.stdout


def test_two_workers_share_a_database(run, postgres_url):
    engines = block("Start").splitlines()[0]
    done = run(f"{engines}\n{block('Several workers').replace(SHARED, shlex.quote(postgres_url))}")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Working on postgresql") == 2
    assert len(re.findall(r"^INFO: job \S+ on one: completed$", done.stderr, re.MULTILINE)) == 6


def test_table_names_every_setting_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \(([\w.]+)\) \|", PAGE, re.MULTILINE))
    defaults = dict(re.findall(r"^\| `(\w+)` [^|]*\| ([^|]*?) ?\|", PAGE, re.MULTILINE))
    meant = {key.path: key for key in KEYS.values() if key.section in {"fleet", "jobs", "webhook"}}
    assert {rows[name]: name for name in rows}.keys() == meant.keys()
    for name, path in rows.items():
        assert name in meant[path].variables
        assert defaults[name] == said(meant[path].default), name


def said(value):
    """Return a default as the page tells it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).replace(str(Path.home()), "~")
