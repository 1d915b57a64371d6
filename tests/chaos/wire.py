"""A port in front of a server's: what goes through it is lost, slowed, stalled, cut, or answered in its place.

Packets are lost as TCP has it: what is lost comes again after 0.2 s, and after twice as long each time that it is lost
once more; all that is behind it waits. So a program sees neither gaps nor errors, but a connection that stands still,
again and again. It needs no privileges and no module of the kernel, as ``tc netem`` would.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_SEGMENT = 1448
"""Bytes of a packet."""
_PIECE = 64 * 1024
_RETRANSMIT = 0.2
"""Seconds after which Linux sends a lost packet again, at the earliest."""
_CONNECT_AGAIN = 1.0
"""The same of the packet that opens a connection."""
_MOST_LOST = 6
"""So often in a row is one packet lost at most: 12 s."""
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Weather:
    """What a wire is like."""

    loss: float = 0.0
    """The share of packets that are lost."""
    delay: float = 0.0
    """Seconds that every piece is late."""
    is_stalled: bool = False
    """Nothing goes through, and nothing is closed."""
    is_down: bool = False
    """Connections are closed as soon as they are there."""
    answer: bytes = b""
    """What whoever asks is told in place of the server, which hears nothing of it."""


CLEAR = Weather()


def answer_of(status: int, reason: str) -> bytes:
    """Return an answer of HTTP without content, after which the connection ends."""
    return f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def lateness(chance: random.Random, size: int, loss: float, *, first: float = _RETRANSMIT) -> float:
    """Return by how many seconds the loss of packets holds up so many bytes that were sent together."""
    if not loss:
        return 0.0
    packets = -(-size // _SEGMENT)
    return max((_lost_for(chance, loss, first) for _ in range(packets)), default=0.0)


def _lost_for(chance: random.Random, loss: float, first: float) -> float:
    seconds = 0.0
    for number in range(_MOST_LOST):
        if chance.random() >= loss:
            break
        seconds += first * 2**number
    return seconds


class Wire:
    """Listens at ``port``, and passes on what comes. Use it with ``async with``; set ``weather`` at any time."""

    def __init__(self, target: int = 0, *, seed: object, weather: Weather = CLEAR) -> None:
        """``target`` is the server's port on this machine, or `lead_to` says it later."""
        self.weather = weather
        self.port = 0
        self.late = 0
        """How many pieces were held up by lost packets."""
        self._target = target
        self._chance = random.Random(f"wire {seed}")
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._underway: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in self._underway:
            task.cancel()
        await asyncio.gather(*self._underway, return_exceptions=True)

    def lead_to(self, target: int) -> None:
        """Have what comes from now on go to another port."""
        self._target = target

    def cut(self) -> None:
        """Break off every connection, as a router that restarts does."""
        for writer in self._open:
            writer.transport.abort()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._held_up(lateness(self._chance, 1, self.weather.loss, first=_CONNECT_AGAIN))
            await self._clear_up()
            if not self.weather.is_down:
                await self._pass_on(reader, writer)
        except OSError:
            pass  # either end is gone
        finally:
            self._open.discard(writer)
            writer.transport.abort() if self.weather.is_down else writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open.add(back)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pipe(there, writer))
                group.create_task(self._pipe(reader, back, asker=writer))
        finally:
            self._open.discard(back)
            back.close()

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asker: asyncio.StreamWriter | None = None
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                weather = self.weather
                if asker is not None and weather.answer:
                    asker.write(weather.answer)
                    await asker.drain()
                    break
                await self._held_up(lateness(self._chance, len(piece), weather.loss))
                await asyncio.sleep(weather.delay)
                await self._clear_up()
                writer.write(piece)
                await writer.drain()
        writer.close()
        if asker is not None:
            asker.close()

    async def _held_up(self, seconds: float) -> None:
        if seconds:
            self.late += 1
            await asyncio.sleep(seconds)

    async def _clear_up(self) -> None:
        while self.weather.is_stalled:
            await asyncio.sleep(_LOOK_EVERY)
