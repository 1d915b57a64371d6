"""Clients that are slow on purpose: they send half a request, or ask for much and read nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from tests.chaos.troubles import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADERS = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = (
    b"POST /generate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 100000\r\n\r\n{"prompt": "'
)
READER = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 3
NONSENSE = READER + b"nonsense\r\n\r\n"
_DRIP = 1.0
"""Seconds between two bytes."""
_SMALL = 4096
"""Bytes that the kernel keeps of an answer nobody reads."""


def of_slow_clients(port: int, begun: bytes, *, count: int, then: bytes = b"x") -> Trouble:
    """Return the trouble that so many clients begin like this, read nothing, and say ``then`` each second."""
    dripping: list[asyncio.Task[None]] = []

    async def begin() -> None:
        dripping.extend([asyncio.create_task(_drip(port, begun, then)) for _ in range(count)])

    async def end() -> None:
        await _end(dripping)

    return Trouble(begin, end)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()


async def _drip(port: int, begun: bytes, then: bytes) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as connection, contextlib.suppress(OSError):
        connection.setblocking(False)  # as the standard library has it
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        await loop.sock_connect(connection, ("127.0.0.1", port))
        await loop.sock_sendall(connection, begun)
        while True:
            await asyncio.sleep(_DRIP)
            await loop.sock_sendall(connection, then)


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return what so large a share of them is below."""
    ordered = sorted(seconds)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
