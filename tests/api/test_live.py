"""Whoever watches all jobs misses nothing, however often they are cut off, and costs the database next to nothing."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from comfy_gen.api.access import OWNER
from comfy_gen.api.live import Visitor, events_of_all
from comfy_gen.app.board import Board
from comfy_gen.errors import ComfyGenError
from comfy_gen.jobs.job import ACTIVE, ENDS, RETRIABLE, JobState
from comfy_gen.jobs.moving import Place, move
from comfy_gen.jobs.overview import Overview
from comfy_gen.jobs.records import Finish, Report, Selection
from comfy_gen.jobs.tables import jobs
from tests.api.conftest import events_in, picture_graph
from tests.api.test_streams import request_to
from tests.contracts.job_stores import artifact, request, store_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.conftest import Served

__all__ = ["store_url"]

PATIENCE = 20
HOUR = 3600.0
KINDS = (
    "accept",
    "start",
    "go",
    "report",
    "finish",
    "fail",
    "end",
    "move",
    "hold",
    "pause",
    "accept",
    "start",
    "finish",
)


class Clock:
    """Everybody's."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def stream(served: Served, since: float, *, caller: Any = OWNER, wants_previews: bool = False) -> AsyncIterator[bytes]:
    service, state = served.service, served.app.state

    async def admit() -> Any:
        return caller

    visitor = Visitor(caller, request_to(served.app), since, admit, wants_previews)
    return events_of_all(service.queue, state.results, state.lines, visitor)


def watch(served: Served, clock: Clock) -> None:
    """Have a service's board look at once, by this clock."""
    queue = served.service.queue
    queue.board = Board(Overview(queue.store.transactions), queue.signals, clock=clock, every=0.0)


class Reader:
    """A page that shows all jobs, and is cut off now and then."""

    def __init__(self, served: Served, since: float) -> None:
        self.served = served
        self.moment = since
        self.jobs: dict[str, dict[str, Any]] = {}
        self.is_paused: bool | None = None

    async def read(self, until: Any, cut_after: int | None = None) -> None:
        """Take in events until it is enough, or so many of them."""
        count = 0
        async with asyncio.timeout(PATIENCE), aclosing(stream(self.served, self.moment)) as events:
            async for sent in events:
                for one in events_in(sent.decode()):
                    self.take(one)
                    count += 1
                    if count == cut_after:
                        return
                if await until(self):
                    return

    def take(self, one: dict[str, Any]) -> None:
        data = one["data"]
        self.moment = float(one["id"])
        match one["event"]:
            case "snapshot":
                there = {job["id"]: job for job in data["jobs"]}
                ended = {job_id: job for job_id, job in self.jobs.items() if job["ended"] is not None}
                self.jobs = ended | there
                self.is_paused = data["is_paused"]
            case "job":
                self.jobs[data["id"]] = data
            case "gone":
                self.jobs.pop(data["id"], None)
            case "queue":
                self.is_paused = data["is_paused"]
            case _:
                raise AssertionError(one)


class World:
    """Jobs to which things happen, at random."""

    def __init__(self, served: Served, clock: Clock, seed: int) -> None:
        self.store = served.service.queue.store
        self.clock = clock
        self.random = random.Random(seed)

    async def happen(self, times: int) -> None:
        for _ in range(times):
            self.clock.now += self.random.choice([0.1, 5.0, 20.0])
            try:
                await self._happen()
            except ComfyGenError:
                continue

    async def truth(self) -> dict[str, tuple[Any, ...]]:
        """Return the state, the rank and the progress of every job."""
        columns = (jobs.c.job_id, jobs.c.state, jobs.c.rank, jobs.c.progress, jobs.c.is_held, jobs.c.attempt)
        rows = await self.store.transactions.read(lambda connection: connection.execute(select(*columns)).all())
        return {row[0]: (row[1], row[2], row[3] and round(100 * row[3]), row[4], row[5]) for row in rows}

    async def is_known(self, reader: Reader) -> bool:
        """Tell whether a reader knows all of it."""
        truth = await self.truth()
        made = {JobState.COMPLETED, JobState.PARTIAL}
        seen = {
            one["id"]: (
                one["state"],
                one["rank"],
                truth[one["id"]][2] if one["state"] in made or not one["progress"] else one["progress"],
                one["is_held"],
                one["attempt"],
            )
            for one in reader.jobs.values()
            if one["id"] in truth
        }
        return seen == truth and reader.is_paused is await self.store.is_paused()

    async def _happen(self) -> None:
        pick, store, now = self.random, self.store, self.clock.now
        everything = (await store.list(limit=1000)).jobs
        waiting = [one for one in everything if one.state is JobState.QUEUED]
        active = [one for one in everything if one.state in ACTIVE]
        kind = pick.choice(KINDS)
        if kind == "accept" or not everything:
            await store.accept_all([request(owner=pick.choice("ab")) for _ in range(pick.randint(1, 4))], now=now)
        elif kind == "start" and waiting:
            await store.claim(pick.choice(waiting).job_id, worker="w", engine="gpu", now=now)
        elif kind == "pause":
            await store.set_paused(not await store.is_paused())
        elif kind == "move" and len(waiting) > 1:
            one, other = pick.sample(waiting, 2)
            await move(store.transactions, one.job_id, Place(pick.random() < 0.5, other.job_id), owner=None, now=now)
        elif kind == "hold" and waiting:
            chosen = Selection([pick.choice(waiting).job_id])
            await pick.choice([store.hold, store.release, store.cancel])(chosen, now=now)
        elif kind == "end":
            ended = [one for one in everything if one.state in RETRIABLE]
            if ended and pick.random() < 0.7:
                await store.retry(Selection([pick.choice(ended).job_id]), now=now)
            elif gone := [one for one in everything if one.state in ENDS]:
                await store.delete(Selection([pick.choice(gone).job_id]))
        elif active:
            await self._work(kind, pick.choice(active), now - pick.choice([0.0, 0.0, 40.0]))

    async def _work(self, kind: str, job: Any, now: float) -> None:
        """Go on with a job; a slow worker writes what it began to write a while ago."""
        store, following = self.store, {JobState.PREPROCESSING: JobState.GENERATING}
        if kind == "go":
            await store.advance(job.job_id, job.attempt, following.get(job.state, JobState.POSTPROCESSING), now=now)
        elif kind == "report":
            await store.report([Report(job.job_id, job.attempt, self.random.random())], now=now)
        elif kind == "fail":
            await store.requeue(job.job_id, job.attempt, None, now=now)
        else:
            files = [artifact(job.job_id)]
            state = JobState.COMPLETED if job.state is JobState.POSTPROCESSING else JobState.FAILED
            await store.finish(job.job_id, job.attempt, Finish(state, files), now=now)


