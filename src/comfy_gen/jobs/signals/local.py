"""Signals on SQLite: told at once in this process; another process is noticed by its commit."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.signals.fanout import Fanout
from comfy_gen.jobs.signals.signals import ANYTHING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from sqlalchemy import Connection

    from comfy_gen.jobs.database import Database

LOOK_EVERY = 0.2
"""Seconds between two looks for commits of other processes, while anybody listens."""


class LocalSignals:
    """Signals for a database in a file. Everything but `published` belongs on one loop."""

    def __init__(self, database: Database, *, look_every: float = LOOK_EVERY) -> None:
        self._database = database
        self._look_every = look_every
        self._fanout = Fanout()
        self._looking: asyncio.Task[None] | None = None
        self._version: int | None = None

    def send(self, connection: Connection, topic: str) -> None:
        """Do nothing: the commit itself is noticed."""

    def published(self, topic: str) -> None:
        """Tell this process."""
        self._fanout.tell(topic)

    @contextlib.asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncGenerator[AsyncIterator[str]]:
        """Hear topics while the context lasts."""
        with self._fanout.subscribe(*topics) as heard:
            try:
                if self._looking is None:
                    self._looking = asyncio.create_task(self._keep_looking())
                    self._version = await self._current()  # what is committed from here on is heard
                yield heard
            finally:
                if len(self._fanout) == 1:
                    await self.close()

    async def close(self) -> None:
        """Look no more."""
        looking, self._looking = self._looking, None
        if looking is not None:
            await end(looking)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            await self._look()

    async def _look(self) -> None:
        version = await self._current()
        if version != self._version:
            self._version = version
            self._fanout.tell(ANYTHING)

    async def _current(self) -> int | None:
        """Return a number that changes with commits of other processes; None while there is no telling."""
        try:
            return await self._database.write(_version_of)
        except DatabaseUnavailableError:
            return None


def _version_of(connection: Connection) -> int:
    # Asked on the connection that writes: there, the number changes only by what others commit, and only other
    # processes have a connection that does.
    return connection.exec_driver_sql("PRAGMA data_version").scalar_one()
