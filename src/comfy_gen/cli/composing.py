"""Does what ``comfygen compose`` was asked for: a recipe, its explanation, and a picture of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console

from comfy_gen.app import open_queue
from comfy_gen.app.building import build_worker
from comfy_gen.app.planning import build_composer, build_planner
from comfy_gen.app.wishes import ask_for
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.submitting import Wanted, follow
from comfy_gen.cli.recipe_tree import tree_of
from comfy_gen.cli.working import run_worker
from comfy_gen.composition.policy.checks import check_allowed
from comfy_gen.composition.tier import Tier, lowest
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError, WorkerRunningError
from comfy_gen.jobs.request import JobRequest
from comfy_gen.library.presets import Presets

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.app.planner import Planned, Planner
    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.compose import Composition
    from comfy_gen.config import Settings
    from comfy_gen.jobs.work.worker import Worker
    from comfy_gen.validation.quality import Quality

__all__ = ["Asked", "Wanted", "run"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said on the command line."""

    text: str
    values: Mapping[str, Any]
    preset: str | None = None
    tier: str | None = None
    max_categories: int = 3
    min_confidence: float = 0.3
    quality: Quality | None = None
    """What is asked of the picture."""


def run(asked: Asked, wanted: Wanted, *, is_dry: bool, explains: bool) -> int:
    """Compose, say what came of it, make the picture unless it is a dry run, and return the exit code.

    Raises:
        ComfyGenError: what stands against it.
    """
    return asyncio.run(_run(read_settings(), asked, wanted, is_dry=is_dry, explains=explains))


async def _run(settings: Settings, asked: Asked, wanted: Wanted, *, is_dry: bool, explains: bool) -> int:
    async with open_queue(settings) as queue:
        planner = await build_planner(queue, settings)
        ask = await _ask(queue, settings, asked)
        composition = await build_composer(queue, settings, planner).compose(ask)
        planned = None if is_dry else await _planned(planner, composition, ask)
        if not wanted.as_json:
            Console().print(tree_of(composition, explains=explains))
        elif is_dry:
            print_json(composition.as_json())
        if planned is None:
            return 0
        return await _make(
            queue, _request(planned, ask, asked.quality), planned.notes, replace(wanted, told=composition.as_json())
        )


async def _ask(queue: JobQueue, settings: Settings, asked: Asked) -> Ask:
    most = Tier(settings.policy.max_tier)
    presets = Presets(queue.store.transactions)
    return ask_for(
        asked.text,
        asked.values,
        {} if asked.preset is None else (await presets.get("", asked.preset)).values,
        max_categories=asked.max_categories,
        min_confidence=asked.min_confidence,
        tier=lowest(most, _tier(asked.tier or settings.policy.tier)),
        may=most,
    )


def _tier(said: str) -> Tier:
    try:
        return Tier(said.lower())
    except ValueError:
        raise InvalidParameterError("tier", said, f"one of {', '.join(Tier)}") from None


async def _planned(planner: Planner, composition: Composition, ask: Ask) -> Planned:
    planned = await planner.plan(composition.recipe)
    check_allowed(planned.workflow, ask.tier, ask.may)
    return planned


def _request(planned: Planned, ask: Ask, quality: Quality | None) -> JobRequest:
    return JobRequest(
        planned.workflow,
        title=planned.title,
        recipe=planned.recipe and planned.recipe.as_json(),
        template=planned.template,
        tier=ask.tier,
        quality=quality,
    )


async def _make(queue: JobQueue, request: JobRequest, notes: Sequence[str], wanted: Wanted) -> int:
    """Have the picture made: by the worker that there is, or by this process until it is there."""
    async with AsyncExitStack() as stack:
        worker = await _worker(queue, stack) if wanted.waits else None
        if worker is not None and request.quality is not None:
            worker.gate.check(request.quality)  # before it is accepted: of another worker nobody here knows
        following = follow(queue, await queue.submit([request]), notes, wanted)
        return await (following if worker is None else _beside(worker, following))


async def _worker(queue: JobQueue, stack: AsyncExitStack) -> Worker | None:
    with suppress(WorkerRunningError):
        return await build_worker(queue, queue.settings, stack)
    return None


async def _beside(worker: Worker, following: Coroutine[Any, Any, int]) -> int:
    """Follow a job while a worker works; where that one cannot go on, nobody waits for what does not come."""
    job, work = asyncio.ensure_future(following), asyncio.ensure_future(run_worker(worker))
    try:
        await asyncio.wait({job, work}, return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            work.result()
        return await job
    finally:
        job.cancel()
        work.cancel()
        await asyncio.gather(job, work, return_exceptions=True)
