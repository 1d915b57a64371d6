"""Signals on PostgreSQL: told with the commit by NOTIFY, heard on one connection for each process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from comfy_gen.errors import MissingExtraError
from comfy_gen.jobs.connecting import ENCODING
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.signals.fanout import Fanout
from comfy_gen.jobs.signals.signals import ANYTHING

try:
    import psycopg
except ModuleNotFoundError as error:
    raise MissingExtraError("PostgreSQL", "postgres") from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from sqlalchemy import URL, Connection

log = logging.getLogger(__name__)

CHANNEL = "comfygen"
PATIENCE = 5.0
"""Seconds that a reader waits to be connected before it goes on; once it is, it hears that it missed something."""
RECONNECT_EVERY = 1.0
CHECK_EVERY = 30.0
"""Seconds of silence before the connection is tried."""

_LIVELINESS: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""The driver's words for: a server that vanished is noticed within half a minute."""

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


class PostgresSignals:
    """Signals for a PostgreSQL database. Everything but `send` and `published` belongs on one loop."""

    def __init__(self, url: URL, *, reconnect_every: float = RECONNECT_EVERY) -> None:
        self._url = conninfo_of(url)
        self._reconnect_every = reconnect_every
        self._sender = uuid.uuid4().hex[:12]  # so that we need not hear ourselves: `published` was sooner
        self._fanout = Fanout()
        self._listening: asyncio.Task[None] | None = None
        self._is_connected = asyncio.Event()

    def send(self, connection: Connection, topic: str) -> None:
        """Tell other processes, once this transaction is committed."""
        connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": f"{self._sender} {topic}"})

    def published(self, topic: str) -> None:
        """Tell this process."""
        self._fanout.tell(topic)

    @contextlib.asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncGenerator[AsyncIterator[str]]:
        """Hear topics while the context lasts."""
        with self._fanout.subscribe(*topics) as heard:
            try:
                if self._listening is None:
                    self._listening = asyncio.create_task(self._keep_listening())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        await self._is_connected.wait()
                yield heard
            finally:
                if len(self._fanout) == 1:
                    await self.close()

    async def close(self) -> None:
        """Listen no more."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await end(listening)
        self._is_connected.clear()

    async def _keep_listening(self) -> None:
        was_lost = False
        while True:
            try:
                await self._listen(was_lost=was_lost)
            except (psycopg.Error, OSError) as error:
                log.warning("no signals for now: %s", error)
            was_lost = True
            self._is_connected.clear()
            await asyncio.sleep(self._reconnect_every)

    async def _listen(self, *, was_lost: bool) -> None:
        connecting = psycopg.AsyncConnection.connect(self._url, autocommit=True, **_LIVELINESS)
        async with await connecting as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._is_connected.set()
            if was_lost:
                self._fanout.tell(ANYTHING)
            while True:
                async for notification in connection.notifies(timeout=CHECK_EVERY):
                    self._hear(notification.payload)
                await connection.execute("SELECT 1")

    def _hear(self, payload: str) -> None:
        sender, _, topic = payload.partition(" ")
        if sender != self._sender:
            self._fanout.tell(topic)


def conninfo_of(url: URL) -> str:
    """Return a database's URL as its driver reads it."""
    told = url.set(drivername="postgresql").update_query_dict({"client_encoding": ENCODING})
    return told.render_as_string(hide_password=False)
