"""One attempt at a job on one engine: sends it, follows it to its end, and takes it back where it is not wanted."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.tracker import Outcome, Started, Waiting
from comfy_gen.errors import EngineError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from comfy_gen.batch.job import Job
    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.run import Run

    Collect = Callable[[Job, Outcome, AsyncComfyUIClient], Awaitable[Any]]

PATIENCE_OF_CANCELLING = 5.0
"""Seconds: who stops a job does not wait for an engine that does not answer."""


class Attempt:
    """One attempt; make one for each. Everything here happens on the client's own loop."""

    def __init__(
        self,
        client: AsyncComfyUIClient,
        job: Job,
        *,
        timeout: float | None = None,
        collect: Collect | None = None,
        earlier: Sequence[str] = (),
    ) -> None:
        self.prompt_id = str(uuid.uuid4())
        """Under which the engine knows it."""
        self._client = client
        self._job = job
        self._timeout = timeout
        self._collect = collect
        self._earlier = earlier
        self._sending: asyncio.Future[Run] | None = None

    async def run(self) -> tuple[Outcome, Any]:
        """Return how it ended, and what ``collect`` made of that.

        Raises:
            EngineError: the engine did not take it, refused it or lost it.
            WaitTimeoutError: it ran, or stood still in the engine's queue, for longer than the timeout.
            GenerationError: it ran and failed.
        """
        outcome = await self._patiently()
        outcome.raise_for_failure()
        return outcome, await self._collect(self._job, outcome, self._client) if self._collect else None

    async def cancel(self) -> bool:
        """Have the engine drop it, and nothing else; tell whether it could be told."""
        with contextlib.suppress(EngineError, TimeoutError):
            async with asyncio.timeout(PATIENCE_OF_CANCELLING):
                if self._sending is not None:  # what is on its way must have arrived to be cancelled
                    await asyncio.wait({self._sending})
                await self._client.cancel(self.prompt_id)
                return True
        return False

    async def _patiently(self) -> Outcome:
        clock = asyncio.get_running_loop().time
        patience = asyncio.timeout(self._timeout)
        try:
            async with patience:
                run = await self._rejoined() or await self._sent()
                async for event in run.events():
                    if self._timeout is not None and isinstance(event, Waiting | Started):
                        patience.reschedule(clock() + self._timeout)
                return await run.result()
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise WaitTimeoutError(self.prompt_id, self._timeout or 0.0) from error

    async def _sent(self) -> Run:
        self._sending = asyncio.ensure_future(self._client.submit(self._job.workflow, prompt_id=self.prompt_id))
        self._sending.add_done_callback(_look)
        run = await asyncio.shield(self._sending)
        self.prompt_id = run.prompt_id
        return run

    async def _rejoined(self) -> Run | None:
        """Take up an earlier attempt that the engine has after all, though it was out of reach."""
        for prompt_id in self._earlier:
            if await self._client.find_prompt(prompt_id) is None:
                continue
            run = self._client.attach(prompt_id)
            if run.outcome is None:
                self.prompt_id = prompt_id
                return run
            await self._client.cancel(prompt_id)
        return None


def _look(sending: asyncio.Future[Run]) -> None:
    """Look at how the sending ended, for nobody may be left who waits for it, and asyncio complains of that."""
    if not sending.cancelled():
        sending.exception()
