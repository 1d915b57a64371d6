"""The ratchet on file sizes: no Python file grows beyond the limit, and the few that are beyond it may only shrink.

    python scripts/file_sizes.py

`file_sizes.toml` beside it lists the exceptions with their present size.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LIST = "scripts/file_sizes.toml"
FOLDERS = ("src", "tests", "scripts", "benchmarks", "examples")


def measure(project: Path) -> dict[str, int]:
    """Return the number of lines of every Python file of the project."""
    files = sorted(path for folder in FOLDERS for path in (project / folder).rglob("*.py"))
    return {path.relative_to(project).as_posix(): len(path.read_bytes().splitlines()) for path in files}


def judge(sizes: dict[str, int], allowed: dict[str, int], limit: int) -> list[str]:
    """Return one sentence for each file that breaks the rule (pure)."""
    return [
        *(problem for file, lines in sizes.items() if (problem := _judge_file(file, lines, allowed, limit))),
        *(f"{file} is listed in {LIST} but does not exist: remove the entry" for file in allowed.keys() - sizes.keys()),
    ]


def _judge_file(file: str, lines: int, allowed: dict[str, int], limit: int) -> str:
    listed = allowed.get(file)
    if listed is None:
        return f"{file} has {lines} lines; more than {limit} need splitting" if lines > limit else ""
    if lines > listed:
        return f"{file} grew from {listed} to {lines} lines; a listed file may only shrink: take something out of it"
    if lines <= limit:
        return f"{file} has only {lines} lines now, well done: remove its entry from {LIST}"
    if lines < listed:
        return f"{file} shrank from {listed} to {lines} lines, well done: write {lines} into {LIST}"
    return ""


def main() -> int:
    """Print what is wrong and return the exit code."""
    rules = tomllib.loads((PROJECT / LIST).read_text(encoding="utf-8"))
    problems = judge(measure(PROJECT), rules["files"], rules["limit"])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
