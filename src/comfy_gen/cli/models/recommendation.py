"""Does what ``comfygen models recommend`` was asked for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.queue import ask
from comfy_gen.cli.jobs.table import size_of
from comfy_gen.cli.models.engines import all_models, ask_engines
from comfy_gen.cli.models.table import recommended_lines
from comfy_gen.cli.sizes import read_size
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError
from comfy_gen.models.manifest import load_manifest
from comfy_gen.models.recommendation import TASKS, recommend
from comfy_gen.workflows.catalogue import all_templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.cli.models.engines import EngineModels
    from comfy_gen.models.recommendation import Recommendation


def recommend_models(task: str, vram: str, names: Sequence[str], *, as_json: bool) -> None:
    """Print what to fetch, best first.

    Raises:
        InvalidParameterError: there is no such task, or no such size.
    """
    if task and task not in TASKS:
        raise InvalidParameterError("--task", task, f"one of {', '.join(TASKS)}")
    memory = read_size(vram, name="--vram") if vram else None
    engines = [one for one in ask(lambda queue: ask_engines(queue, names)) if not one.error]
    if memory is None:
        memory = max((one.vram for one in engines if one.vram is not None), default=None)
    found = _recommended(task, memory, engines)
    if memory is None and engines:  # the processor alone: what is small is done in minutes, what is large in hours
        found.sort(key=lambda one: one.bytes_to_fetch or 0)
    if as_json:
        print_json({"vram": memory, "recommendations": [one.as_json() for one in found]})
        return
    Console().print(device_of(memory, engines), style="dim", highlight=False)
    for line in recommended_lines(found):
        Console().print(line, soft_wrap=True)


def device_of(vram: int | None, engines: Sequence[EngineModels]) -> str:
    """Return in a sentence what was recommended for."""
    if vram is not None:
        return f"For a device with {size_of(vram)}:"
    if engines:
        return "For a processor, as no engine has a graphics card; the smallest first:"
    return "No engine answers; --vram tells how much memory its device has."


def _recommended(task: str, vram: int | None, engines: Sequence[EngineModels]) -> list[Recommendation]:
    settings = read_settings()
    place = next(one for one in (settings.models_dir, *settings.models_dir.parents) if one.exists())
    return recommend(
        task=task,
        vram=vram,
        disk=shutil.disk_usage(place).free,
        have=all_models(engines),
        manifest=load_manifest(settings.models.manifest),
        templates=all_templates(),
    )
