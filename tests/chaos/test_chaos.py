"""The storm's short form: everything that the long one does, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.mischief import Mischief, Trick
from tests.chaos.storm import StormOptions, storm
from tests.chaos.surroundings import Surroundings
from tests.chaos.troubles import Trouble, of_lock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.storm import Report
    from tests.postgres import Postgres

SEED = 3
MISCHIEFS = (
    Mischief(1.0, Trick.TROUBLE_ENGINE, 2, 0.0, {"kind": "drop_socket", "step": 2}),
    Mischief(1.2, Trick.TROUBLE_ENGINE, 2, 0.0, {"kind": "lose_answer", "route": "POST /prompt"}),
    Mischief(1.5, Trick.CANCEL, 3),
    Mischief(2.0, Trick.KILL_WORKER, 0, 0.2),
    Mischief(2.1, Trick.KILL_SUBMITTER, 0, 0.2),
    Mischief(3.0, Trick.KILL_ENGINE, 0, 1.0),
    Mischief(3.5, Trick.FREEZE_ENGINE, 1, 3.0),
    Mischief(4.0, Trick.TROUBLE_PART, 0, 0.8, trouble="database: away"),
    Mischief(5.0, Trick.FILL_DISK, 0, 2.0),
)


async def blow(folder: Path, around: Surroundings, *, workers: int = 1) -> Report:
    options = StormOptions(
        seed=SEED,
        jobs=60,
        engines=3,
        workers=workers,
        submitters=1,
        submitting=3.0,
        quiet=90.0,  # a webhook whose sender was killed comes again after a minute
        refusals=0.0,
    )
    return await storm(options, folder, around, MISCHIEFS)


def restart_of(server: Postgres) -> Trouble:
    """Return the trouble, by this thread: what another one starts ends with it, and other tests use the server."""

    async def begin() -> None:
        server.stop()

    async def end() -> None:
        server.start()

    return Trouble(begin, end)


async def test_storm_over_one_worker_on_sqlite_breaks_no_promise(tmp_path: Path) -> None:
    lock = of_lock(tmp_path / "data" / "comfygen.db")
    report = await blow(tmp_path, Surroundings(troubles={"database: away": lock}))
    assert report.deeds.counts.total() >= len(MISCHIEFS)
    assert list(report.violations) == []


async def test_storm_over_two_workers_on_postgresql_breaks_no_promise(
    tmp_path: Path, postgres: Postgres, postgres_url: str
) -> None:
    around = Surroundings(database=postgres_url, troubles={"database: away": restart_of(postgres)})
    report = await blow(tmp_path, around, workers=2)
    assert report.deeds.counts.total() >= len(MISCHIEFS)
    assert list(report.violations) == []
