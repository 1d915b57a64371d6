"""The storm's short form: everything that the long one does, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.mischief import Mischief, Trick
from tests.chaos.storm import StormOptions, storm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.storm import Report

SEED = 3
MISCHIEFS = (
    Mischief(1.0, Trick.TROUBLE_ENGINE, 2, 0.0, {"kind": "drop_socket", "step": 2}),
    Mischief(1.2, Trick.TROUBLE_ENGINE, 2, 0.0, {"kind": "lose_answer", "route": "POST /prompt"}),
    Mischief(1.5, Trick.CANCEL, 3),
    Mischief(2.0, Trick.KILL_WORKER, 0, 0.2),
    Mischief(2.1, Trick.KILL_SUBMITTER, 0, 0.2),
    Mischief(3.0, Trick.KILL_ENGINE, 0, 1.0),
    Mischief(3.5, Trick.FREEZE_ENGINE, 1, 3.0),
    Mischief(5.0, Trick.FILL_DISK, 0, 2.0),
)


async def blow(folder: Path, *, database: str = "", workers: int = 1) -> Report:
    options = StormOptions(
        seed=SEED,
        database=database,
        jobs=60,
        engines=3,
        workers=workers,
        submitters=1,
        submitting=3.0,
        quiet=90.0,  # a webhook whose sender was killed comes again after a minute
        refusals=0.0,
    )
    return await storm(options, folder, MISCHIEFS)


async def test_storm_over_one_worker_on_sqlite_breaks_no_promise(tmp_path: Path) -> None:
    report = await blow(tmp_path)
    assert report.deeds.counts.total() >= len(MISCHIEFS)
    assert list(report.violations) == []


async def test_storm_over_two_workers_on_postgresql_breaks_no_promise(tmp_path: Path, postgres_url: str) -> None:
    report = await blow(tmp_path, database=postgres_url, workers=2)
    assert report.deeds.counts.total() >= len(MISCHIEFS)
    assert list(report.violations) == []
