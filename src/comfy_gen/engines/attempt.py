"""One attempt at a workflow on one engine: sends it, follows it to its end, and takes it back where it is not wanted.

Knows nothing of jobs. What the engine may have from before is taken up again rather than sent a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING

from comfy_gen.comfyui.tracker import Started, Waiting
from comfy_gen.errors import EngineError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.messages import Frame
    from comfy_gen.comfyui.run import Run
    from comfy_gen.comfyui.tracker import Event, Outcome
    from comfy_gen.workflows.graph import Workflow

PATIENCE_OF_CANCELLING = 5.0
"""Seconds: who stops a job does not wait for an engine that does not answer."""


class Attempt:
    """One attempt; make one for each. Everything here happens on the client's own loop."""

    def __init__(
        self,
        client: AsyncComfyUIClient,
        workflow: Workflow,
        *,
        prompt_id: str | None = None,
        earlier: Sequence[str] = (),
        timeout: float | None = None,
        observe: Callable[[Event], object] | None = None,
        targets: Sequence[str] | None = None,
        extra_data: Mapping[str, Any] | None = None,
        previews: bool = False,
        heard: Callable[[Frame], object] | None = None,
    ) -> None:
        """Prepare it; nothing is sent yet.

        Args:
            client: the engine's.
            workflow: the graph in API format.
            prompt_id: under which it is sent; a fresh one if absent.
            earlier: prompts of the same workflow that the engine may have: the first that it has is followed instead.
            timeout: seconds that it may run, and that it may stand still in the engine's queue.
            observe: is told of every event, the outcome too.
            targets: ids of the output nodes to run; all by default.
            extra_data: what the engine gets beside the workflow.
            previews: whether ``observe`` is told of preview pictures, too.
            heard: is given all that the engine says of it, as it came.
        """
        self.prompt_id = prompt_id or str(uuid.uuid4())
        """Under which the engine knows it."""
        self.client = client
        self.earlier = tuple(earlier)
        self.run_handle: Run | None = None
        """Set from when the engine has it."""
        self._workflow = workflow
        self._timeout = timeout
        self._observe = observe
        self._targets = targets
        self._extra_data = extra_data or None
        self._previews = previews
        self._heard = heard
        self._sending: asyncio.Future[Run] | None = None

    @property
    def is_sending(self) -> bool:
        """Whether it is on its way, so that the engine may get it yet."""
        return self._sending is not None and not self._sending.done()

    @property
    def is_there(self) -> bool:
        """Whether it waits or runs on the engine, as far as we know."""
        return self.run_handle is not None and self.run_handle.outcome is None

    async def run(self) -> Outcome:
        """Return how it ended, if that was well, whole or in part.

        Raises:
            EngineError: the engine did not take it, refused it or lost it.
            WaitTimeoutError: it ran, or stood still in the engine's queue, for longer than the timeout.
            GenerationError: it ran and failed.
        """
        outcome = await self._patiently()
        outcome.raise_for_failure()
        return outcome

    async def cancel(self) -> bool:
        """Have the engine drop it, and nothing else; tell whether it could be told."""
        with contextlib.suppress(EngineError, TimeoutError):
            async with asyncio.timeout(PATIENCE_OF_CANCELLING):
                if self._sending is not None:  # what is on its way must have arrived to be cancelled
                    await asyncio.wait({self._sending})
                await self.client.cancel(self.prompt_id)
                return True
        return False

    async def _patiently(self) -> Outcome:
        clock = asyncio.get_running_loop().time
        patience = asyncio.timeout(self._timeout)
        try:
            async with patience:
                self.run_handle = run = await self._rejoined() or await self._sent()
                async for event in run.events():
                    if self._timeout is not None and isinstance(event, Waiting | Started):
                        patience.reschedule(clock() + self._timeout)
                    if self._observe is not None:
                        self._observe(event)
                return await run.result()
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise WaitTimeoutError(self.prompt_id, self._timeout or 0.0) from error

    async def _sent(self) -> Run:
        sending = self.client.submit(
            self._workflow,
            prompt_id=self.prompt_id,
            targets=self._targets,
            extra_data=self._extra_data,
            previews=self._previews,
            heard=self._heard,
        )
        self._sending = asyncio.ensure_future(sending)
        self._sending.add_done_callback(_look)
        run = await asyncio.shield(self._sending)
        self.prompt_id = run.prompt_id
        return run

    async def _rejoined(self) -> Run | None:
        """Take up an earlier prompt that the engine has after all, though it was out of reach."""
        for prompt_id in self.earlier:
            answer = await self.client.find_prompt(prompt_id, targets=self._targets)
            if answer is None:
                continue
            run = self.client.attach(prompt_id)
            if run.outcome is None:
                self.prompt_id = prompt_id
                run.heard = self._heard
                run.tracker.node_errors = answer["node_errors"]
                return run
            await self.client.cancel(prompt_id)
        return None


def _look(sending: asyncio.Future[Run]) -> None:
    """Look at how the sending ended, for nobody may be left who waits for it, and asyncio complains of that."""
    if not sending.cancelled():
        sending.exception()
