"""Looks after prompts of which the socket says nothing: asks queue and history, so that none ever hangs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from comfy_gen.comfyui.tracker import State
from comfy_gen.errors import EngineResponseError, EngineUnreachableError

if TYPE_CHECKING:
    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.comfyui.routes import Routes
    from comfy_gen.comfyui.run import Run

log = logging.getLogger(__name__)

QUEUED_PATIENCE = 6
"""A queued prompt is silent by nature: it is looked up this many times less often than a running one."""


def patience(run: Run, options: ClientOptions) -> float:
    """Return after how many seconds of silence a run is looked up (pure)."""
    tracker = run.tracker
    if tracker.wants_history:
        return 0.0 if run.looks == 0 else options.poll_interval
    if not tracker.is_continuous:
        return options.poll_interval * min(2**run.looks, 8)
    return options.silence * (QUEUED_PATIENCE if tracker.state is State.QUEUED else 1)


class Watchdog:
    """Watches a client's open runs; sleeps while there are none."""

    def __init__(self, routes: Routes, runs: dict[str, Run]) -> None:
        self._routes = routes
        self._options = routes.http.options
        self._runs = runs
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unreachable_since: float | None = None

    def wake(self) -> None:
        """Have a look now: some run may be due."""
        self._wake.set()
        self.start()

    def start(self) -> None:
        """Watch from now on, unless it does."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), name=f"watchdog of {self._routes.http.url}")

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _watch(self) -> None:
        while self._runs:
            self._wake.clear()
            now = asyncio.get_running_loop().time()
            accepted = [run for run in self._runs.values() if run.is_accepted]
            due = [run for run in accepted if run.last_heard + patience(run, self._options) <= now]
            if due:
                await self._look_up(due)
                continue
            wait = min((run.last_heard + patience(run, self._options) - now for run in accepted), default=1.0)
            with contextlib.suppress(TimeoutError):
                # The cap is for runs that begin meanwhile. Not by `wait_for`, which before Python 3.12 may forget that
                # it was cancelled.
                async with asyncio.timeout(min(wait, self._options.silence)):
                    await self._wake.wait()

    async def _look_up(self, due: list[Run]) -> None:
        try:
            await self._settle(due)
            self._unreachable_since = None
        except (EngineUnreachableError, EngineResponseError) as error:
            log.debug("cannot look up %d prompts: %s", len(due), error)
            self._endure()
        now = asyncio.get_running_loop().time()
        for run in due:
            run.last_heard, run.looks = now, run.looks + 1
            if run.tracker.state is State.ENDED:
                self._runs.pop(run.prompt_id, None)

    async def _settle(self, due: list[Run]) -> None:
        """Ask the history of those whose end is known, then the queue, then the history of all the others.

        In this order: a prompt moves from the queue to the history, so that one that is in neither is gone.
        """
        for run in due:
            if run.tracker.wants_history and (entry := await self._routes.find_history(run.prompt_id)):
                run.settle(entry, position=None)
        open_runs = [run for run in due if run.outcome is None]
        queue = await self._routes.read_queue() if open_runs else None
        for run in open_runs:
            position = queue.position(run.prompt_id) if queue is not None else None
            entry = await self._routes.find_history(run.prompt_id) if position is None else None
            run.settle(entry, position=position)

    def _endure(self) -> None:
        """Give an engine that does not answer some time to come back, then call its prompts lost."""
        now = asyncio.get_running_loop().time()
        if self._unreachable_since is None:
            self._unreachable_since = now
        elif now - self._unreachable_since >= self._options.give_up:
            for run in list(self._runs.values()):
                run.tracker.gap()
                run.settle(None, position=None)
