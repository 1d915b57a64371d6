"""Shows all jobs, live, to many at a time: however many look, what changes is read once, and a few times a second.

Everybody first sees what there is, and then each job again, whole, whenever it has changed. So nobody has to have seen
what was before, and who is slow sees of each job the newest alone.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from comfy_gen.app.outlook import Outlook
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.signals import ANYTHING, LINE, QUEUE, WISHES, job_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence

    from comfy_gen.jobs.live import Difference, LiveJob, Sight, Version
    from comfy_gen.jobs.overview import Overview
    from comfy_gen.jobs.signals import Signals

EVERY = 0.25
"""Seconds between two looks: a bar that moves so often moves smoothly."""
OVERLAP = 60.0
"""Seconds by which a moment lies before the look that it stands for: so long may pass from the time that is written in
a job's row until the row is committed and heard of, and so much may the clocks of two machines differ."""
MOST_KNOWN = 10_000
"""Of so many jobs the version that was shown last is kept."""
MOST_UNSEEN = 2_000
"""Whoever has not fetched so many is shown everything anew."""


@dataclass(slots=True)
class Glimpse:
    """What somebody sees at once."""

    moment: float
    """Whoever comes back with this misses nothing that came after this glimpse."""
    before: float
    """The same for whoever has not seen all of this glimpse."""
    sight: Sight | None = None
    """All there is; what follows is empty then."""
    jobs: dict[JobId, LiveJob] = field(default_factory=dict["JobId", "LiveJob"])
    gone: dict[JobId, None] = field(default_factory=dict["JobId", None])
    stirred: dict[JobId, None] = field(default_factory=dict["JobId", None])
    """Those that look different, perhaps: they run, and were heard of."""
    is_paused: bool | None = None
    """None where that has not changed."""


@dataclass(frozen=True, slots=True)
class _News:
    """What differs from what was shown before."""

    moment: float
    jobs: Sequence[LiveJob]
    stirred: Sequence[LiveJob]
    gone: Mapping[JobId, str | None]
    """With their owners, where these are known."""
    is_paused: bool


class Board:
    """Those in this process who look at all jobs. Lives on one loop."""

    def __init__(
        self, overview: Overview, signals: Signals, *, clock: Callable[[], float] = time.time, every: float = EVERY
    ) -> None:
        self._start = partial(_Looking, overview, signals, clock, every)
        self._looking: _Looking | None = None
        self._is_stopping = False

    def stop(self) -> None:
        """Have all who look see no more: the process is about to end."""
        self._is_stopping = True
        if self._looking is not None:
            self._looking.stop()

    async def glimpses(self, owner: str | None, since: float) -> AsyncGenerator[Glimpse]:
        """Yield what there is to see, with what ended since, and then what changes; an owner's, or everybody's.

        Raises:
            DatabaseError: the database went away.
        """
        if self._is_stopping:
            return
        async with self._look() as looking:
            onlooker = Onlooker(owner, since)
            try:
                yield await looking.welcome(onlooker)
                while await looking.news_for(onlooker):
                    is_lost = onlooker.is_behind
                    yield await looking.welcome(onlooker) if is_lost else onlooker.take()
            finally:
                looking.onlookers.discard(onlooker)

    @asynccontextmanager
    async def _look(self) -> AsyncGenerator[_Looking]:
        looking = self._looking
        if looking is None:
            looking = self._looking = self._start()
        looking.users += 1
        try:
            await looking.begun()
            yield looking
        finally:
            looking.users -= 1
            if self._looking is looking and (not looking.users or looking.is_over):
                self._looking = None
            if not looking.users:
                await looking.end()


class Onlooker:
    """Somebody who looks, and what they have yet to see."""

    def __init__(self, owner: str | None, since: float) -> None:
        self.owner = owner
        self.moment = since
        """They have seen all that was to be seen then."""
        self.has_some = asyncio.Event()
        self.is_behind = False
        self._is_paused = False
        self._glimpse = Glimpse(since, since)

    def show(self, news: _News) -> None:
        """Add what is theirs to see of what changed."""
        if self.is_behind:
            return  # they are shown everything anew, whenever they come for it
        glimpse = self._glimpse
        glimpse.moment = news.moment
        for one in news.jobs:
            if self.owner in {None, one.job.owner}:
                glimpse.gone.pop(one.job.job_id, None)
                glimpse.jobs[one.job.job_id] = one
        for one in news.stirred:
            if self.owner in {None, one.job.owner}:
                glimpse.stirred[one.job.job_id] = None
        for job_id, owner in news.gone.items():
            if self.owner in {None, owner}:
                glimpse.jobs.pop(job_id, None)
                glimpse.gone[job_id] = None
        if news.is_paused != self._is_paused:
            self._is_paused = glimpse.is_paused = news.is_paused
        self._tell()

    def take(self) -> Glimpse:
        """Return what they have yet to see: they see it now."""
        glimpse, self._glimpse = self._glimpse, Glimpse(self._glimpse.moment, self._glimpse.moment)
        self.moment = glimpse.moment
        self.has_some.clear()
        return glimpse

    def start(self, sight: Sight, moment: float) -> Glimpse:
        """Forget what they have yet to see, and return everything: they see it now."""
        glimpse = Glimpse(moment, self.moment, sight)
        self._glimpse = Glimpse(moment, moment)
        self.moment, self.is_behind, self._is_paused = moment, False, sight.is_paused
        self.has_some.clear()
        return glimpse

    def _tell(self) -> None:
        glimpse = self._glimpse
        if len(glimpse.jobs) + len(glimpse.gone) > MOST_UNSEEN:
            self.is_behind = True
            self._glimpse = Glimpse(self.moment, self.moment)  # whoever never comes shall not fill the memory
            self.has_some.set()
        elif glimpse.jobs or glimpse.gone or glimpse.stirred or glimpse.is_paused is not None:
            self.has_some.set()


