"""The official SDK, both of its clients by the same words: one blocks in a thread, the other shares the tests' loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_sdk import AsyncComfy, Comfy

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Blocking:
    """The client of programs without a loop."""

    client: Comfy

    async def do(self, verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return await asyncio.to_thread(verb, *args, **more)

    async def all(self, verb: Callable[..., Any], *args: Any, **more: Any) -> list[Any]:
        return await asyncio.to_thread(lambda: list(verb(*args, **more)))

    async def close(self) -> None:
        self.client.close()


@dataclass(frozen=True)
class Awaiting:
    """The other one."""

    client: AsyncComfy

    async def do(self, verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return await verb(*args, **more)

    async def all(self, verb: Callable[..., Any], *args: Any, **more: Any) -> list[Any]:
        return [one async for one in verb(*args, **more)]

    async def close(self) -> None:
        await self.client.aclose()


Official = Blocking | Awaiting
KINDS: dict[str, Callable[[str], Official]] = {
    "sync": lambda key: Blocking(Comfy(api_key=key)),
    "async": lambda key: Awaiting(AsyncComfy(api_key=key)),
}
