from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.dispatch.local import jobs_for_hands
from comfy_gen.jobs.records import Selection
from tests.contracts.hands import NOW, QUICK, OpenHand, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.contracts.hands import Desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    async with open_desk(f"sqlite:///{tmp_path}/comfygen.db") as opened:
        yield opened


async def requeue(desk: Desk, job_id, *, not_before: float) -> None:
    attempt = await desk.claim(job_id)
    await desk.store.requeue(job_id, attempt, None, now=NOW, not_before=not_before, strike=True, avoid=None)


async def test_jobs_that_may_not_start_yet_do_not_fill_the_hand(desk: Desk):
    later, soon, begun = [await desk.accept() for _ in range(3)]
    await requeue(desk, later, not_before=NOW + 1)
    await desk.claim(begun)
    found = await desk.database.read(lambda connection: jobs_for_hands(connection, 1, now=NOW))
    assert found == ([begun], [soon])
    found = await desk.database.read(lambda connection: jobs_for_hands(connection, 1, now=NOW + 1))
    assert found == ([begun], [later])


async def test_job_whose_rest_was_set_by_a_clock_an_hour_ahead_starts_now(desk: Desk):
    wrong = await desk.accept()
    await requeue(desk, wrong, not_before=NOW + 3600 + 1)
    found = await desk.database.read(lambda connection: jobs_for_hands(connection, 1, now=NOW))
    assert found == ([], [wrong])
    (waits,) = await desk.store.window(1, now=NOW)
    assert waits.may_start(NOW)


async def test_jobs_that_left_a_hand_make_room_for_no_more_than_it_holds(desk: Desk):
    job_ids = [await desk.accept() for _ in range(4)]
    hand = OpenHand(1)
    desk.feed(hand)
    await hand.until(job_ids[0])
    await desk.store.cancel(Selection([job_ids[0]]), now=NOW)
    hand.let_go(job_ids[0])
    await hand.until(job_ids[1])
    assert hand.taken == job_ids[:2]


async def test_job_that_nobody_finished_is_fed_though_nothing_is_signalled(tmp_path: Path):
    options = dataclasses.replace(QUICK, look_every=0.01)
    async with open_desk(f"sqlite:///{tmp_path}/comfygen.db", local=options) as desk:
        job_id = await desk.accept()
        hand = OpenHand()
        desk.feed(hand)
        await hand.until(job_id)
        await desk.claim(job_id)
        hand.let_go(job_id)  # by a bug: it is active, and nobody has it
        await hand.until(job_id, times=2)


async def test_feeding_goes_on_when_the_database_was_away(desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog):
    from comfy_gen.errors import DatabaseUnavailableError

    real, fails = desk.database.read, iter([True, True])

    async def read(work, **options):
        if next(fails, False):
            raise DatabaseUnavailableError("sqlite", "no disk")
        return await real(work, **options)

    desk.database.read = read
    hand = OpenHand()
    desk.feed(hand)
    await hand.until(await desk.accept())
    assert "no disk" in caplog.text
