"""The queue that the commands for jobs and engines talk to: that of the settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.app import JobQueue, open_queue
from comfy_gen.config import read_settings
from comfy_gen.engines.registry import parse_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from comfy_gen.engines.registry import EngineEntry

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


async def engines_of(queue: JobQueue) -> list[EngineEntry]:
    """Return the engines of the fleet by name: those entered, those of the settings, or the usual one."""
    entered = {entry.name: entry for entry in await queue.store.roster.engines()}
    configured = {entry.name: entry for entry in parse_entries(queue.settings.fleet.engines)}
    found = configured | entered or {entry.name: entry for entry in parse_entries(queue.settings.engine_url)}
    return sorted(found.values(), key=lambda entry: entry.name)
