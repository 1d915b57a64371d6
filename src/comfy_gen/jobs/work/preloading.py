"""Has engines load models before any job asks for them: when a worker starts, and when an engine has begun anew.

Jobs go first: an engine that has something to do, or for which a job waits, is left alone, and what a job has had it
load is not taken away from it. A model that cannot be loaded is logged, and no more.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.capability import Capability
from comfy_gen.engines.need import need_of
from comfy_gen.errors import ComfyGenError
from comfy_gen.workflows.warming import find_weights, warming

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from comfy_gen.engines.engine import LiveEngine
    from comfy_gen.engines.fleet import Fleet

log = logging.getLogger(__name__)

EVERY_ENGINE = "*"
LOOK_EVERY = 1.0
"""Seconds between two looks at which engine has nothing loaded."""
PATIENCE = 900.0
"""Seconds that one model may take: the largest come from slow disks."""
MOST_LOSSES = 3
"""So often an engine may be lost while it loads; it may be what it dies of."""


class _Life(NamedTuple):
    """An engine, from one of its beginnings to the next."""

    engine: LiveEngine
    beginning: int


class Preloading:
    """What has the engines of one worker load models. Lives on its loop."""

    def __init__(
        self,
        fleet: Fleet,
        wanted: Mapping[str, tuple[str, ...]],
        *,
        is_awaited: Callable[[str], bool],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Load nothing yet.

        Args:
            fleet: the engines.
            wanted: the models by the engine's name, ``*`` for those of every engine.
            is_awaited: tells of an engine whether a job waits that it could run.
            sleep: waits between two looks.
        """
        self._fleet = fleet
        self._wanted = wanted
        self._is_awaited = is_awaited
        self._sleep = sleep
        self._settled: dict[str, _Life] = {}
        """Engines that have what they should, or something else by now."""
        self._busy: set[str] = set()
        self._losses: Counter[str] = Counter()

    async def run(self) -> None:
        """Look after the engines until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._sleep(LOOK_EVERY)  # first of all: jobs that wait are known only after a moment
                for name in self.due():
                    self._busy.add(name)
                    group.create_task(self._load_all(name))

    def due(self) -> list[str]:
        """Return the engines that are to load something now."""
        return [name for name in self._fleet.names if name not in self._busy and self._is_due(name)]

    async def load(self, name: str) -> None:
        """Have an engine load its models, one after the other, for as long as no job waits for it."""
        engine = self._fleet.engine(name)
        life = _Life(engine, engine.beginnings)
        for text in self._texts(name):
            if self._is_awaited(name):
                break
            await self._load_one(engine, text)
            if not engine.is_up and self._losses[name] < MOST_LOSSES:
                self._losses[name] += 1
                return
        self._settled[name] = life

    async def _load_all(self, name: str) -> None:
        try:
            await self.load(name)
        except Exception:  # it is a favour, and a bug in it must not stop the worker
            log.exception("loading models on %s ahead of jobs met a bug", name)
            self._settled[name] = _Life(self._fleet.engine(name), self._fleet.engine(name).beginnings)
        finally:
            self._busy.discard(name)

    async def _load_one(self, engine: LiveEngine, text: str) -> None:
        available = (engine.capability or Capability()).models
        try:
            weights = find_weights(text, available, engine=engine.name)
            workflow = warming(weights, available, seed=secrets.randbelow(2**32))
            with self._fleet.take(engine.name, weights=need_of(workflow).weights) as lease:
                await lease.run(Attempt(lease.client, workflow, timeout=PATIENCE))
        except ComfyGenError as error:
            log.warning("%s did not load %s ahead of jobs: %s", engine.name, text, error)
        else:
            log.info("%s has loaded %s ahead of jobs", engine.name, weights)

    def _is_due(self, name: str) -> bool:
        engine = self._fleet.engine(name)
        if not engine.is_up:
            if engine.pulse.silent_since is not None:  # it may come back as another
                self._settled.pop(name, None)
            return False
        life = _Life(engine, engine.beginnings)
        if self._settled.get(name) == life or not self._texts(name):
            return False
        if engine.loaded:  # a job was faster, and what it loaded may be wanted again
            self._settled[name] = life
            return False
        return not (engine.seated or engine.others or self._is_awaited(name)) and engine.room > 0

    def _texts(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._wanted.get(name, ()), *self._wanted.get(EVERY_ENGINE, ()))))