@pytest.mark.parametrize("seed", range(4))
async def test_who_is_cut_off_and_comes_back_knows_the_last_state_of_every_job(serve, store_url: str, seed: int):
    clock = Clock()
    here = await serve(with_worker=False, jobs={"database": store_url})
    elsewhere = await serve(with_worker=False, jobs={"database": store_url})  # as if in another process
    watch(here, clock)
    world, chance = World(elsewhere if seed % 2 else here, clock, seed), random.Random(seed)
    await world.happen(20)
    reader = Reader(here, clock.now - HOUR)
    await reader.read(world.is_known)
    for round_ in range(12):
        happening = asyncio.create_task(world.happen(chance.randint(5, 25)))
        await reader.read(world.is_known, cut_after=chance.randint(1, 12))
        await happening
        if chance.random() < 0.3:
            clock.now += HOUR
        if round_ % 4 == 3:
            watch(here, clock)  # the service was started anew
    await reader.read(world.is_known)


async def test_watchers_cost_nothing_and_jobs_that_progress_at_once_are_read_at_once(serve):
    served = await serve(with_worker=False)
    queue, clock = served.service.queue, Clock()
    queue.board = Board(Overview(queue.store.transactions), queue.signals, clock=clock, every=0.05)
    ids = [one.job.job_id for one in await queue.store.accept_all([request()] * 500, now=clock.now)]
    for job_id in ids:
        await queue.store.claim(job_id, worker="w", engine="gpu", now=clock.now)
    costs: list[int] = []
    for watchers in (1, 20):
        counted = _Count(queue.database)
        done = [asyncio.create_task(_until_all_are_at(served, 0.5, len(ids))) for _ in range(watchers)]
        while queue.board._looking is None or len(queue.board._looking.onlookers) < watchers:
            await asyncio.sleep(0)
        counted.start()
        for part in range(1, 6):
            await queue.store.report([Report(one, 1, part / 10) for one in ids], now=clock.now)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*done)
        counted.stop()
        await queue.store.report([Report(one, 1, 0.0) for one in ids], now=clock.now)
        costs.append(counted.selects)
    alone, crowd = costs
    assert crowd <= 2 * alone
    assert crowd < 100  # of 2,500 changes that 20 see


async def _until_all_are_at(served: Served, fraction: float, count: int) -> None:
    async with aclosing(stream(served, 0.0)) as events:
        at: dict[str, int] = {}
        async for sent in events:
            for one in events_in(sent.decode()):
                found = one["data"]["jobs"] if one["event"] == "snapshot" else [one["data"]]
                at |= {job["id"]: job["progress"] for job in found}
            if sum(progress == 100 * fraction for progress in at.values()) == count:
                return


class _Count:
    """Counts what readers ask of a database."""

    def __init__(self, database: Any) -> None:
        self.selects = 0
        self._engine = database._reading

    def start(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._hear)

    def stop(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._hear)

    def _hear(self, *_: object) -> None:
        self.selects += 1


async def test_pictures_are_sent_to_whoever_wants_them(serve):
    served = await serve(with_worker=False)
    store, previews = served.service.queue.store, served.service.queue.previews
    job_id = await served.job(picture_graph())
    await store.claim(job_id, worker="w", now=1.0)
    async with aclosing(stream(served, 0.0)) as plain, aclosing(stream(served, 0.0, wants_previews=True)) as wanted:
        await anext(plain)
        await anext(wanted)
        previews.put(job_id, b"frame", "image/jpeg")
        (shown,) = events_in((await anext(wanted)).decode())
        url = "data:image/jpeg;base64,ZnJhbWU="
        assert shown["data"] == {"job_id": job_id, "n": 1, "media_type": "image/jpeg", "url": url}
        await store.cancel(Selection([job_id]), now=2.0)
        (shown,) = events_in((await anext(plain)).decode())
        assert shown["event"] == "job"
