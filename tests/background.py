"""A sandbox on a thread of its own, as another process would be, for code that blocks."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.sandbox import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import Coroutine


class BackgroundSandbox:
    """Its ``sandbox`` may be looked at from anywhere, and is changed by `call`."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._options = options or SandboxOptions()

    def __enter__(self) -> Self:
        self._thread.start()
        self.sandbox = self.call(self._make())
        return self

    def __exit__(self, *_: object) -> None:
        self.call(self.sandbox.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return self.sandbox.url

    def call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine where the sandbox lives."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _make(self) -> Sandbox:
        sandbox = Sandbox(self._options)
        await sandbox.start()
        return sandbox
