"""Has those who wait for jobs be answered when the server is told to stop: it waits for them before it ends."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.app import JobQueue

LOOK_EVERY = 0.1
"""Seconds between two looks whether the server was told to stop; an application is told only once all have left."""
GRACE = 3.0
"""Seconds that a stream gets to end by itself, which it does at once."""


@asynccontextmanager
async def ending_in_order(queue: JobQueue) -> AsyncGenerator[None]:
    """Stop the watching of a queue in this block once the server is to stop."""
    looking = asyncio.create_task(_look(queue))
    try:
        yield
    finally:
        looking.cancel()


async def _look(queue: JobQueue) -> None:
    while not is_stopping():  # noqa: ASYNC110  # a flag is all that the server sets
        await asyncio.sleep(LOOK_EVERY)
    queue.watching.stop()
    queue.board.stop()


def is_stopping() -> bool:
    """Tell whether the server that runs this process was told to stop.

    Uvicorn has its signals handled by methods of its server, and that is the way to its flag.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))
