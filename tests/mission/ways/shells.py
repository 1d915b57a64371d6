"""Examples for a shell: each block is run by bash, as it stands.

`curl` asks the stage's engine for whatever is at port 8188. Programs of ours are not started by the shell, which only
takes down with what words: then each is called in this process, for a start of Python takes longer than what it does.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import uuid
from shutil import which
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from comfy_gen.cli import main
from tests.components import require
from tests.mission.graphs import classic
from tests.mission.ways.programs import executed, here

if TYPE_CHECKING:
    from scripts.mission.index import Example
    from tests.mission.stage import Stage
    from tests.mission.ways.machine import Machine

TAKEN_DOWN = ("comfygen", "python", "python3", "docker", "pip", "uv", "apt-get", "git")
"""Programs that the shell is not to start."""
_TAKE_DOWN = """#!/bin/sh
printf '%s\\n' "${0##*/}" "$@" '' >>"$CALLS"
"""
BEFORE_IT_RUNS = ("start-comfyui", "restart-comfyui")
"""Examples for a machine whose ComfyUI does not run yet."""
_KNOWN_PROMPT = "89f0e3f5-ae42-4c93-b4b7-0b3e52a0f8e5"
"""The one whose history is asked for."""


def run(example: Example, text: str, stage: Stage) -> str:
    """Run a block of commands, and return what all of them printed."""
    require(which("curl") and which("jq"), "curl or jq", "apt-get install curl jq")
    printed, calls = _run(_ready(text, stage), stage)
    return printed + "".join(_called(call, example, stage) for call in calls)


def run_on_machine(example: Example, text: str, stage: Stage) -> str:
    """Run a block of commands where a ComfyUI of this machine is looked after."""
    machine: Machine = stage.request.getfixturevalue("machine")
    for name, value in machine.environment.items():
        stage.monkeypatch.setenv(name, value)
    main(["service", "stop" if example.name in BEFORE_IT_RUNS else "start"])
    return run(example, text, stage)


def take_words(_: Example, text: str, stage: Stage) -> None:
    """Run a block that would install something, without doing so: that it can be done shows where tests run."""
    text = text.replace("<repository-url>", "https://example.com/comfy-gen.git")
    calls = _run(text, stage)[1]
    assert calls
    assert calls[0][0] in TAKEN_DOWN


def _ready(text: str, stage: Stage) -> str:
    """Make what a block takes for granted."""
    if _KNOWN_PROMPT in text:
        stage.painted(classic(), prompt_id=_KNOWN_PROMPT)
    if "filename=output_00001_.png" in text:
        stage.painted(classic())
    if any(word in text for word in ("bucket", "list_images")):
        stage.with_bucket()
        if "create_bucket" not in text:
            assert main(["storage", "create-bucket"]) == 0
    return text.replace("<id>", str(uuid.uuid4()))


def _run(text: str, stage: Stage) -> tuple[str, list[list[str]]]:
    """Run a block, and return what it printed and the words that were taken down."""
    programs = stage.folder / "bin"
    programs.mkdir()
    for name in TAKEN_DOWN:
        _write_program(stage, name, _TAKE_DOWN)
    _write_program(stage, "sleep", "#!/bin/sh\nexec /bin/sleep 0.05\n")
    port = urlsplit(stage.engine).port
    rules = f'silent\nshow-error\nfail\nconnect-to = ":8188:127.0.0.1:{port}"\n'
    (stage.folder / ".curlrc").write_text(rules, encoding="utf-8")
    calls = stage.folder / "calls"
    calls.touch()
    own = {"PATH": f"{programs}:{os.environ['PATH']}", "CURL_HOME": str(stage.folder), "CALLS": str(calls)}
    own["COMFYGEN"] = str(programs / "comfygen")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    printed = done.stdout.decode(errors="replace")
    assert done.returncode == 0, printed + done.stderr.decode(errors="replace")
    taken = [call.splitlines() for call in calls.read_text(encoding="utf-8").split("\n\n")]
    return printed, [call for call in taken if call]


def _write_program(stage: Stage, name: str, text: str) -> None:
    program = stage.folder / "bin" / name
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)


def _called(call: list[str], example: Example, stage: Stage) -> str:
    """Do what was taken down, in this process, and return what was printed."""
    match call:
        case ["comfygen", *words]:
            return _ended(main(words), call, stage)
        case ["python" | "python3", script, *words] if script.startswith("scripts/"):
            return _ended(_script(script, words, stage), call, stage)
        case ["python" | "python3", program] if program.startswith("examples/"):
            code = (stage.request.config.rootpath / program).read_text(encoding="utf-8")
            return executed(here(code, stage), example.name, stage)
        case ["docker", "network", "create" | "connect", *names] if names:
            return ""
        case _:
            pytest.fail(f"nobody knows {call}")


def _script(script: str, words: list[str], stage: Stage) -> int:
    """Run a script of the project as Python does."""
    stage.monkeypatch.setattr(sys, "argv", [script, *words])
    stage.monkeypatch.syspath_prepend(str(stage.folder / "scripts"))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(script, run_name="__main__")
    return int(ended.value.code or 0)


def _ended(code: int, call: list[str], stage: Stage) -> str:
    told = stage.printed.readouterr()
    allowed = {0, 1} if "--prompt-id" in call else {0}  # nobody has queued the prompt that a reader is to name
    assert code in allowed, (call, told)
    return told.out
