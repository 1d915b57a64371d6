"""The page on jobs, done: its commands in their order, and its table against the settings."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_gen.cli import main
from comfy_gen.config.keys import KEYS
from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox

PAGE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")
SHARED = "postgresql://comfygen@db.example/comfygen"
NOWHERE = {"https://example.com/done": "http://127.0.0.1:1/done"}
SMALL = ["--set", "width=64", "--set", "height=64", "--set", "steps=2"]
"""Added to what is submitted: the pictures are not what is tried here."""


def block(heading):
    """Return the commands below a heading."""
    (found,) = re.findall(rf"^## {heading}[^\n]*\n(?:(?!^## ).)*?```sh\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    return found


class Shell:
    """Runs the lines of the page as a shell would, in this process, but for workers."""

    def __init__(self, monkeypatch, capsys, words):
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._words = words
        self._known = {}
        self.workers = []
        self.began = []
        """Where each worker said that it works."""
        self.said = []
        """What each command printed."""

    def run(self, script):
        for line in script.splitlines():
            if line.strip() and not line.startswith("comfygen sandbox"):
                self._do(line)

    def _do(self, line):
        assigned = re.fullmatch(r"(\w+)=\$\((.*)\)", line)
        words = [self._word(word) for word in shlex.split(assigned[2] if assigned else line, comments=True)]
        if words[0] == "export":
            self._monkeypatch.setenv(*words[1].split("=", 1))
        elif words[-1] == "&":
            self._start(words[1:-1])
        else:
            self._call(words[1:])
        if assigned:
            self._known[f"${assigned[1]}"] = self.said[-1].strip()

    def _word(self, word):
        for old, new in {**self._words, **self._known}.items():
            word = word.replace(old, new)
        return word

    def _call(self, words):
        more = SMALL if words[:2] == ["jobs", "submit"] else []
        code = main([*words, *more])
        said = self._capsys.readouterr()
        assert code == 0, (words, said)
        self.said.append(said.out)

    def _start(self, words):
        command = [sys.executable, "-m", "comfy_gen", *words]
        worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.workers.append(worker)
        self.began += [next(line for line in worker.stderr if line.startswith("Working on "))]

    def stop(self):
        """End the workers, and return what they said."""
        for worker in self.workers:
            worker.terminate()
        return [worker.communicate(timeout=30)[1] for worker in self.workers]


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """A shell in an empty folder, with a database of its own and the page's engines on ports that are free."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("COMFY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    engines = SandboxOptions(step_time=0.01)
    with BackgroundSandbox(engines) as one, BackgroundSandbox(engines) as two:
        words = {"http://127.0.0.1:8188": one.url, "http://127.0.0.1:8189": two.url, **NOWHERE}
        shell = Shell(monkeypatch, capsys, words)
        try:
            yield shell
        finally:
            for worker in shell.workers:
                worker.kill()
                worker.communicate()


def test_queue_is_filled_watched_and_looked_after(shell, tmp_path):
    for heading in ("Start", "Submit and watch", "Look after it", "Several engines", "Webhooks"):
        shell.run(block(heading))
    assert any("was accepted before" in said for said in shell.said)
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    (said,) = shell.stop()
    assert said.endswith("No job is left.\n")


def test_two_workers_share_a_database(shell, postgres_url):
    shell.run(block("Several workers").replace(SHARED, shlex.quote(postgres_url)))
    said = shell.stop()
    assert [line.partition(":")[0] for line in shell.began] == ["Working on postgresql"] * 2
    assert len(re.findall(r"^INFO: job \S+ on one: completed$", "".join(said), re.MULTILINE)) == 6


def test_sandbox_has_the_ports_that_the_page_adds():
    command = shlex.split(block("Start").splitlines()[0], comments=True)
    assert command == ["comfygen", "sandbox", "--port", "8188", "--count", "2", "&"]


def test_table_names_every_setting_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \(([\w.]+)\) \|", PAGE, re.MULTILINE))
    defaults = dict(re.findall(r"^\| `(\w+)` [^|]*\| ([^|]*?) ?\|", PAGE, re.MULTILINE))
    meant = {key.path: key for key in KEYS.values() if key.section in {"fleet", "jobs", "webhook"}}
    assert sorted(rows.values()) == sorted(meant)
    assert {name: defaults[name] for name in rows} == {name: said(meant[path].default) for name, path in rows.items()}
    assert [name for name, path in rows.items() if name not in meant[path].variables] == []


def said(value):
    """Return a default as the page tells it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value in (None, ()) else str(value).replace(str(Path.home()), "~")
