"""Tells MLflow of generations, from the database, until it knows of each; no job waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.errors import (
    ArtifactGoneError,
    DatabaseUnavailableError,
    GenerationNotFoundError,
    StorageError,
    TrackingUnavailableError,
)
from comfy_gen.jobs.ending import end
from comfy_gen.library.generations import Library
from comfy_gen.library.run import favorite_tags, run_of
from comfy_gen.library.tracking import MlflowTracking
from comfy_gen.library.untold import Untold

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from comfy_gen.config.settings import TrackingOptions
    from comfy_gen.jobs.transactions import Transactions
    from comfy_gen.library.generation import Generation
    from comfy_gen.library.untold import Taken
    from comfy_gen.storage.store import ArtifactStore

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks for what is to be told."""
LEASE = 120.0
"""Seconds for which nobody else tells what was taken: more than telling can take."""
FLUSH = 15.0
"""Seconds that somebody waits for a generation to be told."""
SHORTEST, LONGEST = 5.0, 600.0
"""Seconds until the next try at a generation, which double with each that failed."""
LONGEST_PAUSE = 60.0
"""Seconds between two tries at a server that fails, whichever generation they are about."""
MAX_CONTENT = 32 * 1024 * 1024
"""Bytes of files that a run is given; what is larger stays where it is."""


class Telling:
    """Tells one MLflow server. Lives on one loop; ``run`` does it all, and `flush` some of it at once."""

    def __init__(
        self,
        tracking: MlflowTracking,
        transactions: Transactions,
        artifacts: ArtifactStore,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock`` tells the time, in seconds since 1970."""
        self._tracking = tracking
        self._library = Library(transactions)
        self._untold = Untold(transactions)
        self._artifacts = artifacts
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._flushing: set[asyncio.Task[None]] = set()

    async def is_available(self) -> bool:
        """Tell whether the server answers, or did a moment ago."""
        return await self._tracking.is_available()

    async def run(self) -> None:
        """Tell what is to be told, until cancelled."""
        failed = 0
        while True:
            try:
                is_there_more = await self.tell_next()
                failed = 0
            except TrackingUnavailableError as error:
                failed += 1
                (log.warning if failed == 1 else log.info)("generations wait to be told: %s", error)
                await asyncio.sleep(backoff(failed - 1, longest=LONGEST_PAUSE))
                continue
            except DatabaseUnavailableError as error:
                log.warning("generations wait to be told: %s", error)
                is_there_more = False
            except Exception:  # a bug that one generation brings out must not keep the others
                log.exception("a generation is not told")
                is_there_more = False
            if not is_there_more:
                await asyncio.sleep(LOOK_EVERY)

    async def tell_next(self) -> bool:
        """Tell the generation that has waited longest, and tell whether there was one.

        Raises:
            TrackingUnavailableError: it could not be told; that is written down.
            DatabaseUnavailableError: the database cannot be read or written.
        """
        async with self._one_at_a_time:
            taken = await self._untold.next(self._clock(), lease=LEASE)
            if taken is not None:
                await self._tell(taken)
            return taken is not None

    async def flush(self, generation_id: str, *, kept: str = "") -> None:
        """Tell a generation now; if that fails it is told later.

        Raises:
            TrackingUnavailableError: it could not be told by now; ``kept`` says what is not lost by it.
            DatabaseUnavailableError: the database cannot be read or written.
        """
        task = asyncio.create_task(self._take_and_tell(generation_id))
        self._flushing.add(task)
        task.add_done_callback(self._flushed)
        done, _ = await asyncio.wait([task], timeout=FLUSH)
        if not done:  # it goes on
            raise TrackingUnavailableError(self._tracking.address, f"it takes longer than {FLUSH:g} s", kept)
        try:
            task.result()
        except TrackingUnavailableError as error:
            raise replace(error, kept=kept) from error

    async def close(self) -> None:
        """End what `flush` began."""
        for task in [*self._flushing]:
            await end(task)

    def _flushed(self, task: asyncio.Task[None]) -> None:
        self._flushing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("a generation will be told later: %s", error)

    async def _take_and_tell(self, generation_id: str) -> None:
        async with self._one_at_a_time:
            taken = await self._untold.take(generation_id, self._clock(), lease=LEASE)
            if taken is not None:
                await self._tell(taken)

    async def _tell(self, taken: Taken) -> None:
        try:
            generation = await self._library.get(taken.job_id)
        except GenerationNotFoundError:
            return  # its job was deleted a moment ago
        try:
            run_id = await self._told(generation)
        except asyncio.CancelledError:
            await self._untold.give_back(taken, self._clock())
            raise
        except (TrackingUnavailableError, StorageError) as error:
            await self._untold.troubled(taken, error.message, self._clock() + backoff(taken.tries, longest=LONGEST))
            if isinstance(error, TrackingUnavailableError):
                raise
            return
        if not await self._untold.told(taken, run_id, self._clock()):
            await self._tracking.forget(run_id)  # another process told it at the same moment, as another run

    async def _told(self, generation: Generation) -> str:
        return await self._tracking.tell(
            run_of(generation),
            favorite_tags(generation.favorite),
            lambda: self._content(generation),
            run_id=generation.run_id,
        )

    async def _content(self, generation: Generation) -> Mapping[str, bytes]:
        """Return the files of a generation that a run is given, by the names that it knows them by."""
        content: dict[str, bytes] = {}
        left = MAX_CONTENT
        for name, key, size in files_of(generation):
            if size <= left:
                with contextlib.suppress(ArtifactGoneError):
                    content[name] = b"".join([chunk async for chunk in self._artifacts.read(key)])
                    left -= len(content[name])
        return content


def files_of(generation: Generation) -> list[tuple[str, str, int]]:
    """Return the files of a generation, as name in MLflow, key in the store and size: a thumbnail, and all outputs."""
    made = generation.artifacts
    small = [(_named("thumbnail", one.thumbnail_key), one.thumbnail_key, 0) for one in made if one.thumbnail_key]
    whole = [(_named(f"{one.kind}-{place}", one.key), one.key, one.size) for place, one in enumerate(made, 1)]
    return small[:1] + whole


def _named(name: str, key: str) -> str:
    return f"{name}{PurePosixPath(key).suffix}"


def backoff(failed: int, *, longest: float) -> float:
    """Return how many seconds to wait before the next try, after so many that failed before this one."""
    return min(SHORTEST * 2.0 ** min(failed, 20), longest)


def check_tracking(options: TrackingOptions) -> None:
    """Do nothing, if the server that the settings name, if any, can be told.

    Raises:
        InvalidParameterError: they name something else than a server.
        MissingExtraError: MLflow's client is not installed.
    """
    if options.url:
        MlflowTracking(options.url, options.experiment)


@asynccontextmanager
async def open_telling(
    options: TrackingOptions, transactions: Transactions, artifacts: ArtifactStore
) -> AsyncGenerator[Telling | None]:
    """Tell the server that the settings name for as long as the block runs; None where they name none.

    Raises:
        InvalidParameterError: they name something else than a server.
        MissingExtraError: MLflow's client is not installed.
    """
    if not options.url:
        yield None
        return
    telling = Telling(MlflowTracking(options.url, options.experiment), transactions, artifacts)
    running = asyncio.create_task(telling.run())
    try:
        yield telling
    finally:
        await end(running)
        await telling.close()
