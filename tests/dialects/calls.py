"""What a client tells of the calls that it is tried with: programs in ``clients/``, one line of JSON for each call."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.components import find_program, require, together

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

HERE = Path(__file__).parent
PATIENCE = 150.0
"""Seconds after which a client that goes on is stuck."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a client that has ended, by their names."""

    told: Mapping[str, Mapping[str, Any]]
    log: str
    """What the client said besides."""

    def result(self, name: str) -> Any:
        """Return what a call gave; the test fails if the call did."""
        call = self._told(name)
        assert call["ok"], f"{name}: {call['error']}\n{self.log}"
        return call["result"]

    def error(self, name: str) -> dict[str, Any]:
        """Return how a call failed; the test does if the call did not."""
        call = self._told(name)
        assert not call["ok"], f"{name}: {call['result']}\n{self.log}"
        return call["error"]

    def results(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what each of several calls gave."""
        return {name: self.result(name) for name in names}

    def errors(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return the kind and the message of the errors of several calls."""
        return {name: (self.error(name)["name"], self.error(name)["message"]) for name in names}

    def _told(self, name: str) -> Mapping[str, Any]:
        assert name in self.told, f"{name}: the client ended before\n{self.log}"
        return self.told[name]


def clients() -> Path:
    """Return the folder of what npm installed; the test is skipped where there is none."""
    installed = HERE / "node_modules"
    require(installed.is_dir(), "the clients", "npm ci --ignore-scripts --prefix tests/dialects")
    return installed


def node() -> str:
    """Return the program that runs them."""
    found = find_program("node")
    require(found, "Node", "apt-get install nodejs npm")
    return str(found)


def try_client(program: str, *words: str) -> Calls:
    """Run a client to its end."""
    with _started(program, words) as process:
        stuck = threading.Timer(PATIENCE, process.kill)
        stuck.start()
        told, log = process.communicate()
        stuck.cancel()
    return _calls(told.splitlines(), log[-2_000:])


def kill_in_mid_run(program: str, url: str) -> str:
    """Have a client begin a job, kill it while that runs, and return the job's id."""
    with _started(program, (url, "begin")) as process:
        assert process.stdout is not None
        begun = _calls(iter(process.stdout.readline, ""), until="begun")
    return begun.result("begun")


@contextmanager
def _started(program: str, words: Sequence[str]) -> Generator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    command = [*together(), node(), clients().parent / "clients" / program, *words]
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _calls(lines: Iterable[str], log: str = "", until: str = "") -> Calls:
    told: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        if line.startswith('{"call":'):
            call = json.loads(line)
            told[call.pop("call")] = call
        if until and until in told:
            break
    return Calls(told, log)
