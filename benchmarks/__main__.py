"""Measures what ComfyGen costs.

python -m benchmarks                  # all of it, into benchmarks/REPORT.md
python -m benchmarks gateways gaps    # some of it, on the screen
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import machine
from benchmarks.conditions import Conditions
from benchmarks.measurements import LIMITS
from benchmarks.report import Run, Section, markdown, section_lines
from benchmarks.runner import run_all
from tests.live.comfyui.install import default_directory, is_installed

REPORT = Path(__file__).with_name("REPORT.md")


def arguments(given: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what ComfyGen costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(LIMITS)} (all of them)")
    parser.add_argument("--quick", action="store_true", help="a few rounds of each, to see that all works")
    parser.add_argument("--engine", metavar="URL", help="a ComfyUI to measure with; by default the one in .comfyui")
    parser.add_argument("--json", action="store_true", help="print all that was found as JSON, and write no report")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to write it (benchmarks/REPORT.md)")
    asked = parser.parse_args(given)
    if unknown := [name for name in asked.names if name not in LIMITS]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(LIMITS)}")
    return asked


def main(given: list[str]) -> int:
    """Measure, and write what came of it; 1 if something could not be measured. A bar that is missed is no failure."""
    asked = arguments(given)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # all that was started ends then, too
    names = asked.names or [*LIMITS]
    sections: list[Section] = []
    for section in run_all(names, Conditions(is_quick=asked.quick, engine=asked.engine)):
        sections.append(section)
        _tell(section, f"[{len(sections)}/{len(names)}]")
    facts = {**machine.facts(), "ComfyUI": _comfyui(asked.engine)}
    run = Run(facts, sections, is_quick=asked.quick, others=[name for name in LIMITS if name not in names])
    if asked.json:
        print(json.dumps(asdict(run)))
    elif asked.names and not asked.report:
        print(*(part for section in sections for part in section_lines(section)), sep="\n\n")
    else:
        _write(run, asked.report or REPORT)
    return 1 if any(section.failure for section in sections) else 0


def _tell(section: Section, place: str) -> None:
    judged = [one for finding in section.findings for one in finding.judgements()]
    missed = sum(not one.is_met for one in judged)
    came = section.failure or f"{len(judged) - missed} of {len(judged)} bars met"
    print(f"{place} {section.name}: {section.seconds:.0f} s, {came}", file=sys.stderr, flush=True)


def _comfyui(engine: str | None) -> str:
    if engine:
        return "one that ran already"
    return "in .comfyui" if is_installed(default_directory()) else "left out: not installed (`make live` does that)"


def _write(run: Run, place: Path) -> None:
    unfinished = place.with_suffix(".unfinished")
    unfinished.write_text(markdown(run), encoding="utf-8")
    unfinished.replace(place)
    print(f"written: {place}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
