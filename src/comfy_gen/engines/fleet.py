"""All the engines, live: which there are, how each is, and who may get what.

    async with Fleet(on_change=wake) as fleet:
        await fleet.reconcile(parse_entries("http://gpu-1:8188 http://gpu-2:8188"))
        ...
        with fleet.take("gpu-1:8188", job_id, need.weights) as lease:
            outcome = await lease.run(Attempt(lease.client, workflow, earlier=lease.earlier))

Nothing that befalls one engine slows another: each is asked by a task of its own, and none is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.engines.capability import lacks
from comfy_gen.engines.engine import LiveEngine, Surroundings
from comfy_gen.engines.lease import Lease
from comfy_gen.engines.options import FleetOptions
from comfy_gen.engines.status import EngineStatus, status_of
from comfy_gen.errors import EngineNotFoundError, listing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable
    from types import TracebackType

    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.engines.need import Need
    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.engines.scheduler import Seat

log = logging.getLogger(__name__)

_MOST_ANSWERS = 10_000
"""So many needs are remembered with who can meet them."""


def _nothing() -> None:
    """Be told of a change, and not care."""


def _nobody(_: str) -> bool:
    """Know of no job that waits."""
    return False


class Fleet:
    """The engines. Lives on one loop."""

    def __init__(
        self,
        options: FleetOptions | None = None,
        client_options: ClientOptions | None = None,
        on_change: Callable[[], object] = _nothing,
        *,
        is_wanted: Callable[[str], bool] = _nobody,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Have no engines yet.

        Args:
            options: how patient it is.
            client_options: how each engine is talked to.
            on_change: called whenever an engine may have got room, or lost some; often, so let it do little.
            is_wanted: tells of a job's key (see `take`) whether the job waits for another place, so that a prompt which
                a lost engine may still have is kept for it rather than cancelled when the engine is back.
            clock: seconds, from any beginning.
            sleep: waits between two looks at which engine is to be asked.
        """
        self._options = options or FleetOptions()
        self._on_change = on_change
        self._clock = clock
        self._sleep = sleep
        self._around = Surroundings(self._options, client_options, clock, on_change, self._note_lesson, is_wanted)
        self._engines: dict[str, LiveEngine] = {}
        self._leaving: list[LiveEngine] = []
        """Removed, but with leases."""
        self._answers: dict[Need, frozenset[str]] = {}
        self._looks: dict[LiveEngine, asyncio.Task[None]] = {}
        self._chores: set[asyncio.Task[Any]] = set()
        self._ticker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Look after the engines from now on."""
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._run(), name="fleet")

    async def close(self) -> None:
        """Tell engines to drop what nobody wants, for a moment, and leave them; prompts that are followed go on."""
        tasks = [*self._chores, *([self._ticker] if self._ticker else [])]
        self._ticker = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        everyone = [*self._engines.values(), *self._leaving]
        await self._say_farewell([engine for engine in everyone if engine.unwanted_strays()])
        await asyncio.gather(*(engine.close() for engine in everyone))
        self._engines.clear()
        self._leaving.clear()

    # --- which engines there are

    @property
    def names(self) -> tuple[str, ...]:
        """The engines, in the order in which they were entered."""
        return tuple(self._engines)

    def engine(self, name: str) -> LiveEngine:
        """Return one.

        Raises:
            EngineNotFoundError: there is none of that name.
        """
        if name not in self._engines:
            raise EngineNotFoundError(name, self.names)
        return self._engines[name]

    async def reconcile(self, entries: Iterable[EngineEntry]) -> None:
        """Have these engines and no others. One that is removed keeps what it runs until the leases are closed."""
        wanted = {entry.name: entry for entry in entries}
        for name, engine in list(self._engines.items()):
            if name not in wanted or wanted[name].url != engine.entry.url:
                self._leaving.append(self._engines.pop(name))
        for name, entry in wanted.items():
            if name in self._engines:
                self._engines[name].entry = entry
            else:
                self._engines[name] = LiveEngine(entry, self._around)
        self._engines = {name: self._engines[name] for name in wanted}
        self._note_lesson()
        self.tick()

    # --- who gets what

    def seats(self) -> list[Seat]:
        """Return the engines that may get jobs, as the scheduler sees them."""
        return [engine.seat for engine in self._engines.values() if engine.is_up]

    def can_run(self, need: Need) -> frozenset[str]:
        """Return who has what a job needs, whether they are up now or not; draining engines get nothing any more."""
        answer = self._answers.get(need)
        if answer is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            able = (one for one in self._engines.values() if one.capability is not None and not _lacking(one, need))
            answer = self._answers[need] = frozenset(one.name for one in able if not one.entry.is_draining)
        return answer

    def lacks(self, need: Need) -> tuple[str, ...]:
        """Return by engine what it lacks for a job; empty while one has it all, or has yet to tell what it has."""
        lacking = {engine.name: _lacking(engine, need) for engine in self._engines.values()}
        is_known = all(engine.capability is not None for engine in self._engines.values())
        if not is_known or not all(lacking.values()):
            return ()
        return tuple(f"{name} lacks {listing(things)}" for name, things in lacking.items())

    def take(self, name: str, key: str = "", weights: tuple[str, ...] = ()) -> Lease:
        """Take a place on an engine for a job, whether it has room or not; ``key`` is the same for the same job.

        Raises:
            EngineNotFoundError: there is none of that name.
        """
        engine = self.engine(name)
        lease = Lease(engine, key, weights)
        engine.leases.append(lease)
        engine.change()
        return lease

    def report(self, name: str, error: Exception | None) -> None:
        """Take in how something went on an engine beside `Lease.run`, which reports itself; None is well."""
        engine = self._engines.get(name)
        if engine is None:
            return
        if error is None:
            engine.succeed()
        else:
            engine.fail(error)

    async def refresh(self, name: str) -> None:
        """Ask an engine now how it is, and, if there is doubt, what it has.

        Raises:
            EngineNotFoundError: there is none of that name.
        """
        engine = self.engine(name)
        if engine in self._looks:  # it may have begun before there was doubt
            await asyncio.wait({self._looks[engine]})
        if not engine.is_asked:
            await engine.look()

    async def free(self, name: str) -> None:
        """Have an engine unload its models and drop its caches.

        Raises:
            EngineNotFoundError: there is none of that name.
            EngineError: it does not answer.
        """
        await self.engine(name).free()
        self._on_change()

    def health(self) -> list[EngineStatus]:
        """Return how each engine is."""
        return [status_of(engine) for engine in self._engines.values()]

    # --- looking after them

    def tick(self) -> None:
        """Have those engines asked that are due, call off what is lost, and part from those that have left."""
        now = self._clock()
        for engine in [*self._engines.values(), *self._leaving]:
            if engine.leases and engine.pulse.is_lost(now):
                engine.lose_all()
            if engine.is_due(now):
                engine.is_asked = True
                self._looks[engine] = self._do(self._look(engine))
        for engine in [one for one in self._leaving if one.is_done]:
            self._leaving.remove(engine)
            self._do(engine.close())

    async def _look(self, engine: LiveEngine) -> None:
        try:
            await engine.look()
        finally:
            del self._looks[engine]

    async def _run(self) -> None:
        while True:
            self.tick()
            await self._sleep(self._options.tick)

    def _note_lesson(self) -> None:
        self._answers.clear()
        self._on_change()

    async def _say_farewell(self, engines: list[LiveEngine]) -> None:
        tasks = {asyncio.ensure_future(engine.look()) for engine in engines if engine.pulse.silent_since is None}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._options.farewell)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _do(self, chore: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside; what it raises is our bug, and logged."""
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._chores.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a chore of the fleet failed", exc_info=error)


def _lacking(engine: LiveEngine, need: Need) -> tuple[str, ...]:
    tags = [f"the tag {tag}" for tag in need.tags if tag not in engine.entry.tags]
    return (*tags, *(lacks(engine.capability, need) if engine.capability is not None else ()))
