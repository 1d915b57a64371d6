"""Says whether a workflow would run, and what stands against it; queues nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.app.importing import Known, Lacks, Stock, find_lacks
from comfy_gen.app.planner import Planned, Raw
from comfy_gen.engines.capability import lacks
from comfy_gen.engines.need import need_of
from comfy_gen.pipeline.inputs import find_assets
from comfy_gen.workflows.convert import Conversion
from comfy_gen.workflows.nearest import at_most, nearest_names

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from comfy_gen.app.importing import MissingModel
    from comfy_gen.app.planner import Planner, Wish
    from comfy_gen.engines.capability import Capability
    from comfy_gen.workflows.graph import Workflow

NEED = "say whether a workflow would run"
MOST_SEARCHES = 50
"""Names that are unknown for which the nearest are found: a graph made for it could have thousands."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What is to be said of a workflow."""

    planned: Planned
    engine: str
    """The one that lacks the least of it, by name."""
    lacks: Lacks
    """What stands between the workflow and that engine."""
    nearest: Mapping[tuple[str, str], Sequence[str]]
    """By folder and file of a missing model: what may stand in for it, or else what has the names most like it."""


async def validate(planner: Planner, wish: Wish, check: Callable[[Workflow], Awaitable[None]]) -> Validation:
    """Return what the engine says that would run what a wish means.

    ``check`` raises what else speaks against a workflow, before an engine is asked.

    Raises:
        ConfigurationError: what stands against it on any engine.
        NoEngineError: no engine answers that could say it.
    """
    planned, conversion = await _drawn(planner, wish)
    await check(planned.workflow)
    capabilities = await planner.knowledge.capabilities(need=NEED)
    best = await asyncio.to_thread(fittest, capabilities, planned.workflow)
    engine, info = await planner.knowledge.declared(best, need=NEED)
    models = {folder: sorted(names) for folder, names in capabilities[engine].models.items()}
    known = Known(
        document=wish.data if isinstance(wish, Raw) else {},
        files=frozenset(str(slot.value(planned.workflow)) for slot in find_assets(planned.workflow)),
        is_final=True,
    )
    found, nearest = await asyncio.to_thread(_lacks, conversion, Stock("", info, models), known)
    return Validation(planned, engine, found, nearest)


def fittest(capabilities: Mapping[str, Capability], workflow: Workflow) -> list[str]:
    """Return the engines that lack the least: several where they lack as much."""
    need = need_of(workflow)
    lacking = {name: len(lacks(one, need)) for name, one in capabilities.items()}
    least = min(lacking.values())
    return [name for name, count in lacking.items() if count == least]


async def _drawn(planner: Planner, wish: Wish) -> tuple[Planned, Conversion]:
    if not isinstance(wish, Raw):
        planned = await planner.draw(wish)
        return planned, Conversion(planned.workflow, (), ())
    with at_most(MOST_SEARCHES):
        conversion = await planner.conversion(wish.data)
    planner.check(conversion.workflow)
    return Planned(conversion.workflow), conversion


def _lacks(conversion: Conversion, stock: Stock, known: Known) -> tuple[Lacks, Mapping[tuple[str, str], Sequence[str]]]:
    with at_most(MOST_SEARCHES):
        found = find_lacks(conversion, stock, known)
        return found, {(one.folder, one.file): _nearest(one, stock) for one in found.models}


def _nearest(missing: MissingModel, stock: Stock) -> Sequence[str]:
    fitting = [one.file for one in missing.fallbacks]
    return fitting or nearest_names(missing.file, stock.models.get(missing.folder, ()))
