"""The programs and commands of a page, run as a reader of it would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from tests.components import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.served import ServedProcess

PATIENCE = 60
SMALL = {"width": 64, "height": 64, "steps": 2}
"""Added to what the page asks for: the pictures are not what is tried, and a real engine takes its time for them."""
_PROMPTS = {
    '{"prompt"': '{"width": 64, "height": 64, "steps": 2, "prompt"',
    "{prompt:": "{width: 64, height: 64, steps: 2, prompt:",
    r"{\"prompt\"": r"{\"steps\": 2, \"prompt\"",
}
_SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)

NODE_MODULES = Path(__file__).parents[2] / "examples" / "integration" / "node_modules"
IN_A_BROWSER = """
import { createRequire } from 'node:module';
const BASE = process.env.BASE, ask = globalThis.fetch;
const Source = globalThis.EventSource ?? createRequire(process.env.MODULES)('eventsource').EventSource;
globalThis.fetch = (path, options) => ask(new URL(path, BASE), options);
globalThis.EventSource = class extends Source { constructor(path) { super(new URL(path, BASE)); } };
"""
"""What a page of the service has that a program in Node has not: an address of its own, and everywhere EventSource."""


def read_page(page: Path, language: str) -> dict[str, list[str]]:
    """Return the texts of a language on a page, by the headings that they are below."""
    found = {
        heading: re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        for heading, section in _SECTION.findall(page.read_text(encoding="utf-8"))
    }
    return {heading: texts for heading, texts in found.items() if texts}


def run_python(served: ServedProcess, code: str) -> str:
    """Run a Python program and return what it printed."""
    return _run(served, [sys.executable, "-W", "error", "-c", served.here(code)])


def run_shell(served: ServedProcess, code: str) -> Sequence[str]:
    """Run commands of a shell that stops at the first one that fails, and return the lines that they printed."""
    require(which("curl") and which("jq"), "curl or jq", "apt-get install curl jq")
    return _run(served, ["bash", "-euo", "pipefail", "-c", served.here(code)]).splitlines()


def run_script(served: ServedProcess, code: str) -> Sequence[str]:
    """Run JavaScript in Node as in a browser, and return the lines that it printed.

    Node's own EventSource is taken where it has one, which is newer than what some systems have.
    """
    require(which("node"), "Node.js", "apt-get install nodejs")
    node = ["node", "--no-warnings", *_own_event_source()]
    require(
        len(node) > 2 or (NODE_MODULES / "eventsource").is_dir(), "EventSource", "npm ci --prefix examples/integration"
    )
    where = {"BASE": served.url, "MODULES": f"{NODE_MODULES}/"}
    return _run(served, [*node, "--input-type=module", "-e", IN_A_BROWSER + code], **where).splitlines()


def _own_event_source() -> Sequence[str]:
    """Return what has Node offer its own EventSource; nothing, if it has none."""
    flag = "--experimental-eventsource"
    known = subprocess.run(["node", flag, "-e", ""], capture_output=True, check=False)
    return [flag] if known.returncode == 0 else []


def _run(served: ServedProcess, command: Sequence[str], **environment: str) -> str:
    for documented, ours in _PROMPTS.items():
        command = [word.replace(documented, ours) for word in command]
    done = subprocess.run(
        command,
        cwd=served.folder,
        env={**os.environ, **served.environment, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stderr}\n{done.stdout}\n{served.log[-2000:]}"
    return done.stdout
