"""Has those who wait for jobs be answered when the server is told to stop: it waits for them before it ends."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sse_starlette.sse import AppStatus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.app.watching import Watching

LOOK_EVERY = 0.25
"""Seconds between two looks whether the server was told to stop; an application is told only once all have left."""
GRACE = 3.0
"""Seconds that a stream gets to end by itself, which it does at once."""


@asynccontextmanager
async def ending_in_order(watching: Watching) -> AsyncGenerator[None]:
    """Stop the watching in this block once the server is to stop."""
    looking = asyncio.create_task(_look(watching))
    try:
        yield
    finally:
        looking.cancel()


async def _look(watching: Watching) -> None:
    while not AppStatus.should_exit:  # noqa: ASYNC110  # a flag is all that the server's signals set
        await asyncio.sleep(LOOK_EVERY)
    watching.stop()
