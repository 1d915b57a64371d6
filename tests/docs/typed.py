"""A page typed from top to bottom as a new user would: its files, its commands in one shell, and what these print."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PORTS = (8000, 8188, 8189, 8190, 9000, 9100)
"""Those that pages name; each page gets others in their place, that are free."""
PATIENCE = 240
_FENCE = re.compile(r'^```(\w+)(?: title="(.*?)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_IN_BACKGROUND = re.compile(r"^(?P<command>[^#\n]*?\S) +&(?: +#.*)?$")
_MARK = "-- the end of block"
_BEFORE = f"""set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
pip() {{ :; }}
make() {{ :; }}
until_answered() {{ until curl -s -o /dev/null "$1"; do kill -0 "$2"; sleep 0.05; done; }}
end_block() {{ echo; echo "{_MARK}"; }}
"""
"""Beside the commands: what is installed is here already, and what runs in the background ends with the page."""


class Block(NamedTuple):
    """A text of a page that is set apart."""

    language: str
    title: str
    text: str


class Typist:
    """Types pages in a folder of their own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], words: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.ports = {port: free_port() for port in PORTS}
        self._environment = dict(environment)
        self.words = dict(words or {})
        """What stands in for words of a page."""

    def type(self, page: Path) -> None:
        """Do all that a page says; it must go well, and print what the page shows."""
        blocks = [Block(*found) for found in _FENCE.findall(page.read_text(encoding="utf-8"))]
        done = subprocess.run(
            ["bash"],
            input=_BEFORE + "".join(map(self._command, blocks)),
            cwd=self.folder,
            env={name: self.own(value) for name, value in self._environment.items()},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{done.stderr[-3000:]}\n{done.stdout[-2000:]}\n{self._log()}"
        self._compare(blocks, done.stdout)

    def own(self, text: str) -> str:
        """Put our words and ports in the place of the page's."""
        for old, new in self.words.items():
            text = text.replace(old, new)
        return re.sub(r"(?<![\d.])\d{4}(?![\d.])", lambda port: str(self.ports.get(int(port[0]), port[0])), text)

    def _command(self, block: Block) -> str:
        text = self.own(block.text)
        if block.title:
            return _written(block.title, text)
        if block.language in {"sh", "bash"}:
            return "\n".join(map(self._line, text.splitlines())) + "\nend_block\n"
        if block.language == "python":
            return _written("program.py", text) + "python -W error program.py\nend_block\n"
        assert block.language == "text", f"nobody tries a text of the language {block.language}"
        return ""

    def _line(self, line: str) -> str:
        started = _IN_BACKGROUND.match(line)
        if started is None:
            return line
        command = shlex.split(started["command"])
        if command[:2] == ["comfygen", "sandbox"] and "--fault" not in command:
            return ":"  # one is there, for all pages
        answers = f"\nuntil_answered http://127.0.0.1:{port} $!" if (port := self._port_of(command)) else ""
        return f"{started['command']} >> background.log 2>&1 &{answers}"

    def _port_of(self, command: Sequence[str]) -> int | None:
        """Return where to knock until it answers; None for what listens nowhere."""
        if "--port" in command:
            return int(command[command.index("--port") + 1])
        if command[:2] == ["comfygen", "serve"] or command[0] == "uvicorn":
            return self.ports[8000]
        return self.ports[9000] if "receiver.py" in command else None

    def _compare(self, blocks: Sequence[Block], printed: str) -> None:
        for command, shown, said in _printed(blocks, printed.split(f"\n{_MARK}\n")):
            pattern = "\n".join(_pattern(line) for line in self.own(shown).rstrip().splitlines())
            assert re.fullmatch(pattern, _plain(said)), f"{command}\nprinted\n{said}\nand not\n{shown}"

    def _log(self) -> str:
        log = self.folder / "background.log"
        return log.read_text(encoding="utf-8")[-3000:] if log.exists() else ""


def _written(name: str, text: str) -> str:
    """Return what writes a file."""
    return f"mkdir -p \"$(dirname '{name}')\"\ncat > '{name}' <<'THE END OF A FILE'\n{text}THE END OF A FILE\n"


def _printed(blocks: Sequence[Block], said: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the commands whose output a page shows, with that and with what they printed."""
    number, last = -1, ""
    for block in blocks:
        if block.language == "text" and not block.title:
            yield last, block.text, said[number]
        elif not block.title:
            number, last = number + 1, block.text


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _pattern(line: str) -> str:
    """Return what a line that is shown means: an ellipsis is anything, and lines of anything where it stands alone."""
    return r".*(?:\n.*)*" if line == "…" else ".*".join(map(re.escape, line.rstrip().split("…")))
