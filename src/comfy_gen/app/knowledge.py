"""What the engines have, for whoever plans: the fleet knows it; where there is none here, they are asked."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from operator import is_not
from typing import TYPE_CHECKING, TypeVar

from comfy_gen.app.declared import Declared
from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.engines.probe import learn
from comfy_gen.errors import EngineError, NoEngineError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.engines.capability import Capability
    from comfy_gen.engines.fleet import Fleet
    from comfy_gen.engines.merging import ObjectInfo
    from comfy_gen.engines.need import Need
    from comfy_gen.engines.registry import EngineEntry

T = TypeVar("T")

FRESH = 60.0
"""Seconds for which an answer is good that no fleet here keeps up to date."""
BRIEF = 2.0
"""The same where no engine answered: one may have been started."""
PATIENCE = 10.0
"""Seconds for an engine to say what it has: somebody waits for that."""


class Knowledge:
    """What the engines have. Lives on one loop."""

    def __init__(self, queue: JobQueue, fleet: Callable[[], Fleet | None]) -> None:
        """``fleet`` returns that of this process's worker; None while it has none."""
        self._queue = queue
        self._fleet = fleet
        self._learnt: tuple[float, dict[str, Capability]] = (-FRESH, {})
        self._merged: tuple[list[Capability], Mapping[str, Sequence[str]]] = [], {}
        self._declared = Declared(self._declaration, time.monotonic)

    async def models(self, *, need: str) -> Mapping[str, Sequence[str]]:
        """Return the model files of all engines by folder: the very same mapping while they have the same.

        Raises:
            NoEngineError: no engine answers; ``need`` says what it would be needed for.
        """
        capabilities = [*(await self.capabilities(need=need)).values()]
        before, models = self._merged
        if len(before) != len(capabilities) or any(map(is_not, before, capabilities)):
            folders = {folder for one in capabilities for folder in one.models}
            models = {folder: sorted({*_files(capabilities, folder)}) for folder in folders}
            self._merged = capabilities, models
        return models

    async def capabilities(self, *, need: str) -> Mapping[str, Capability]:
        """Return by name what each engine has, of those of which that is known.

        Raises:
            NoEngineError: no engine answers; ``need`` says what it would be needed for.
        """
        found = self._known() or await self._asked()
        if not found:
            raise NoEngineError(need)
        return found

    async def object_info(self, *, need: str) -> ObjectInfo:
        """Return what one engine declares of its nodes.

        Raises:
            NoEngineError: no engine answers; ``need`` says what it would be needed for.
        """
        _, info = await self.declared(await self._names(), need=need)
        return info

    async def merged_object_info(self, *, need: str, fresh: float = FRESH) -> ObjectInfo:
        """Return what all engines declare of their nodes, as if they were one, as of ``fresh`` seconds ago at most.

        It is the very same mapping while that is the same. It is everybody's: not to be changed.

        Raises:
            NoEngineError: no engine answers; ``need`` says what it would be needed for.
        """
        info = await self._declared.merged(*await self._standing(), fresh=fresh)
        if not info:
            raise NoEngineError(need)
        return info

    async def declarations(self) -> Mapping[str, ObjectInfo]:
        """Return by name what each engine declares of its nodes, or did when it last answered."""
        return await self._declared.all(*await self._standing(), fresh=FRESH)

    async def declared(self, names: Sequence[str], *, need: str) -> tuple[str, ObjectInfo]:
        """Return one of these engines, and what it declares of its nodes; of two that answer the earlier.

        Raises:
            NoEngineError: none of them answers; ``need`` says what it would be needed for.
        """
        worth_asking: Sequence[str] | None = None
        for name in names:
            if (known := self._declared.recent(name, fresh=FRESH)) is not None:
                return name, known
            if worth_asking is None:
                worth_asking = await self._names()
            with suppress(EngineError, TimeoutError):
                if name in worth_asking:
                    return name, await self._declared.renew(name)
        raise NoEngineError(need)

    async def told(self, ask: Callable[[AsyncComfyUIClient], Awaitable[T]]) -> Mapping[str, T]:
        """Return by name what the engines say to this, all asked at once; those that do not answer are left out."""
        names = await self._names()
        answers = await asyncio.gather(*(self._ask(name, ask) for name in names))
        return {name: answer for name, answer in zip(names, answers, strict=True) if answer is not None}

    async def count(self) -> int:
        """Return how many engines answer."""
        fleet = self._fleet()
        if fleet is not None:
            return sum(engine.condition in {"up", "trying"} for engine in fleet.health())
        return len(await self._asked())

    def lacks(self, need: Need) -> tuple[str, ...]:
        """Return by engine what it lacks; empty while one has it all, or while that is not known."""
        fleet = self._fleet()
        return () if fleet is None else fleet.lacks(need)

    def _known(self) -> dict[str, Capability]:
        fleet = self._fleet()
        if fleet is None:
            return {}
        found = {name: fleet.engine(name).capability for name in fleet.names}
        return {name: one for name, one in found.items() if one is not None}

    async def _asked(self) -> dict[str, Capability]:
        at, known = self._learnt
        if time.monotonic() - at < (FRESH if known else BRIEF):
            return known
        names = await self._names()
        answers = await asyncio.gather(*(self._ask(name, learn) for name in names))
        found = {name: one for name, one in zip(names, answers, strict=True) if one is not None}
        self._learnt = time.monotonic(), found
        return found

    async def _declaration(self, name: str) -> ObjectInfo:
        async with asyncio.timeout(PATIENCE), self.client(name) as client:
            return await client.get_object_info()

    async def _ask(self, name: str, ask: Callable[[AsyncComfyUIClient], Awaitable[T]]) -> T | None:
        with suppress(EngineError, TimeoutError):
            async with asyncio.timeout(PATIENCE), self.client(name) as client:
                return await ask(client)
        return None

    async def _names(self) -> list[str]:
        """Return the engines that are worth asking."""
        return self._answering([entry.name for entry in await self._entries()])

    async def _standing(self) -> tuple[list[str], list[str]]:
        """Return the engines that there are, and those that are worth asking; where a fleet knows them, at once."""
        fleet = self._fleet()
        names = [*fleet.names] if fleet else [entry.name for entry in await self._entries()]
        return names, self._answering(names)

    def _answering(self, names: Sequence[str]) -> list[str]:
        fleet = self._fleet()
        silent = {engine.name for engine in fleet.health() if engine.condition == "down"} if fleet else set[str]()
        return [name for name in names if name not in silent]

    async def _entries(self) -> Sequence[EngineEntry]:
        """Return the engines that were entered; before a worker did that for the first time, those of the settings."""
        entered = await self._queue.store.roster.engines()
        return entered if entered or self._fleet() is not None else await self._queue.engines()

    @asynccontextmanager
    async def client(self, name: str) -> AsyncGenerator[AsyncComfyUIClient]:
        """Lend the fleet's client of an engine, or a fresh one."""
        fleet = self._fleet()
        if fleet is not None and name in fleet.names:
            yield fleet.engine(name).client
            return
        entries = {entry.name: entry for entry in await self._entries()}
        options = self._queue.settings.client_options()
        async with AsyncComfyUIClient(url=entries[name].url, options=options) as client:
            yield client


def _files(capabilities: Sequence[Capability], folder: str) -> set[str]:
    return {name for one in capabilities for name in one.models.get(folder, ())}
