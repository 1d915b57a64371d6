from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.chaos.troubles import of_wire
from tests.chaos.wire import Weather, Wire, answer_of, lateness

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SECONDS = 5


@asynccontextmanager
async def echoing() -> AsyncGenerator[Wire]:
    """A wire to a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(1024):
                writer.write(piece)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with asyncio.timeout(SECONDS), server, Wire(server.sockets[0].getsockname()[1], seed=1) as wire:
        yield wire


async def ask(wire: Wire, words: bytes = b"hello") -> bytes:
    """Return what comes back; nothing where the connection is closed first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    try:
        writer.write(words)
        return await reader.read(1024)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_wire_passes_on_what_comes_and_changes_with_its_weather() -> None:
    async with echoing() as wire:
        assert await ask(wire) == b"hello"
        wire.weather = Weather(answer=answer_of(503, "Slow Down"))
        assert (await ask(wire)).startswith(b"HTTP/1.1 503 Slow Down\r\n")
        wire.weather = Weather(is_down=True)
        assert await ask(wire) == b""
        wire.weather = Weather(is_stalled=True)
        waiting = asyncio.create_task(ask(wire))
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
        wire.weather = Weather(delay=0.01)
        assert await waiting == b"hello"


async def test_trouble_of_a_wire_ends_and_cuts_what_was_open() -> None:
    async with echoing() as wire:
        trouble = of_wire(wire, is_down=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(b"hello")
        assert await reader.read(5) == b"hello"
        await trouble.begin()
        writer.close()
        assert await ask(wire) == b""
        await trouble.end()
        assert await ask(wire) == b"hello"


def test_lost_packets_come_again_after_twice_as_long_each_time() -> None:
    chance = random.Random(1)
    times = [lateness(chance, 1448, 0.1) for _ in range(10_000)]
    assert set(times) <= {0.0, 0.2, 0.2 + 0.4, 0.2 + 0.4 + 0.8, *(0.2 * (2**n - 1) for n in range(4, 7))}
    assert 0.08 < sum(time > 0 for time in times) / len(times) < 0.12
    assert lateness(chance, 10**6, 0.0) == 0.0
    assert lateness(chance, 10**6, 0.1) > 0.0
