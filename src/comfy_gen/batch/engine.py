"""One engine as a queue sees it: its client, its health, and the attempts that it has or had when it was lost."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from comfy_gen.batch.job import JobStatus
from comfy_gen.engines.health import Health
from comfy_gen.engines.probe import ask, clear, is_refusal
from comfy_gen.errors import ClientClosedError, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from comfy_gen.batch.job import Job
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.engines.attempt import Attempt

T = TypeVar("T")

PATIENCE_OF_ASKING = 5.0
"""Seconds in which an engine that failed must answer before it gets a job again."""


class Stray(NamedTuple):
    """A prompt that the engine may have, though nobody follows it."""

    job: Job
    is_welcome: bool
    """Whether its result would still do; False once it was told to stop."""

    @property
    def is_wanted(self) -> bool:
        """Whether the job still waits for a result."""
        return self.is_welcome and self.job.status is JobStatus.QUEUED


class Engine:
    """One engine. The client lives on a loop of its own, which may be the queue's."""

    def __init__(self, client: AsyncComfyUIClient, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.client = client
        self.health = Health()
        self.attempts: dict[str, Attempt] = {}
        """By job."""
        self.strays: dict[str, Stray] = {}
        """By prompt."""
        self.completed = 0
        self.failed = 0
        """How many attempts failed here, through whosever fault."""
        self.error: Exception | None = None
        """The last failure that was its own."""
        self.is_asked = False
        """Whether somebody asks it right now how it is."""
        self.is_watched = False
        self._loop = loop

    @property
    def url(self) -> str:
        """Its address."""
        return self.client.url

    async def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the client lives; cancelling this cancels it there."""
        if self._loop is None or self._loop is asyncio.get_running_loop():
            return await coroutine
        try:
            there = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError as error:  # that loop is closed
            coroutine.close()
            raise ClientClosedError from error
        return await asyncio.wrap_future(there)

    async def watch(self, *, every: float, grace: float, clock: Callable[[], float], sleep: Sleep) -> bool:
        """Return True once nobody has listened there for so long, False once there is nothing to watch.

        The client gives an engine that does not answer half a minute before it calls its prompts lost. A refused
        connection says more: the process is gone, and its queue with it.
        """
        since: float | None = None
        while self.attempts:
            await sleep(every)
            is_refused = not self.client.is_connected and await self.call(self._is_refused())
            since = (since or clock()) if is_refused else None
            if since is not None and clock() - since >= grace:
                return bool(self.attempts)
        return False

    async def is_ready(self) -> bool:
        """Tell whether it answers and none of its strays keeps it busy; those that nobody wants are cancelled."""
        with contextlib.suppress(EngineError, TimeoutError):
            async with asyncio.timeout(PATIENCE_OF_ASKING):
                return await self.call(self._cleared())
        return False

    async def cancel(self, job: Job, attempt: Attempt) -> bool:
        """Have it drop an attempt; one that it could not be told of becomes a stray."""
        is_told = await self.call(attempt.cancel())
        if not is_told:
            self.strays[attempt.prompt_id] = Stray(job, is_welcome=False)
        return is_told

    async def free(self) -> None:
        """Have it free its memory, if it listens."""
        with contextlib.suppress(EngineError):
            await self.call(self.client.free())

    def earlier(self, job: Job) -> list[str]:
        """Take the strays of a job, which it may find again here."""
        found = [prompt_id for prompt_id, stray in self.strays.items() if stray.job is job and stray.is_welcome]
        for prompt_id in found:
            del self.strays[prompt_id]
        return found

    async def _is_refused(self) -> bool:
        try:
            await ask(self.client)
        except EngineError as error:
            return is_refusal(error)
        return False

    async def _cleared(self) -> bool:
        """Cancel what nobody wants; tell whether the engine is rid of it."""
        await ask(self.client)
        unwanted = {prompt_id for prompt_id, stray in self.strays.items() if not stray.is_wanted}
        left = await clear(self.client, unwanted) if unwanted else frozenset[str]()
        for prompt_id in unwanted - left:
            del self.strays[prompt_id]
        return not left


if TYPE_CHECKING:
    from collections.abc import Awaitable

    Sleep = Callable[[float], Awaitable[object]]
