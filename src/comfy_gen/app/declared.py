"""What engines declare of their node classes, each and all together, as of a moment ago."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from operator import is_
from typing import TYPE_CHECKING

from comfy_gen.engines.merging import merged, shared
from comfy_gen.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from comfy_gen.engines.merging import ObjectInfo


class Declared:
    """The answers to ``GET /object_info``. Lives on one loop."""

    def __init__(
        self, fetch: Callable[[str], Awaitable[ObjectInfo]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``fetch`` asks the engine of a name."""
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, tuple[float, ObjectInfo]] = {}
        self._merged: tuple[Sequence[ObjectInfo], ObjectInfo] = (), {}
        self._turn = asyncio.Lock()

    def recent(self, name: str, *, fresh: float) -> ObjectInfo | None:
        """Return what an engine declared no longer ago than so many seconds."""
        at, info = self._known.get(name, (float("-inf"), None))
        return info if self._clock() - at < fresh else None

    async def renew(self, name: str) -> ObjectInfo:
        """Ask an engine, and return what it declares: the very same mapping while that is the same.

        Raises:
            EngineError, TimeoutError: it does not answer.
        """
        answer = await self._fetch(name)
        others = [info for _, info in self._known.values()]
        info = await asyncio.to_thread(shared, answer, others)
        before = self._known.get(name)
        if before is not None and _is_same(before[1], info):
            info = before[1]
        self._known[name] = self._clock(), info
        return info

    async def all(self, names: Sequence[str], answering: Sequence[str], *, fresh: float) -> Mapping[str, ObjectInfo]:
        """Return by name what these engines declare; only those that are ``answering`` are asked again.

        Who does not answer now, and did before, is taken at their word: jobs wait for them. All others are forgotten.
        """
        async with self._turn:
            self._known = {name: one for name, one in self._known.items() if name in names}
            await asyncio.gather(*(self._try(name) for name in answering if self.recent(name, fresh=fresh) is None))
        return {name: self._known[name][1] for name in names if name in self._known}

    async def merged(self, names: Sequence[str], answering: Sequence[str], *, fresh: float) -> ObjectInfo:
        """Return what `all` does, as if they were one: the very same mapping while that is the same."""
        infos = [*(await self.all(names, answering, fresh=fresh)).values()]
        before, known = self._merged
        if len(before) == len(infos) and all(map(is_, before, infos)):
            return known
        together = await asyncio.to_thread(merged, infos)
        self._merged = infos, known if known == together else together
        return self._merged[1]

    async def _try(self, name: str) -> None:
        with suppress(EngineError, TimeoutError):
            await self.renew(name)


def _is_same(before: ObjectInfo, now: ObjectInfo) -> bool:
    """Tell whether two are the same; they share the objects of what is the same in them."""
    return before.keys() == now.keys() and all(before[name] is one for name, one in now.items())
