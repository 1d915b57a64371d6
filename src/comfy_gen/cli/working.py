"""Runs a worker for ``comfygen worker``, and says how it begins and ends; what it does meanwhile, it logs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app import open_queue, open_service
from comfy_gen.cli.signals import EXIT_INTERRUPTED, run_interruptible
from comfy_gen.config import configure_logging, read_configuration
from comfy_gen.errors import ComfyGenError, DatabaseError
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.app import JobQueue
    from comfy_gen.config import Settings
    from comfy_gen.jobs.work.worker import Worker

STDERR = Console(stderr=True)
LOOK_EVERY = 0.25
"""Seconds between two looks whether anything is left to do, with ``--drain``."""


def run(flags: Mapping[str, object], *, drains: bool, quiet: bool) -> int:
    """Work until a signal, or until nothing is left if it ``drains``, and return the exit code.

    Raises:
        WorkerRunningError: another worker has the database.
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    configuration = read_configuration(flags=flags)
    settings = configuration.settings
    if configuration.values["logging.level"].is_default and not quiet:
        settings = replace(settings, logging=replace(settings.logging, level="INFO"))
    configure_logging(settings)
    return asyncio.run(_Working(settings, drains=drains, quiet=quiet).interruptible())


class _Working:
    """One call of the command."""

    def __init__(self, settings: Settings, *, drains: bool, quiet: bool) -> None:
        self._settings = settings
        self._drains = drains
        self._quiet = quiet
        self._is_stopping = False

    async def interruptible(self) -> int:
        """Work until it is done or a signal ends it, which is how a worker is ended: that is no failure."""
        code = await run_interruptible(self._work(), on_signal=self._tell_of_stopping, on_end=lambda: None)
        await self._tell_what_is_left()
        return 0 if code == EXIT_INTERRUPTED else code

    async def _work(self) -> int:
        async with open_service(self._settings) as (queue, worker):
            await self._tell_what_there_is(queue)
            running = asyncio.ensure_future(run_worker(worker))
            until = {running, *([asyncio.ensure_future(_until_idle(queue))] if self._drains else [])}
            try:
                done, _ = await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in until:
                    task.cancel()
                await asyncio.gather(*until, return_exceptions=True)
            for task in done:
                task.result()
        return 0

    def _tell_of_stopping(self) -> None:
        if not self._is_stopping:
            self._say("Stopping; a second Ctrl-C does not wait.")
        self._is_stopping = True

    async def _tell_what_there_is(self, queue: JobQueue) -> None:
        engines = [f"{entry.name}{' (draining)' if entry.is_draining else ''}" for entry in await queue.engines()]
        jobs = self._settings.jobs
        self._say(f"Working on {queue.name}, files in {jobs.data_dir}")
        self._say(f"engines: {', '.join(engines)}")
        generating = "as many as the engines take" if jobs.generation_workers is None else jobs.generation_workers
        before, after = jobs.preprocess_workers, jobs.postprocess_workers
        self._say(f"at a time: {before} prepared, {generating} generating, {after} fetched")

    async def _tell_what_is_left(self) -> None:
        if self._quiet:
            return
        try:
            async with open_queue(self._settings) as queue:
                counts = await queue.store.count()
        except DatabaseError:  # it is ending: why it cannot be asked has been logged before
            return
        waiting = counts[JobState.QUEUED]
        active = sum(number for state, number in counts.items() if state.is_active)
        if waiting or active:
            self._say(f"Left are {waiting:,} that wait and {active:,} that run: the next worker goes on with them.")
        else:
            self._say("No job is left.")

    def _say(self, said: str) -> None:
        if not self._quiet:
            STDERR.print(said, markup=False, highlight=False, soft_wrap=True)


async def run_worker(worker: Worker) -> None:
    """Work until cancelled. Where several things go wrong at once, one is told."""
    try:
        await worker.run()
    except ExceptionGroup as errors:
        told, _ = errors.split(ComfyGenError)
        if told is None:
            raise
        raise _first(told) from errors


def _first(errors: ExceptionGroup[ComfyGenError]) -> ComfyGenError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


async def _until_idle(queue: JobQueue) -> None:
    """Wait until no job waits in the line or is underway; those that are held are not waited for."""
    while True:
        if not (await queue.store.window(1, now=time.time()) or await queue.store.active()):
            return
        await asyncio.sleep(LOOK_EVERY)
