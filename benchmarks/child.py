"""Runs one measurement, and writes what it finds into a file, each finding as soon as it is there.

python -m benchmarks.child NAME FILE '{"is_quick": true, "engine": null}'
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.conditions import Conditions
from benchmarks.finding import Finding, LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines(name: str, conditions: Conditions) -> Iterator[str]:
    """Measure, and yield a line for each finding."""
    module = importlib.import_module(f"benchmarks.measurements.{name}")
    for found in module.measure(conditions):
        yield json.dumps({type(found).__name__: asdict(found)})


def read(text: str) -> tuple[list[Finding], list[LeftOut]]:
    """Return what lines say; one that is not whole yet is left out."""
    said = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    findings = [Finding.of_json(one["Finding"]) for one in said if "Finding" in one]
    return findings, [LeftOut(**one["LeftOut"]) for one in said if "LeftOut" in one]


def main() -> None:
    """Measure what was asked for."""
    name, file, conditions = sys.argv[1:]
    with Path(file).open("a", encoding="utf-8", buffering=1) as out:
        out.writelines(f"{line}\n" for line in lines(name, Conditions(**json.loads(conditions))))


if __name__ == "__main__":
    main()
