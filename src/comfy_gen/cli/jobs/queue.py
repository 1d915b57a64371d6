"""The queue that the commands for jobs and engines talk to: that of the settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.app import JobQueue, open_queue
from comfy_gen.config import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


T = TypeVar("T")


def ask(work: Callable[[JobQueue], Coroutine[Any, Any, T]]) -> T:
    """Open the queue, do some work with it, and return what that returns.

    Raises:
        ConfigFileError: the settings are wrong.
        DatabaseError: the database cannot be used.
    """
    return asyncio.run(_ask(work))


async def _ask(work: Callable[[JobQueue], Coroutine[Any, Any, T]]) -> T:
    async with open_queue(read_settings()) as queue:
        return await work(queue)
