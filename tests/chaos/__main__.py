"""``make chaos``: one storm for each part that can fail, each on many jobs; a promise that is broken is shown."""

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
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from tests.chaos.scenes import SCENES
from tests.chaos.shown import table_of
from tests.chaos.storm import StormOptions, storm
from tests.chaos.surroundings import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.storm import Report
    from tests.chaos.surroundings import Scene

_MOUNTED = "COMFYGEN_CHAOS_HAS_MOUNTS"
_SHOWN = 40
"""Violations."""
console = Console(width=None if sys.stdout.isatty() else 140)


def main() -> int:
    """Blow the storms, and return 1 if a promise was broken."""
    arguments = _parse()
    if arguments.list:
        for scene in SCENES:
            missing = "".join(f"; left out: {need.what} is missing" for need in scene.missing)
            console.print(f"{scene.name:<12}{scene.about}{missing}", markup=False)
        return 0
    can_mount = _enter_mounts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # dozens of processes are to be ended, whoever ends this one
    began = time.monotonic()
    blown = [_blow(scene, arguments, can_mount=can_mount) for scene in arguments.only]
    left_out, broken = blown.count(None), sum(report.violations != [] for report in blown if report is not None)
    console.print(f"{len(blown) - left_out} storms in {time.monotonic() - began:.0f} s, {broken} with broken promises")
    if left_out:
        console.print(f"left out: {left_out}, for what they need is missing (see above)", style="yellow")
    return 1 if broken else 0


def _blow(scene: Scene, arguments: argparse.Namespace, *, can_mount: bool) -> Report | None:
    """Blow one storm and show what came of it; None if it was left out."""
    if scene.missing:
        for need in scene.missing:
            console.print(f"[bold]{scene.name}[/bold] is left out: {need.what} is missing: {need.install}")
        return None
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{scene.name}-"))
    folder.chmod(0o755)
    console.print(f"[bold]{scene.name}[/bold]: {scene.about}", highlight=False)
    report = asyncio.run(_run(scene, arguments, folder, can_mount=can_mount))
    console.print(table_of(report))
    for violation in report.violations[:_SHOWN]:
        console.print(f"  {violation.rule}: {violation.subject}: {violation.what}", style="red", markup=False)
    if report.violations:
        _keep(folder, can_mount=can_mount)
        console.print(f'kept for a look: {folder}; again: make chaos SEED={arguments.seed} ARGS="--only {scene.name}"')
    else:
        _clear(folder, can_mount=can_mount)
    return report


def _clear(folder: Path, *, can_mount: bool) -> None:
    if can_mount:
        subprocess.run(["umount", "--lazy", folder / "data"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Path, *, can_mount: bool) -> None:
    """Copy what is on the small disk, which goes with this process."""
    if can_mount:
        shutil.copytree(folder / "data", folder / "kept")


async def _run(scene: Scene, arguments: argparse.Namespace, folder: Path, *, can_mount: bool) -> Report:
    options = StormOptions.of(scene, seed=arguments.seed, can_mount=can_mount, jobs=arguments.jobs)
    async with scene.set_up(Stage(folder, arguments.seed)) as around:
        return await storm(options, folder, around)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="repeats what a seed gave")
    parser.add_argument("--jobs", type=int, help="of each storm, in place of its own number")
    parser.add_argument("--only", type=_chosen, default=SCENES, help="names of storms, separated by commas")
    parser.add_argument("--list", action="store_true", help="tell which storms there are, and end")
    arguments = parser.parse_args()
    if not arguments.list:
        console.print(f"seed {arguments.seed}")
    return arguments


def _chosen(text: str) -> Sequence[Scene]:
    """Return the scenes of these names."""
    known = {scene.name: scene for scene in SCENES}
    names = text.split(",")
    if unknown := sorted(set(names) - known.keys()):
        raise argparse.ArgumentTypeError(f"no storm is called {', '.join(unknown)}: there are {', '.join(known)}")
    return [known[name] for name in names]


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
