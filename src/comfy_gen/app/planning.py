"""Builds what turns wishes into workflows: for the service, and for commands that compose."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from comfy_gen.app.composer import Composer
from comfy_gen.app.knowledge import Knowledge
from comfy_gen.app.planner import Bounds, Planner
from comfy_gen.composition.categories.registry import Categories
from comfy_gen.composition.texts.wildcards import Wildcards
from comfy_gen.jobs.saved import SavedWorkflows
from comfy_gen.library.recipes import Recipes
from comfy_gen.pipeline.modifiers import Modifiers
from comfy_gen.workflows.rules import NodeRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.app import JobQueue
    from comfy_gen.config import Settings
    from comfy_gen.engines.fleet import Fleet


async def build_planner(
    queue: JobQueue, settings: Settings, *, fleet: Callable[[], Fleet | None] = lambda: None
) -> Planner:
    """Return what plans for a queue; ``fleet`` returns the engines of this process's worker, if it has one.

    Raises:
        ConfigurationError: what is set cannot work.
    """
    api, jobs = settings.api, settings.jobs
    return Planner(
        modifiers=await asyncio.to_thread(Modifiers.load, jobs.modifiers_dir, allow_private=jobs.allow_private_urls),
        saved=SavedWorkflows(queue.store.transactions),
        knowledge=Knowledge(queue, fleet),
        bounds=Bounds(NodeRules(api.allowed_nodes, api.denied_nodes), api.max_nodes),
    )


def build_composer(queue: JobQueue, settings: Settings, planner: Planner) -> Composer:
    """Return what composes for a queue."""
    options = settings.composition
    return Composer(
        categories=Categories(options.categories_dir),
        wildcards=Wildcards(options.wildcards_dir),
        knowledge=planner.knowledge,
        planner=planner,
        recipes=Recipes(queue.store.transactions),
        options=options,
    )
