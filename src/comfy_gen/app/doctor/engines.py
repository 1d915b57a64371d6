"""Looks at engines for the doctor: all at once, and each for as long as a person waits."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp

from comfy_gen.app.doctor.sights import EngineSight
from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.comfyui.http import parse_url
from comfy_gen.engines.probe import ask, learn, opens_socket
from comfy_gen.errors import ComfyGenError, EngineUnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.engines.registry import EngineEntry

PATIENCE = 30.0
"""Seconds for an engine to tell all that it has: one with many nodes needs some for the list of them."""
CONNECT = 3.0
"""Seconds in which it must take the connection."""


async def look_at_engines(entries: Sequence[EngineEntry], options: ClientOptions) -> tuple[EngineSight, ...]:
    """Return how each engine is."""
    brisk = replace(options, connect_timeout=min(options.connect_timeout, CONNECT))
    return tuple(await asyncio.gather(*(_look(entry, brisk) for entry in entries)))


async def _look(entry: EngineEntry, options: ClientOptions) -> EngineSight:
    sight = EngineSight(entry.name, entry.address)
    try:
        async with AsyncComfyUIClient(url=entry.url, options=options) as client, asyncio.timeout(PATIENCE):
            return replace(
                sight,
                version=await client.identify(),
                queue=await ask(client),
                capability=await learn(client),
                has_socket=await opens_socket(client),
                clock_ahead=await _clock_ahead(entry.url),
            )
    except TimeoutError:
        return replace(sight, error=f"no answer within {PATIENCE:g} s")
    except EngineUnreachableError as error:
        return replace(sight, error=error.reason, is_unreachable=True)  # its address is told beside it
    except ComfyGenError as error:
        return replace(sight, error=error.message.replace(f"what answers at {entry.address} is", "what answers is"))


async def _clock_ahead(url: str) -> float | None:
    """Return by how many seconds an engine's clock is before ours; None where its answers tell no time.

    HTTP tells whole seconds, cut off: half a second is added.
    """
    address, login = parse_url(url)
    try:
        async with aiohttp.ClientSession(headers=login) as session, session.get(f"{address}/prompt") as answer:
            told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (aiohttp.ClientError, OSError, KeyError, ValueError):
        return None
    return told + 0.5 - time.time()
