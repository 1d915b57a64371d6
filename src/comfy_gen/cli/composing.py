"""Does what ``comfygen compose`` was asked for: a recipe, its explanation, and a picture of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console

from comfy_gen.app import open_queue
from comfy_gen.app.building import build_worker
from comfy_gen.app.planning import build_composer, build_planner
from comfy_gen.app.wishes import ask_for
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.job_submitting import Wanted, follow
from comfy_gen.cli.recipe_tree import tree_of
from comfy_gen.composition.policy.checks import check_tier, check_workflow, texts_of
from comfy_gen.composition.tier import Tier, lowest
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError, WorkerRunningError
from comfy_gen.jobs.request import JobRequest
from comfy_gen.library.presets import Presets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.app import JobQueue
    from comfy_gen.app.planner import Planner
    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.compose import Composition
    from comfy_gen.config import Settings

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
        request = None if is_dry else await _request(planner, composition, ask)
        if not wanted.as_json:
            Console().print(tree_of(composition, explains=explains))
        elif is_dry:
            print_json(composition.as_json())
        return 0 if request is None else await _make(queue, settings, request, wanted)


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


async def _request(planner: Planner, composition: Composition, ask: Ask) -> JobRequest:
    planned = await planner.plan(composition.recipe)
    check_workflow(planned.workflow)  # first: no tier is to be named for what none allows
    check_tier(texts_of(planned.workflow), ask.tier, ask.may)
    return JobRequest(
        planned.workflow,
        title=planned.title,
        recipe=composition.recipe.as_json(),
        template=planned.template,
        tier=ask.tier,
    )


async def _make(queue: JobQueue, settings: Settings, request: JobRequest, wanted: Wanted) -> int:
    """Have the picture made: by the worker that there is, or by this process until it is there."""
    async with AsyncExitStack() as stack:
        working = await _working(queue, settings, stack) if wanted.waits else None
        try:
            return await follow(queue, await queue.submit([request]), (), wanted)
        finally:
            if working is not None:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


async def _working(queue: JobQueue, settings: Settings, stack: AsyncExitStack) -> asyncio.Task[None] | None:
    with suppress(WorkerRunningError):
        worker = await build_worker(queue, settings, stack)
        return asyncio.create_task(worker.run())
    return None
