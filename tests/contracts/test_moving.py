"""What moving jobs in the line does, on SQLite and on PostgreSQL: what it does to a plain list, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from comfy_gen.errors import JobNotFoundError, JobStateError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.moving import Place, move
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.signals import LINE, QUEUE, WISHES, topic_of
from comfy_gen.jobs.tables import jobs

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk

OWNERS = ("ada", "bob")
FIRST, LAST = Place(is_after=False), Place(is_after=True)

_at = st.integers(0, 30)
_move = st.tuples(st.just("move"), _at, st.booleans(), _at)
_end = st.tuples(st.just("end"), _at, st.booleans(), st.sampled_from([None, *OWNERS]))
_other = st.one_of(
    st.tuples(st.just("accept"), st.sampled_from([0, 0, 0, 1, -1, 100]), st.sampled_from(OWNERS), st.integers(1, 4)),
    st.tuples(st.just("hold"), _at),
    st.tuples(st.just("release"), _at),
    st.tuples(st.just("reprioritise"), _at, st.sampled_from([-1, 0, 0, 1, 100])),
    st.tuples(st.just("start")),
)
STEPS = st.lists(st.one_of(_move, _move, _end, _other), max_size=25)
SETTINGS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def line(desk: Desk) -> list[str]:
    """Return the ids of all that wait, in their order."""
    waits = select(jobs.c.job_id).where(jobs.c.state == "queued").order_by(jobs.c.rank, jobs.c.seq)
    return await desk.database.read(lambda connection: [*connection.scalars(waits)])


async def put(desk: Desk, job_id: str, place: Place, owner: str | None = None) -> Any:
    return await move(desk.store.transactions, job_id, place, owner=owner, now=5.0)


@dataclass
class List:
    """The line as a plain list, beside the one in the database."""

    desk: Desk
    waiting: list[str] = field(default_factory=list[str])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    held: set[str] = field(default_factory=set[str])
    pointed: dict[str, float] = field(default_factory=dict[str, float])
    """The ranks that the dispatcher was told."""

    async def step(self, kind: str, *facts: Any) -> None:
        if kind == "accept":
            await self.accept(*facts)
        elif self.waiting:
            await getattr(self, kind)(*facts)
        await self.check()

    async def accept(self, priority: int, owner: str, count: int) -> None:
        for job_id in await self.desk.accept_many(count, owner=owner, priority=priority):
            self.owners[job_id] = owner
            self.waiting.append(job_id)
        await self.only_moved({*self.waiting[-count:]})

    async def move(self, which: int, is_after: bool, where: int) -> None:
        job_id, other = self.at(which), self.at(where)
        await put(self.desk, job_id, Place(is_after, other))
        if job_id != other:
            self.waiting.remove(job_id)
            self.waiting.insert(self.waiting.index(other) + is_after, job_id)

    async def end(self, which: int, is_last: bool, owner: str | None) -> None:
        job_id = self.at(which)
        owner = owner and self.owners[job_id]
        await put(self.desk, job_id, Place(is_last), owner)
        own = [one for one in self.waiting if owner in {None, self.owners[one]} and one != job_id]
        if not own or self.is_beyond(job_id, own, is_last):
            return
        self.waiting.remove(job_id)
        self.waiting.insert(self.waiting.index(own[-1]) + 1 if is_last else self.waiting.index(own[0]), job_id)

    def is_beyond(self, job_id: str, own: list[str], is_last: bool) -> bool:
        place = self.waiting.index(job_id)
        return place > self.waiting.index(own[-1]) if is_last else place < self.waiting.index(own[0])

    async def hold(self, which: int) -> None:
        await self.desk.store.hold(Selection([self.at(which)]), now=1.0)
        self.held.add(self.at(which))

    async def release(self, which: int) -> None:
        await self.desk.store.release(Selection([self.at(which)]), now=1.0)
        self.held.discard(self.at(which))

    async def reprioritise(self, which: int, priority: int) -> None:
        await self.desk.store.reprioritise(Selection([self.at(which)]), priority, now=1.0)
        await self.only_moved({self.at(which)})

    async def start(self) -> None:
        free = [one for one in self.waiting if one not in self.held]
        if free:
            await self.desk.store.claim(free[0], worker="w", now=1.0)
            self.waiting.remove(free[0])

    def at(self, which: int) -> str:
        return self.waiting[which % len(self.waiting)]

    async def only_moved(self, some: set[str]) -> None:
        """These went where their ranks say, and the others stayed as they were to each other."""
        found = await line(self.desk)
        assert [one for one in found if one not in some] == [one for one in self.waiting if one not in some]
        self.waiting = found

    async def check(self) -> None:
        assert await line(self.desk) == self.waiting
        window = await self.desk.store.window(1000, now=1e9)
        free = [one for one in self.waiting if one not in self.held]
        assert [one.job_id for one in window] == free
        dispatcher = self.desk.dispatcher
        self.pointed |= dict([*dispatcher.enqueued, *dispatcher.reordered])
        dispatcher.enqueued.clear()
        dispatcher.reordered.clear()
        assert [self.pointed[one.job_id] for one in window] == [one.rank for one in window]


@SETTINGS
@given(steps=STEPS)
async def test_line_is_what_a_plain_list_would_be(desk: Desk, steps: list[tuple[Any, ...]]):
    await desk.database.write(lambda connection: connection.execute(delete(jobs)))
    desk.dispatcher.__init__()
    here = List(desk)
    for step in [("accept", 0, "ada", 4), ("accept", 0, "bob", 3), *steps]:
        await here.step(*step)


@SETTINGS
@given(moves=st.lists(st.one_of(_move, _end), max_size=12))
async def test_who_asks_next_comes_last_however_the_others_were_moved(desk: Desk, moves: list[tuple[Any, ...]]):
    await desk.database.write(lambda connection: connection.execute(delete(jobs)))
    desk.dispatcher.__init__()
    here = List(desk)
    await here.step("accept", 0, "ada", 5)
    for step in moves:
        await here.step(*step)
        job = await desk.accept(owner="ada")
        here.owners[job.job_id] = "ada"
        here.waiting.append(job.job_id)
        await here.check()


async def test_nothing_else_decides_where_a_moved_job_goes(desk: Desk):
    """Its rank is nobody's: dispatchers and schedulers tell jobs of one rank apart by what they please."""
    for owner in "abcdef":
        await desk.accept(owner=owner)
    *_, last = await line(desk)
    for other in (await line(desk))[:-1]:
        await put(desk, last, Place(is_after=True, job_id=other))
        ranks = [one.rank for one in await desk.store.window(100, now=1e9)]
        mine = (await desk.store.get(last)).rank
        assert ranks.count(mine) == 1


