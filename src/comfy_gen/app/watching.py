"""Watches jobs for many at a time: however many watch the same one, what happens to it is read once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from comfy_gen.jobs.ending import end
from comfy_gen.jobs.signals import end_of, topic_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import News
    from comfy_gen.jobs.signals import Signals
    from comfy_gen.jobs.store import JobStore


class Watching:
    """Those in this process who watch jobs. Lives on one loop."""

    def __init__(self, store: JobStore, signals: Signals) -> None:
        self._store = store
        self._signals = signals
        self._watched: dict[JobId, _Watched] = {}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Have all who watch see no more, as if that were all: the process is about to end."""
        self._stopping.set()
        for watched in self._watched.values():
            watched.tell()

    async def news(self, job_id: JobId, *, after: int = 0) -> AsyncGenerator[News]:
        """Yield what happened to a job after the event of that number, each time that something did, until it ended.

        The first comes at once; some may bring no event: then something changed that has none, such as a preview.

        Raises:
            JobNotFoundError: there is no such job (any more).
        """
        async with self._watch(job_id) as watched:
            while True:
                version = watched.version
                news = await watched.read(after)
                yield news
                if news.is_last or self._stopping.is_set():
                    return
                after = news.events[-1].number if news.events else after
                await watched.changed_since(version)

    async def end(self, job_id: JobId) -> Job | None:
        """Return a job once it has ended; None if nobody is to watch any more.

        What happens to it meanwhile is not read: the job would have to wait for that.

        Raises:
            JobNotFoundError: there is no such job (any more).
        """
        async with self._signals.subscribe(end_of(job_id)) as ends:
            stopping = asyncio.ensure_future(self._stopping.wait())
            try:
                while not (job := await self._store.get(job_id)).state.is_end:
                    coming = asyncio.ensure_future(anext(ends))
                    try:
                        await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    finally:  # whoever waits may leave at any time
                        coming.cancel()
                    if stopping.done():
                        return None
            finally:
                stopping.cancel()
        return job

    @asynccontextmanager
    async def _watch(self, job_id: JobId) -> AsyncGenerator[_Watched]:
        watched = self._watched.get(job_id)
        if watched is None:
            watched = self._watched[job_id] = _Watched(job_id, self._store, self._signals)
        watched.watchers += 1
        try:
            await watched.begun()
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                if self._watched.get(job_id) is watched:
                    del self._watched[job_id]
                await watched.end()


class _Watched:
    """One job that somebody watches."""

    def __init__(self, job_id: JobId, store: JobStore, signals: Signals) -> None:
        self.watchers = 0
        self.version = 0
        """Counts the signals."""
        self._job_id = job_id
        self._store = store
        self._signals = signals
        self._change = asyncio.Event()
        self._read: dict[int, asyncio.Future[News]] = {}
        """What was read since the last signal, by the event after which."""
        self._is_listening = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def begun(self) -> None:
        """Wait until no signal is missed any more."""
        waiting = asyncio.ensure_future(self._is_listening.wait())
        await asyncio.wait({waiting, self._listening}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._listening.done():
            self._listening.result()

    async def read(self, after: int) -> News:
        """Return what happened after an event, read once for all who ask between two signals."""
        reading = self._read.get(after)
        if reading is None:
            reading = self._read[after] = asyncio.ensure_future(self._store.news(self._job_id, after))
        # A thousand watchers read the same: once it is there, none of them needs a future of their own.
        return reading.result() if reading.done() else await asyncio.shield(reading)

    async def changed_since(self, version: int) -> None:
        """Wait for a signal, unless there was one since that version."""
        if self.version == version:
            await self._change.wait()
        if self._listening.done():
            self._listening.result()

    async def end(self) -> None:
        """Listen no more."""
        await end(self._listening)

    async def _listen(self) -> None:
        try:
            async with self._signals.subscribe(topic_of(self._job_id)) as topics:
                self._is_listening.set()
                async for _ in topics:
                    self.tell()
        finally:
            self.tell()  # who waits finds out that nobody listens any more

    def tell(self) -> None:
        """Have all who watch look again."""
        self.version += 1
        self._read.clear()
        self._change.set()
        self._change = asyncio.Event()
