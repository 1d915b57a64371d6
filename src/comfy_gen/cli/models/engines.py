"""Asks engines which models they have and what they run on, all at once and each for a few seconds at most."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.cli.engines.probe import CHECK_PATIENCE, guarded
from comfy_gen.engines.probe import learn
from comfy_gen.errors import EngineNotFoundError
from comfy_gen.workflows.models import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.engines.registry import EngineEntry


@dataclass(frozen=True, slots=True)
class EngineModels:
    """The models that an engine has."""

    entry: EngineEntry
    models: Mapping[str, Sequence[str]] = field(default_factory=dict[str, "Sequence[str]"])
    """File names by folder; a folder that is not here is one that nothing is known of."""
    vram: int | None = None
    """Bytes of its largest device; None where it has none but the processor."""
    error: str = ""
    """Why nothing is known."""

    @property
    def name(self) -> str:
        """What the list of engines calls it."""
        return self.entry.name

    def files(self, folder: str = "") -> dict[str, Sequence[str]]:
        """Return the files by their folder, of those that have any; of one folder where it is named."""
        wanted = sorted(name for name in self.models if folder in ("", name))
        files = {name: [one for one in self.models[name] if one not in BUILT_IN.get(name, ())] for name in wanted}
        return {name: found for name, found in files.items() if found}


async def ask_engines(queue: JobQueue, names: Sequence[str] = ()) -> list[EngineModels]:
    """Return what each engine of the list has, or why that is not known.

    Raises:
        EngineNotFoundError: there is none of such a name.
    """
    known = {entry.name: entry for entry in await queue.engines()}
    for name in names:
        if name not in known:
            raise EngineNotFoundError(name, list(known))
    wanted = [known[name] for name in names] or list(known.values())
    return list(await asyncio.gather(*(_ask(entry, queue.settings.client_options()) for entry in wanted)))


async def _ask(entry: EngineEntry, how: ClientOptions) -> EngineModels:
    async def look(client: AsyncComfyUIClient) -> EngineModels:
        await client.identify()
        models = (await learn(client)).models
        vram = vram_of(await client.get_system_stats())
        return EngineModels(entry, {folder: sorted(files) for folder, files in models.items()}, vram)

    return await guarded(
        entry, how, look, patience=CHECK_PATIENCE, failed=lambda reason: EngineModels(entry, error=reason)
    )


def vram_of(stats: Mapping[str, Any]) -> int | None:
    """Return the memory of an engine's largest device; None where it only has the processor."""
    sizes: list[int] = []
    for device in stats.get("devices") or ():
        with suppress(AttributeError, TypeError, ValueError):  # a stranger's JSON
            if device.get("type") != "cpu":
                sizes.append(int(device["vram_total"]))
    return max(sizes, default=None)


def all_models(engines: Iterable[EngineModels]) -> dict[str, list[str]]:
    """Return the files that any of the engines has, by folder."""
    found: dict[str, set[str]] = {}
    for engine in engines:
        for folder, files in engine.models.items():
            found.setdefault(folder, set()).update(files)
    return {folder: sorted(files) for folder, files in sorted(found.items())}
