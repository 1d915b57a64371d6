"""The page on operating, done: its commands in their order, and its tables against the code."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.cli import main
from comfy_gen.config.keys import KEYS
from comfy_gen.models.manifest import DEFAULT, load_manifest
from comfy_gen.models.manifest_document import FIELDS
from comfy_gen.supervisor import log, plan
from comfy_gen.supervisor.install import ROOM
from comfy_gen.supervisor.process import send, tree_of
from comfy_gen.supervisor.recipe import fingerprint
from comfy_gen.supervisor.state import read_state
from comfy_gen.workflows.catalogue import load_template
from tests.background import BackgroundSandbox
from tests.docs.operated import LORA_SHA256, SDXL, giving, make_docker, make_installed_comfyui
from tests.docs.test_jobs import said
from tests.redis import free_port
from tests.s3 import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "operating.md"
TEXT = PAGE.read_text(encoding="utf-8")
TAGGED = {"source": "git", "version": "0.3.75", "ref": "v0.3.75", "device": "cpu"}


def blocks(heading: str, language: str = "sh") -> list[str]:
    """Return the texts of a language right below a heading; below none, those before the first."""
    parts = re.split(r"^#+ (.*)\n", TEXT, flags=re.MULTILINE)
    section = parts[parts.index(heading) + 1]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """Return the cells of a table below its first line, which begins like this."""
    (lines,) = re.findall(rf"^\| {re.escape(heading)}[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in lines.splitlines()]


class Shell:
    """Runs lines of the page as a shell would: ``comfygen`` in this process, other programs as their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        self.words: dict[str, str] = {}
        """What stands in for parts of words of the page."""
        self.more: dict[str, list[str]] = {}
        """What is added to commands that begin so."""

    def run(self, heading: str) -> dict[str, str]:
        """Run all commands below a heading, and return what each printed."""
        lines = [line for text in blocks(heading) for line in text.splitlines() if line.strip()]
        assert lines
        return {line.partition("#")[0].strip(): self.do(line) for line in lines}

    def do(self, line: str, code: int = 0) -> str:
        """Run one line, which ends with this code, and return what it printed."""
        words = [self._word(word) for word in shlex.split(line, comments=True)]
        if words[0] == "export":
            self._monkeypatch.setenv(*words[1].split("=", 1))
            return ""
        ended = self._call([*words[1:], *self._added(line)]) if words[0] == "comfygen" else self._start(words)
        told = self._capfd.readouterr()
        assert (line, ended) == (line, code), told
        assert "Traceback" not in told.err
        return told.out

    def _word(self, word: str) -> str:
        for old, new in self.words.items():
            word = word.replace(old, new)
        return word

    def _added(self, line: str) -> list[str]:
        return next((words for start, words in self.more.items() if line.startswith(f"comfygen {start}")), [])

    def _call(self, words: list[str]) -> int:
        return main(words)

    def _start(self, words: list[str]) -> int:
        if words[0] == "python3":
            words[:2] = [sys.executable, str(PROJECT / words[1])]
        else:
            words[0] = str(PROJECT / words[0])
        return subprocess.run(words, stdin=subprocess.DEVNULL, timeout=60, check=False).returncode


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    """That of somebody who has set nothing, in an empty folder; what was started is ended, whatever a test did."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("COMFY", "MINIO_", "S3_", "HF_"))]:
        monkeypatch.delenv(name)
    port = free_port()
    own = {
        "COMFYGEN": str(Path(sys.executable).with_name("comfygen")),
        "COMFYGEN_JOBS_DATA_DIR": str(tmp_path / "data"),
        "COMFYGEN_QUALITY_MODEL": "none",
        "COMFYUI_API_BASE": f"http://127.0.0.1:{port}",
        "COLUMNS": "120",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    make_installed_comfyui(tmp_path / "data" / "comfyui", TAGGED)
    yield {**own, "port": str(port)}
    for state in map(read_state, (tmp_path / "data" / "instances").glob("*")):
        if state is not None:
            send([*tree_of(state.keeper), *(tree_of(state.comfyui) if state.comfyui else [])], signal.SIGKILL)


@pytest.fixture
def shell(
    environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Shell:
    """A shell for which the page's ports are free and its folders the test's."""
    shell = Shell(monkeypatch, capfd)
    shell.words = {port: str(free_port()) for port in ("8288", "8289", "8290")} | {"~/": f"{tmp_path}/"}
    return shell


@pytest.fixture
def engine(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundSandbox]:
    """An engine that runs already."""
    with BackgroundSandbox() as sandbox:
        monkeypatch.setenv("COMFYUI_API_BASE", sandbox.url)
        yield sandbox


@pytest.fixture
def givers(environment: Mapping[str, str], shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have models come from a server of this machine, and those of SDXL be small; the folder that they come to."""
    raise NotImplementedError


def manifest_with(text: str, url: str) -> str:
    """Return the page's manifest, or none, with small files for SDXL."""
    lines = [
        "models:",
        f"  sdxl-base: {{file: sd_xl_base_1.0.safetensors, folder: checkpoints, source: 'hf:{SDXL}'}}",
        "  sdxl-vae: {file: sdxl_vae.safetensors, folder: vae, source: 'hf:stabilityai/sdxl-vae'}",
    ]
    return "\n".join(lines) + "\n" + text.removeprefix("models:\n").replace("https://example.com", url)
