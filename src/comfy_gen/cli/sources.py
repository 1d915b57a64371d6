"""What the commands for files ask an engine for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from comfy_gen.cli.engine import open_engine
from comfy_gen.pipeline.sources import read_converted

if TYPE_CHECKING:
    from comfy_gen.workflows.convert import Conversion


def convert_file(file: str, engine: str | None) -> Conversion:
    """Return what is in the file in API format; see `read_converted`."""
    return asyncio.run(read_converted(file, lambda: _ask(engine)))


def ask_engine(url: str | None) -> dict[str, Any]:
    """Return an engine's node declarations; without an address, those of the engine in the settings.

    Raises:
        EngineUnreachableError: nobody answers.
        NotComfyUIError: something else answers.
    """
    return asyncio.run(_ask(url))


async def _ask(url: str | None) -> dict[str, Any]:
    async with open_engine(url) as client:
        await client.identify()
        return await client.get_object_info()
