"""Keeps one WebSocket to an engine open: connects, greets, reads, and connects again with backoff.

Knows nothing of prompts: every message goes to ``on_message``, every moment in which messages may have been missed
to ``on_gap``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from typing import TYPE_CHECKING

import aiohttp

from comfy_gen.comfyui.messages import HELLO, Frame, Message, Raw, decode, parse, parse_binary
from comfy_gen.errors import EngineUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.comfyui.http import EngineHttp

log = logging.getLogger(__name__)


class EngineSocket:
    """One connection at a time, each under a client id of its own.

    A client id is never used twice: the server's clean-up of an old socket silences a new one of the same id.
    A prompt is told to the id under which it was queued, so that after a reconnect the old prompts have to be polled.
    """

    def __init__(
        self,
        http: EngineHttp,
        *,
        on_message: Callable[[Message, Frame], None],
        on_gap: Callable[[], None],
    ) -> None:
        self.client_id = uuid.uuid4().hex
        """The id under which to queue prompts now."""
        self._http = http
        self._on_message = on_message
        self._on_gap = on_gap
        self._connection: aiohttp.ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    @property
    def is_connected(self) -> bool:
        """Whether messages arrive now."""
        return self._connection is not None and not self._connection.closed

    async def open(self, *, reconnect: bool = True) -> None:
        """Connect, unless connected or already busy with it, and keep it so.

        Raises:
            EngineUnreachableError: the first attempt failed. Nothing is retried then.
        """
        async with self._opening:
            if self._task is not None and not self._task.done():
                return
            await self._connect()
            self._task = asyncio.create_task(self._keep(reconnect=reconnect), name=f"socket of {self._http.url}")

    async def close(self) -> None:
        """Disconnect for good, until the next `open`."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._disconnect()

    async def send(self, message: Raw) -> None:
        """Send one text message, if connected."""
        if self._connection is not None:
            await self._connection.send_json(message)

    async def _connect(self) -> None:
        client_id = uuid.uuid4().hex
        connection = await self._http.websocket(client_id, greeting=HELLO)
        self._connection, self.client_id = connection, client_id

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _keep(self, *, reconnect: bool) -> None:
        while True:
            await self._read()
            await self._disconnect()
            self._on_gap()
            if not reconnect:
                return
            await self._reconnect()

    async def _reconnect(self) -> None:
        options = self._http.options
        delay = options.reconnect_delay
        while True:
            await asyncio.sleep(delay)
            try:
                await self._connect()
            except EngineUnreachableError as error:
                log.debug("%s; next attempt in %.1f s", error, delay)
                delay = min(delay * 2, options.reconnect_delay_max)
            else:
                return

    async def _read(self) -> None:
        if self._connection is None:
            return
        async for frame in self._connection:
            try:
                self._hand_over(frame)
            except Exception:  # one odd message must not cost all prompts their socket
                log.exception("cannot make anything of a message from %s", self._http.url)

    def _hand_over(self, frame: aiohttp.WSMessage) -> None:
        if frame.type is aiohttp.WSMsgType.TEXT:
            raw = decode(frame.data)
            if raw is not None:
                self._on_message(parse(raw), raw)
        elif frame.type is aiohttp.WSMsgType.BINARY:
            self._on_message(parse_binary(frame.data), frame.data)
