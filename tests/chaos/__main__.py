"""``make chaos``: a thousand jobs on SQLite, and a thousand on PostgreSQL, while all that can fail does."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tests.chaos.storm import StormOptions, storm
from tests.postgres import serve_postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.storm import Report

_MOUNTED = "COMFYGEN_CHAOS_HAS_MOUNTS"


def main() -> int:
    """Run a storm on each database, and return 1 if a promise was broken."""
    arguments = _parse()
    can_mount = _enter_mounts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # dozens of processes are to be ended, whoever ends this one
    is_right = True
    for name in arguments.database:
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
        folder.chmod(0o755)
        console.print(f"[bold]{name}[/bold], seed {arguments.seed}, in {folder}")
        report = _run(name, arguments, folder, can_mount=can_mount)
        show(report)
        if report.violations:
            is_right = False
            if can_mount:  # what is on the small disk goes with this process
                shutil.copytree(folder / "data", folder / "kept")
            console.print(f"kept for a look: {folder}; again: make chaos SEED={arguments.seed}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if is_right else 1


console = Console(width=None if sys.stdout.isatty() else 140)


def show(report: Report) -> None:
    """Print what was done, and what came of it."""
    figures = report.figures
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=False)
    table.add_column(style="dim")
    table.add_column()
    table.add_row("mischief", _listed(report.deeds.counts))
    table.add_row("jobs", _listed(figures.jobs))
    table.add_row("rate", f"{figures.rate:.1f} jobs/s in {figures.seconds:.0f} s")
    table.add_row("attempts", f"{figures.attempts}, of which {figures.taken_over} were taken over")
    table.add_row("takes", f"{figures.takes} of {figures.judged} jobs whose pictures are judged")
    table.add_row("failed attempts", _listed(figures.failed))
    table.add_row("taken over within", _spread(figures.take_over_seconds))
    table.add_row("all ended", f"{report.quiet_after:.1f} s after the last mischief")
    table.add_row("violations", str(len(report.violations)))
    console.print(table)
    for violation in report.violations[:40]:
        console.print(f"  {violation.rule}: {violation.subject}: {violation.what}", style="red", markup=False)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1])) or "none"


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "nothing was"
    middle, most = seconds[len(seconds) // 2], seconds[-1]
    return f"{seconds[0]:.1f} s at best, {middle:.1f} s in the middle, {most:.1f} s at worst ({len(seconds)} jobs)"


def _run(name: str, arguments: argparse.Namespace, folder: Path, *, can_mount: bool) -> Report:
    with ExitStack() as stack:
        url = ""
        if name == "postgresql":
            url = stack.enter_context(stack.enter_context(serve_postgres()).database())
        options = StormOptions(
            seed=arguments.seed,
            database=url,
            jobs=arguments.jobs,
            workers=2 if url else 1,
            can_mount=can_mount,
        )
        return asyncio.run(storm(options, folder))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="repeats what a seed gave")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument(
        "--database", action="append", choices=("sqlite", "postgresql"), help="both where none is named"
    )
    arguments = parser.parse_args()
    arguments.database = arguments.database or ["sqlite", "postgresql"]
    return arguments


def _enter_mounts() -> bool:
    """Start this program anew with mounts of its own, where that is possible; tell whether it has them."""
    unshare = ["unshare", "--mount"]
    has_mounts = _MOUNTED in os.environ
    if not has_mounts and os.getuid() == 0 and subprocess.run([*unshare, "true"], check=False).returncode == 0:
        again = [*unshare, sys.executable, "-m", "tests.chaos", *sys.argv[1:]]
        os.execvpe(unshare[0], again, {**os.environ, _MOUNTED: "1"})
    return has_mounts


if __name__ == "__main__":
    sys.exit(main())
