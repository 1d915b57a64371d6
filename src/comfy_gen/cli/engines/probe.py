"""Asks engines how they are, all at once and each for a few seconds at most."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.engines.probe import ask, opens_socket
from comfy_gen.errors import ComfyGenError, EngineUnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.engines.registry import EngineEntry

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds in which an engine must answer to be called up."""
CHECK_PATIENCE = 30.0
"""Seconds that a thorough check may take: a ComfyUI with many nodes needs some for the list of them."""
PINGS = 3
"""Of so many requests the fastest tells the way there and back."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an engine is."""

    entry: EngineEntry
    version: str = ""
    queue: int | None = None
    """How many prompts run or wait there, whoever queued them."""
    latency: float | None = None
    """Seconds that an answer takes."""
    error: str = ""
    """Why it is not up."""
    classes: int | None = None
    """Node classes that it has; this and the next two only after a check."""
    models: Mapping[str, int] = field(default_factory=dict[str, int])
    """Model files by their folder."""
    has_socket: bool | None = None
    """Whether a WebSocket gets through: without one it is polled."""

    @property
    def is_up(self) -> bool:
        """Whether it answered as it should."""
        return not self.error


async def probe_all(entries: Sequence[EngineEntry], how: ClientOptions) -> list[Health]:
    """Return how each engine is."""
    return list(await asyncio.gather(*(_health(entry, how, _probe, PATIENCE) for entry in entries)))


async def check_all(entries: Sequence[EngineEntry], how: ClientOptions) -> list[Health]:
    """Return how each engine is, and what it has."""
    return list(await asyncio.gather(*(_health(entry, how, _check, CHECK_PATIENCE) for entry in entries)))


async def guarded(
    entry: EngineEntry,
    how: ClientOptions,
    look: Callable[[AsyncComfyUIClient], Awaitable[T]],
    *,
    patience: float,
    failed: Callable[[str], T],
) -> T:
    """Return what a look at an engine shows, or what ``failed`` makes of why there is nothing to see."""
    options = replace(how, connect_timeout=min(how.connect_timeout, PATIENCE))
    try:
        async with AsyncComfyUIClient(url=entry.url, options=options) as client, asyncio.timeout(patience):
            return await look(client)
    except TimeoutError:
        return failed(f"no answer within {patience:g} s")
    except EngineUnreachableError as error:
        return failed(error.reason)  # its address is told beside it
    except ComfyGenError as error:
        return failed(error.message)


async def _health(
    entry: EngineEntry,
    how: ClientOptions,
    look: Callable[[EngineEntry, AsyncComfyUIClient], Awaitable[Health]],
    patience: float,
) -> Health:
    return await guarded(
        entry,
        how,
        lambda client: look(entry, client),
        patience=patience,
        failed=lambda reason: Health(entry, error=reason),
    )


async def _probe(entry: EngineEntry, client: AsyncComfyUIClient) -> Health:
    version = await client.identify()
    began = time.monotonic()
    queue = await ask(client)
    return Health(entry, version, queue, time.monotonic() - began)


async def _check(entry: EngineEntry, client: AsyncComfyUIClient) -> Health:
    seen = await _probe(entry, client)
    pings = [seen.latency or 0.0, *[await _ping(client) for _ in range(PINGS - 1)]]
    info: dict[str, Any] = await client.get_object_info()
    folders = await client.get_models()
    models = {folder: len(await client.get_models(folder)) for folder in folders}
    has_socket = await opens_socket(client)
    return replace(seen, latency=min(pings), classes=len(info), models=models, has_socket=has_socket)


async def _ping(client: AsyncComfyUIClient) -> float:
    began = time.monotonic()
    await ask(client)
    return time.monotonic() - began
