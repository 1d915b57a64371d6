"""A real MLflow server of the tests' own: on SQLite in its own folder, at a free port, gone when the tests are.

It is the process that ``mlflow server --workers 1`` starts. That command itself takes as long again, and adds nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.components import require, running, together

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

INSTALL = "pip install mlflow"
_ADDRESS = re.compile(r"running on (http://127\.0\.0\.1:\d+)")
_SECONDS = 60.0
_TOLD = {"MLFLOW_DISABLE_TELEMETRY": "true", "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true"}
"""As the command tells it; it also gives files itself, rather than have clients ask for them elsewhere."""


class MlflowServer:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it, and wait until it has its tables: some seconds, of which most are Python's imports."""
        command = [sys.executable, "-m", "uvicorn", "--port", "0", "mlflow.server.fastapi_app:app"]
        where = {
            "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{self._folder}/mlflow.db",
            "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(self._folder / "artifacts"),
        }
        environment = {**os.environ, **_TOLD, **where}
        with self._log.open("wb") as log:  # its address is read from it
            self._process = subprocess.Popen(
                [*together(), *command], stdout=log, stderr=log, cwd=self._folder, env=environment
            )
        self.url = self._address(self._process)
        first = f"{self.url}/api/2.0/mlflow/experiments/get?experiment_id=0"
        urllib.request.urlopen(first, timeout=_SECONDS).close()

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)
            self._process = None

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _address(self, process: subprocess.Popen[bytes]) -> str:
        """Return where it listens, once it says so."""
        deadline = time.monotonic() + _SECONDS
        while not (found := _ADDRESS.search(self._log.read_text(errors="replace"))):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text(errors="replace"))
            time.sleep(0.05)
        return found[1]


@contextmanager
def serve_mlflow() -> Generator[MlflowServer]:
    """Run a server for the length of the block. Skips or fails the test where MLflow is not installed."""
    require(find_spec("mlflow") and find_spec("flask"), "MLflow's server", INSTALL)  # its client comes without Flask
    folder = Path(tempfile.mkdtemp(prefix="mlflow-"))
    with running(MlflowServer(folder), folder) as server:
        yield server


@pytest.fixture(scope="session")
def mlflow_server() -> Iterator[MlflowServer]:
    """A server that the tests of this process share; each has an experiment of its own."""
    with serve_mlflow() as server:
        yield server
