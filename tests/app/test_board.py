from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.app.board import MOST_UNSEEN, Board, Onlooker, _News
from comfy_gen.engines.registry import parse_entries
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.dispatch.local import LocalDispatcher
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.overview import Overview
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.signals.local import LocalSignals
from comfy_gen.jobs.store import JobStore
from tests.contracts.job_stores import open_desk, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from comfy_gen.app.board import Glimpse
    from tests.contracts.job_stores import Desk


class Room:
    """A store and a board on its jobs. Who comes can be kept waiting, and looks at the database can be in vain."""

    def __init__(self, desk: Desk) -> None:
        self.signals = LocalSignals(desk.database)
        self.store = JobStore(desk.database, LocalDispatcher(desk.database, self.signals), self.signals)
        self.overview = Overview(self.store.transactions)
        self.is_seeing = asyncio.Event()
        self.may_see = asyncio.Event()
        self.may_see.set()
        self.is_away = False
        self._difference, self._sight = self.overview.difference, self.overview.sight
        self.overview.sight = self._see  # pyright: ignore[reportAttributeAccessIssue]
        self.overview.difference = self._look  # pyright: ignore[reportAttributeAccessIssue]
        self.board = Board(self.overview, self.signals, clock=lambda: 1000.0, every=0.0)

    async def accept(self, count: int = 1, **facts: Any) -> list[str]:
        accepted = await self.store.accept_all([request(**facts) for _ in range(count)], now=1000.0)
        return [one.job.job_id for one in accepted]

    async def _see(self, owner: str | None, since: float) -> Any:
        self.is_seeing.set()
        await self.may_see.wait()
        return await self._sight(owner, since)

    async def _look(self, *args: Any, **options: Any) -> Any:
        if self.is_away:
            raise DatabaseUnavailableError("jobs", "gone")
        return await self._difference(*args, **options)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_desk(f"sqlite:///{tmp_path}/jobs.db") as desk:
        yield Room(desk)


async def seen(glimpses: AsyncIterator[Glimpse]) -> set[str]:
    """Return the jobs that are seen next."""
    glimpse = await anext(glimpses)
    shown = glimpse.sight.jobs if glimpse.sight else glimpse.jobs.values()
    return {one.job.job_id for one in shown}


async def test_who_comes_while_something_is_new_takes_it_from_nobody(room: Room):
    async with aclosing(room.board.glimpses(None, 0.0)) as first, aclosing(room.board.glimpses(None, 0.0)) as second:
        assert await seen(first) == set()
        room.may_see.clear()
        room.is_seeing.clear()
        coming = asyncio.ensure_future(anext(second))
        await room.is_seeing.wait()
        (job_id,) = await room.accept()
        room.may_see.set()
        await coming
        assert await seen(first) == {job_id}


async def test_everybody_sees_their_own_and_administrators_everything(room: Room):
    (adas,) = await room.accept(owner="ada")
    async with aclosing(room.board.glimpses("bob", 0.0)) as bob, aclosing(room.board.glimpses(None, 0.0)) as admin:
        assert await seen(bob) == set()
        assert await seen(admin) == {adas}
        (bobs,) = await room.accept(owner="bob")
        assert await seen(bob) == {bobs}
        await room.store.cancel(Selection([adas, bobs]), now=1000.0)
        assert await seen(bob) == {bobs}
        await room.store.delete(Selection([adas]))
        await room.store.delete(Selection([bobs]))
        gone: set[str] = set()
        while bobs not in gone:
            glimpse = await anext(bob)
            gone |= glimpse.gone.keys()
        assert adas not in gone


async def test_who_is_slow_sees_of_each_job_the_newest(room: Room):
    (job_id,) = await room.accept()
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses, aclosing(room.board.glimpses(None, 0.0)) as quick:
        await anext(glimpses)
        await anext(quick)
        await room.store.hold(Selection([job_id]), now=1.0)
        await anext(quick)
        await room.store.cancel(Selection([job_id]), now=2.0)
        while (await anext(quick)).jobs[job_id].job.state is not JobState.CANCELLED:
            continue
        glimpse = await anext(glimpses)
        assert glimpse.jobs[job_id].job.state is JobState.CANCELLED


async def test_who_is_far_behind_is_shown_everything_anew(room: Room):
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses, aclosing(room.board.glimpses(None, 0.0)) as quick:
        await anext(glimpses)
        await anext(quick)
        for _ in range(3):
            ids, known = {*await room.accept(MOST_UNSEEN // 2)}, set[str]()
            while not ids <= known:
                known |= await seen(quick)
        glimpse = await anext(glimpses)
        assert glimpse.sight is not None
        assert not glimpse.sight.is_whole
        assert not glimpse.jobs


async def test_who_comes_for_nothing_any_more_does_not_fill_the_memory():
    onlooker = Onlooker(None, 0.0)
    for first in range(0, 5 * MOST_UNSEEN, 100):
        gone = {JobId(str(number)): None for number in range(first, first + 100)}
        onlooker.show(_News(1000.0, (), (), gone, is_paused=False))
    assert onlooker.is_behind
    assert onlooker.has_some.is_set()
    assert len(onlooker.take().gone) == 0


async def test_who_is_just_being_shown_in_is_not_kept_once_all_is_to_end(room: Room):
    room.may_see.clear()
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses:
        coming = asyncio.ensure_future(anext(glimpses))
        await room.is_seeing.wait()
        room.board.stop()
        room.may_see.set()
        await coming
        with pytest.raises(StopAsyncIteration):
            async with asyncio.timeout(10):
                await anext(glimpses)


async def test_nobody_looks_where_nobody_watches(room: Room):
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses:
        await anext(glimpses)
        assert room.board._looking is not None
    assert room.board._looking is None
    assert not len(room.signals._fanout)


async def test_all_see_no_more_once_the_database_is_away_and_come_back_when_it_is_there(room: Room):
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses:
        await anext(glimpses)
        room.is_away = True
        (job_id,) = await room.accept()
        with pytest.raises(DatabaseUnavailableError):
            await anext(glimpses)
    with pytest.raises(DatabaseUnavailableError):
        await anext(room.board.glimpses(None, 0.0))
    room.is_away = False
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses:
        assert await seen(glimpses) == {job_id}


async def test_all_leave_when_the_service_ends(room: Room):
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses:
        await anext(glimpses)
        room.board.stop()
        assert [one async for one in glimpses] == []
    assert [one async for one in room.board.glimpses(None, 0.0)] == []


async def test_job_that_runs_tells_when_it_ends_and_one_that_waits_when_its_turn_is_over(room: Room):
    done, runs, waits = await room.accept(3)
    for job_id in (done, runs):
        await room.store.claim(job_id, worker="w", engine="gpu", now=990.0)
    await room.store.roster.enter_engines(parse_entries("gpu=http://gpu:8188"))
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        await room.store.advance(done, 1, state, now=995.0)
    await room.store.finish(done, 1, Finish(JobState.COMPLETED, timings={"generate": 30.0}), now=999.0)
    async with aclosing(room.board.glimpses(None, 0.0)) as glimpses:
        glimpse = await anext(glimpses)
    assert glimpse.sight is not None
    etas = {one.job.job_id: one.eta and one.eta.median for one in glimpse.sight.jobs}
    assert etas == {done: None, runs: 20.0, waits: 50.0}
