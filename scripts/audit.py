"""``make audit``: what is known against the versions that are pinned, of Python's packages and of npm's.

    python scripts/audit.py

Exit codes: 0 nothing is known, 1 something is, 2 something could not be looked up, which is no good news.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ("tests/dialects", "examples/integration")
"""Folders with a package-lock.json."""
PIP = (sys.executable, "-m", "pip_audit", "-r", "constraints.txt", "--no-deps", "--disable-pip", "--format", "json")
NPM = ("npm", "audit", "--json", "--package-lock-only")
VULNERABLE, UNKNOWN = 1, 2
TOLD = 5
"""Names that are told where there are many."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of looking packages up."""

    name: str
    looked_up: int = 0
    known: tuple[str, ...] = ()
    """What is known against them, a line each."""
    unknown: tuple[str, ...] = ()
    """What could not be looked up, and why."""

    @property
    def exit_code(self) -> int:
        """What is known goes before what is not."""
        return VULNERABLE if self.known else UNKNOWN if self.unknown or not self.looked_up else 0

    def lines(self) -> list[str]:
        """Return what to tell (pure)."""
        state = f"{self.looked_up} looked up, {len(self.known)} problems, {len(self.unknown)} not looked up"
        more = [f"  and {len(self.unknown) - TOLD} more"] if len(self.unknown) > TOLD else []
        return [f"{self.name}: {state}", *(f"  {line}" for line in (*self.known, *self.unknown[:TOLD])), *more]


def read_pip(said: str, complaint: str) -> Audit:
    """Return what pip-audit found out (pure)."""
    report = _json_of(said)
    if "dependencies" not in report:
        return Audit("Python", unknown=(f"pip-audit failed: {_last_line(complaint)}",))
    packages = report["dependencies"]
    return Audit(
        "Python",
        sum("vulns" in one for one in packages),
        tuple(f"{one['name']} {one['version']}: {bad['id']}" for one in packages for bad in one.get("vulns", ())),
        tuple(one["skip_reason"] for one in packages if "skip_reason" in one),
    )


def read_npm(folder: str, said: str, complaint: str) -> Audit:
    """Return what npm found out (pure)."""
    report = _json_of(said)
    if "vulnerabilities" not in report:
        return Audit(folder, unknown=(f"npm audit failed: {report.get('message') or _last_line(complaint)}",))
    bad = report["vulnerabilities"].items()
    known = tuple(f"{name} {one.get('range', '')}: {one.get('severity', 'unknown')}" for name, one in bad)
    return Audit(folder, report["metadata"]["dependencies"]["total"], known)


def _json_of(said: str) -> dict[str, Any]:
    try:
        return json.loads(said)
    except ValueError:
        return {}


def _last_line(complaint: str) -> str:
    return (complaint.strip().splitlines() or ["it said nothing"])[-1]


def _ask(command: tuple[str, ...], folder: Path) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "", f"{command[0]} is not installed"
    return done.stdout, done.stderr


def main() -> int:
    """Look everything up, tell what came of it, and return the exit code."""
    audits = [read_pip(*_ask(PIP, ROOT)), *(read_npm(name, *_ask(NPM, ROOT / name)) for name in LOCKED)]
    for audit in audits:
        print(*audit.lines(), sep="\n")
    codes = {audit.exit_code for audit in audits}
    return VULNERABLE if VULNERABLE in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main())