class _Looking:
    """Looks, for as long as anybody does."""

    def __init__(self, overview: Overview, signals: Signals, clock: Callable[[], float], every: float) -> None:
        self.users = 0
        self.onlookers: set[Onlooker] = set()
        self._overview = overview
        self._outlook = Outlook(overview, clock=clock)
        self._signals = signals
        self._clock = clock
        self._every = every
        self._known: dict[JobId, Version] = {}
        self._owners: dict[JobId, str] = {}
        self._looked = 0.0
        self._suspects: dict[JobId, None] = {}
        self._among: bool | None = None
        """Among which other jobs to look: as `Overview.difference` has it."""
        self._change = asyncio.Event()
        self._reading = asyncio.Lock()
        """One look after the other, so that nobody is shown an older one after a newer one."""
        self._is_listening = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def is_over(self) -> bool:
        """Whether nobody looks here any more."""
        return self._task.done() or self._stopping.is_set()

    def stop(self) -> None:
        """Have all who look see no more."""
        self._stopping.set()
        for onlooker in self.onlookers:
            onlooker.has_some.set()

    async def begun(self) -> None:
        """Wait until no signal is missed any more."""
        waiting = asyncio.ensure_future(self._is_listening.wait())
        await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self._check()

    async def end(self) -> None:
        """Look no more."""
        await end(self._task)

    async def welcome(self, onlooker: Onlooker) -> Glimpse:
        """Return all there is for somebody to see, and show them from here on what changes."""
        async with self._reading:
            moment = self._clock() - OVERLAP
            sight = await self._overview.sight(onlooker.owner, onlooker.moment)
            told = replace(sight, jobs=await self._outlook.told(sight.jobs))
            self._note(sight.jobs)
            self.onlookers.add(onlooker)
            return onlooker.start(told, moment)

    async def news_for(self, onlooker: Onlooker) -> bool:
        """Wait until there is something for somebody to see; False if nobody is to look any more."""
        if not self.is_over:  # or whoever came at that moment would wait for what nobody shows them
            await onlooker.has_some.wait()
        self._check()
        return not self._stopping.is_set()

    def _check(self) -> None:
        if self._task.done():
            self._task.result()

    async def _run(self) -> None:
        try:
            async with self._signals.subscribe() as topics:
                hearing = asyncio.create_task(self._hear(topics))
                try:
                    await self._look(is_all=True)  # what is there already is no change
                    self._is_listening.set()
                    await self._keep_looking()
                finally:
                    hearing.cancel()
                    await asyncio.gather(hearing, return_exceptions=True)
        finally:
            for onlooker in self.onlookers:  # they find out that nobody looks any more
                onlooker.has_some.set()

    async def _hear(self, topics: AsyncIterator[str]) -> None:
        async for topic in topics:
            if job_id := job_of(topic):
                self._suspects[JobId(job_id)] = None
            elif topic in (ANYTHING, LINE):
                self._among = True
            elif topic in (QUEUE, WISHES):
                self._among = self._among or False
            else:
                continue
            self._change.set()

    async def _keep_looking(self) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            suspects, self._suspects = [*self._suspects], {}
            among, self._among = self._among, None
            await self._look(suspects, is_all=among)
            await asyncio.sleep(self._every)

    async def _look(self, suspects: Sequence[JobId] = (), *, is_all: bool | None) -> None:
        async with self._reading:
            moment = self._clock() - OVERLAP
            found = await self._overview.difference(suspects, self._known, moment, is_all=is_all)
            news = await self._news(found, moment)
            self._looked = moment
            for onlooker in self.onlookers:
                onlooker.show(news)
            self._learn(news.jobs)

    async def _news(self, found: Difference, moment: float) -> _News:
        fresh = [one for one in found.jobs if self._known.get(one.job.job_id) != one.version]
        stirred = [one for one in found.jobs if one.job.state.is_active]
        gone = {job_id: self._owners.pop(job_id, None) for job_id in found.gone}
        for job_id in gone:
            self._known.pop(job_id, None)
        return _News(moment, await self._outlook.told(fresh), stirred, gone, found.is_paused)

    def _note(self, seen: Sequence[LiveJob]) -> None:
        """Have a look at what one onlooker saw and others may not have: at all but what has long ended."""
        for one in seen:
            job = one.job
            if job.job_id not in self._known and job.ended is not None and job.ended < self._looked:
                self._learn([one])
            elif self._known.get(job.job_id) != one.version:
                self._suspects[job.job_id] = None
                self._change.set()

    def _learn(self, seen: Sequence[LiveJob]) -> None:
        for one in seen:
            self._known[one.job.job_id] = one.version
            self._owners[one.job.job_id] = one.job.owner
        if len(self._known) > 2 * MOST_KNOWN:
            newest = sorted(self._known, key=lambda job_id: self._known[job_id].seq)[-MOST_KNOWN:]
            self._known = {job_id: self._known[job_id] for job_id in newest}
            self._owners = {job_id: self._owners[job_id] for job_id in newest}
