"""Ends tasks that talk to PostgreSQL: cancelling them once is not enough."""

from __future__ import annotations

import asyncio
from typing import Any


async def end(task: asyncio.Task[Any], *, again_after: float = 0.2) -> None:
    """Cancel a task, and wait until it has ended, however it does; cancel it again after so many seconds.

    Before Python 3.12, `asyncio.wait_for` forgets that it was cancelled if what it waits for comes at that very moment.
    The driver and its pool wait by it.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=again_after)
    await asyncio.gather(task, return_exceptions=True)  # fetches its error, so that nobody is told that it was not
