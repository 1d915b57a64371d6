"""The sandbox that a person without an engine practises with: it runs in this process, as an engine of the fleet."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.comfyui.http import ClientOptions
from comfy_gen.engines.probe import survey
from comfy_gen.engines.registry import make_entry
from comfy_gen.errors import DatabaseError, EngineError
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.signals import ENGINES

if TYPE_CHECKING:
    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.jobs.roster import Roster
    from comfy_gen.jobs.signals import Signals
    from comfy_gen.sandbox import Sandbox

log = logging.getLogger(__name__)

NAME = "sandbox"
PATIENCE = 2.0
"""Seconds that one which another process may have has to answer."""
STEP_TIME = 0.05
"""Seconds of a sampling step: long enough to be seen."""


class Practice:
    """Has the sandbox run as long as it is entered. Of several processes that share a database one has it."""

    def __init__(self, roster: Roster, signals: Signals) -> None:
        self._roster = roster
        self._signals = signals
        self._sandbox: Sandbox | None = None
        self._watching: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()

    @property
    def url(self) -> str | None:
        """Where it runs; None where it does not, in this process."""
        return None if self._sandbox is None else self._sandbox.url

    async def begin(self) -> tuple[EngineEntry, bool]:
        """Return the sandbox's entry, and whether it was made by this call.

        Raises:
            DuplicateEngineError: another engine has its name.
        """
        async with self._changing:
            known = await self._roster.sandbox()
            if known is not None and await self._answers(known):
                return known, False
            return await self._start(known), known is None

    async def resume(self) -> None:
        """Have the sandbox run again, if it is entered and nobody has it."""
        async with self._changing:
            known = await self._roster.sandbox()
            if known is not None and not await self._answers(known):
                await self._start(known)

    async def settle(self) -> None:
        """Stop the sandbox, unless it is entered as it runs here."""
        async with self._changing:
            known = await self._roster.sandbox()
            if self._sandbox is not None and (known is None or known.url != self._sandbox.url):
                await self._stop()

    async def close(self) -> None:
        """Stop the sandbox; it stays entered, and runs again when it is resumed."""
        async with self._changing:
            await self._stop()

    async def _answers(self, entry: EngineEntry) -> bool:
        """Tell whether the sandbox runs, here or in another process of this machine."""
        if self._sandbox is not None and self._sandbox.is_running:
            return self._sandbox.url == entry.url
        return await is_sandbox(entry.url)

    async def _start(self, known: EngineEntry | None) -> EngineEntry:
        # Late: a server, which takes as long to load as the service to answer.
        from comfy_gen.sandbox import Sandbox, SandboxOptions  # noqa: PLC0415

        await self._stop()
        sandbox = Sandbox(SandboxOptions(step_time=STEP_TIME))
        await sandbox.start()
        try:
            made = make_entry(sandbox.url, name=NAME)
            entry = await self._roster.enter_sandbox(made, instead_of=known and known.url)
        except BaseException:
            await sandbox.close()
            raise
        if entry.url != sandbox.url:  # another process was quicker
            await sandbox.close()
            return entry
        self._sandbox = sandbox
        self._watching = asyncio.create_task(self._watch(), name="practice")
        log.info("the sandbox runs at %s", sandbox.url)
        return entry

    async def _watch(self) -> None:
        """Notice that somebody strikes it off, perhaps in another process."""
        async with self._signals.subscribe(ENGINES) as topics:
            if not await self._is_struck_off():  # before anybody listened
                async for _ in topics:
                    if await self._is_struck_off():
                        return

    async def _is_struck_off(self) -> bool:
        """Stop the sandbox, if it is not wanted any more; tell whether there is nothing left to watch."""
        try:
            await self.settle()
        except DatabaseError as error:  # the next change is soon enough
            log.warning("whether the sandbox is still wanted cannot be told: %s", error)
        return self._watching is not asyncio.current_task()

    async def _stop(self) -> None:
        sandbox, watching = self._sandbox, self._watching
        self._sandbox = self._watching = None
        if watching is not None and watching is not asyncio.current_task():
            await end(watching)
        if sandbox is not None:
            await sandbox.close()
            log.info("the sandbox at %s has stopped", sandbox.url)


async def is_sandbox(url: str) -> bool:
    """Tell whether a sandbox answers at an address."""
    options = ClientOptions(connect_timeout=PATIENCE, read_timeout=PATIENCE, use_websocket=False)
    async with AsyncComfyUIClient(url=url, options=options) as client:
        try:
            async with asyncio.timeout(PATIENCE):
                return (await survey(client)).is_sandbox
        except (EngineError, TimeoutError):
            return False