async def test_next_ones_are_not_late_because_an_urgent_job_was_put_last(desk: Desk):
    urgent = await desk.accept(priority=100)
    usual = await desk.accept_many(3)
    await put(desk, urgent.job_id, LAST)
    assert await line(desk) == [*usual, urgent.job_id]
    next_urgent = await desk.accept(priority=100)
    assert await line(desk) == [next_urgent.job_id, *usual, urgent.job_id]
    await desk.claim(urgent.job_id)
    stranger = await desk.accept(owner="new", priority=1)
    assert await line(desk) == [next_urgent.job_id, stranger.job_id, *usual]


async def test_those_who_watch_hear_of_the_job_and_of_the_line(desk: Desk):
    ids = await desk.accept_many(4)
    desk.signals.told.clear()
    moved = await put(desk, ids[3], Place(is_after=True, job_id=ids[1]))
    assert {topic_of(ids[3]), QUEUE, WISHES, LINE} <= {*desk.signals.told}
    (*_, event) = await desk.store.events(ids[3])
    assert (event.number, event.type, event.data["text"]) == (moved.last_event, "note", "moved")


async def test_what_is_there_already_changes_nothing(desk: Desk):
    ids = await desk.accept_many(3)
    desk.signals.told.clear()
    for job_id, place in [
        (ids[0], FIRST),
        (ids[2], LAST),
        (ids[0], Place(is_after=False, job_id=ids[1])),
        (ids[1], Place(is_after=True, job_id=ids[0])),
        (ids[1], Place(is_after=True, job_id=ids[1])),
    ]:
        assert (await put(desk, job_id, place)).last_event == 1
    assert desk.signals.told == []


@pytest.mark.parametrize("state", [JobState.GENERATING, JobState.COMPLETED])
async def test_what_does_not_wait_is_not_moved_and_nothing_is_moved_next_to_it(desk: Desk, state: JobState):
    waits, does_not = await desk.accept(), await desk.bring(state)
    with pytest.raises(JobStateError) as caught:
        await put(desk, does_not.job_id, Place(is_after=False, job_id=waits.job_id))
    assert (caught.value.state, caught.value.verb, [*caught.value.allowed]) == (state, "move", ["queued"])
    with pytest.raises(JobStateError) as caught:
        await put(desk, waits.job_id, Place(is_after=False, job_id=does_not.job_id))
    assert caught.value.job_id == does_not.job_id


async def test_what_does_not_exist_is_said_to(desk: Desk):
    waits = await desk.accept()
    with pytest.raises(JobNotFoundError):
        await put(desk, "no-job", FIRST)
    with pytest.raises(JobNotFoundError):
        await put(desk, waits.job_id, Place(is_after=True, job_id="no-job"))
