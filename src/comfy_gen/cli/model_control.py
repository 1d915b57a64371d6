"""Does what the commands for models were asked for, but for fetching them."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import typer
from rich.console import Console

from comfy_gen.app.models import build_sources, open_models
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.job_queue import ask
from comfy_gen.cli.job_table import size_of
from comfy_gen.cli.model_bars import ModelBars
from comfy_gen.cli.model_engines import all_models, ask_engines
from comfy_gen.cli.model_missing import readiness_of
from comfy_gen.cli.model_table import (
    checked_table,
    engine_table,
    found_table,
    local_table,
    manifest_table,
    readiness_lines,
    recommended_lines,
    set_table,
)
from comfy_gen.cli.sizes import read_size
from comfy_gen.cli.workflow_control import saved_in
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError, NoEngineError, listing
from comfy_gen.models.manifest import load_manifest
from comfy_gen.models.recommendation import TASKS, recommend
from comfy_gen.models.sources import Where
from comfy_gen.models.verification import verify
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.app.models import LocalModels
    from comfy_gen.cli.model_engines import EngineModels
    from comfy_gen.models.folder import LocalModel
    from comfy_gen.models.recommendation import Recommendation
    from comfy_gen.models.registry import Entry
    from comfy_gen.workflows.template import Template

STDERR = Console(stderr=True)
WIDE = 120
"""Columns that a terminal must have for folder and licence to be in the list of the manifest too."""
View = Literal["engines", "local", "manifest", "missing"]


# --- list


def view_of(*, local: bool, manifest: bool, missing: bool) -> View:
    """Return which list is wanted.

    Raises:
        InvalidParameterError: several are.
    """
    wanted: dict[View, bool] = {"local": local, "manifest": manifest, "missing": missing}
    chosen: list[View] = [name for name, is_wanted in wanted.items() if is_wanted]
    if len(chosen) > 1:
        raise InvalidParameterError("the list", " and ".join(f"--{name}" for name in chosen), "one of them")
    return chosen[0] if chosen else "engines"


def list_models(view: View, names: Sequence[str], folder: str, *, as_json: bool) -> int:
    """Print a list of models, and return the exit code.

    Raises:
        ComfyGenError: it cannot be made.
    """
    match view:
        case "local":
            return _list_local(folder, as_json=as_json)
        case "manifest":
            return _list_manifest(folder, as_json=as_json)
        case "missing":
            return ask(lambda queue: _list_missing(queue, names, as_json=as_json))
        case "engines":
            return ask(lambda queue: _list_engines(queue, names, folder, as_json=as_json))


async def _list_engines(queue: JobQueue, names: Sequence[str], folder: str, *, as_json: bool) -> int:
    engines = await ask_engines(queue, names)
    if as_json:
        print_json({"engines": [_engine_json(one, folder) for one in engines]})
    else:
        for one in engines:
            _print_engine(one, folder)
    return EXIT_FAILURE if any(one.error for one in engines) else 0


def _engine_json(engine: EngineModels, folder: str) -> dict[str, Any]:
    return {
        "name": engine.name,
        "url": engine.entry.address,
        "models": engine.files(folder),
        "error": engine.error or None,
    }


def _print_engine(engine: EngineModels, folder: str) -> None:
    console, files = Console(), engine.files(folder)
    address = engine.entry.address
    place = address if address == f"http://{engine.name}" else f"{engine.name}  {address}"
    console.print(place, style="bold", markup=False, highlight=False)
    if engine.error:
        STDERR.print(f"It does not tell what it has: {engine.error}.", style="yellow", markup=False, soft_wrap=True)
    elif files:
        console.print(engine_table(files))
    else:
        console.print(f"It has no models{f' in {folder}' if folder else ''}.", highlight=False)


def _list_local(folder: str, *, as_json: bool) -> int:
    local = open_models(read_settings())
    models = [one for one in local.folder.files() if folder in ("", one.folder)]
    entries = local.registry.entries()
    if as_json:
        shown = [local_json(one, entries.get(f"{one.folder}/{one.file}")) for one in models]
        print_json({"directory": str(local.folder.root), "models": shown})
    elif models:
        Console().print(local_table(models, entries))
        _print_room(local, models)
    else:
        STDERR.print(f"There is no model in {local.folder.root}.", markup=False, highlight=False, soft_wrap=True)
    return 0


def local_json(model: LocalModel, entry: Entry | None) -> dict[str, Any]:
    """Return what a program is told of a file on this machine."""
    told = {} if entry is None else entry.model.as_json() | {"sha256": entry.sha256, "checked_at": entry.checked_at}
    place = {"folder": model.folder, "file": model.file, "path": str(model.path), "size": model.size}
    return {**told, **place, "is_known": entry is not None}


def _print_room(local: LocalModels, models: Sequence[LocalModel]) -> None:
    total, free = sum(one.size for one in models), shutil.disk_usage(local.folder.root).free
    said = f"{len(models):,} in {local.folder.root}, {size_of(total)}; {size_of(free)} free"
    Console().print(said, style="dim", markup=False, highlight=False, soft_wrap=True)


def _list_manifest(folder: str, *, as_json: bool) -> int:
    settings = read_settings()
    manifest = load_manifest(settings.models.manifest)
    here = {(one.folder, one.file) for one in open_models(settings).folder.files()}
    models = {name: one for name, one in manifest.models.items() if folder in ("", one.folder)}
    if as_json:
        shown = [
            one.as_json() | {"name": name, "is_here": (one.folder, one.file) in here} for name, one in models.items()
        ]
        print_json({"models": shown, "sets": {name: list(members) for name, members in manifest.sets.items()}})
        return 0
    console = Console()
    console.print(manifest_table(models, here, is_wide=console.width >= WIDE))
    if not folder:
        console.print()
        console.print(set_table(manifest.sets))
    return 0


async def _list_missing(queue: JobQueue, names: Sequence[str], *, as_json: bool) -> int:
    engines = await _answering(queue, names, need="tell which models are missing")
    manifest = load_manifest(queue.settings.models.manifest)
    saved = [one.template for one in await saved_in(queue).list()]
    found = readiness_of([*_shipped(), *saved], engines, manifest)
    if as_json:
        print_json({"workflows": [one.as_json() for one in found]})
    else:
        for line in readiness_lines(found):
            Console().print(line, soft_wrap=True)
    return 0 if all(one.coverage.is_complete for one in found) else EXIT_FAILURE


async def _answering(queue: JobQueue, names: Sequence[str], *, need: str) -> list[EngineModels]:
    """Return what the engines that answer have.

    Raises:
        NoEngineError: none does.
    """
    engines = [one for one in await ask_engines(queue, names) if not one.error]
    if not engines:
        raise NoEngineError(need)
    return engines


def _shipped() -> list[Template]:
    return [load_template(name) for name in template_names()]


# --- search


def search(text: str, *, where: str, folder: str, limit: int, as_json: bool) -> None:
    """Print what the sources find.

    Raises:
        InvalidParameterError: there is no such source.
        ModelSourceError: one does not answer.
    """
    if where not in get_args(Where):
        raise InvalidParameterError("--where", where, f"one of {', '.join(get_args(Where))}")
    sources = build_sources(read_settings())
    found = asyncio.run(sources.search(text, where=cast("Where", where), folder=folder, limit=limit))
    if as_json:
        print_json({"found": [one.as_json() for one in found]})
    elif found:
        Console().print(found_table(found))
    else:
        STDERR.print(f"Nothing is found for {text!r}.", markup=False, highlight=False)


# --- verify and remove


def verify_models(names: Sequence[str], *, as_json: bool) -> int:
    """Check the files of this machine, print what is found, and return the exit code.

    Raises:
        ComfyGenError: they cannot be checked.
    """
    local = open_models(read_settings())
    with ModelBars(STDERR, {}, is_silent=as_json) as observe:
        checked = asyncio.run(verify(local.folder, local.registry, names, observe))
    if as_json:
        shown = [
            {
                "folder": one.model.folder,
                "file": one.model.file,
                "state": one.state,
                "reason": one.reason,
                "sha256": one.sha256,
            }
            for one in checked
        ]
        print_json({"models": shown})
    elif checked:
        Console().print(checked_table(checked))
    else:
        STDERR.print(f"There is no model in {local.folder.root}.", markup=False, highlight=False, soft_wrap=True)
    return EXIT_FAILURE if any(one.state in ("damaged", "missing") for one in checked) else 0


def remove_models(names: Sequence[str], *, is_sure: bool, as_json: bool) -> int:
    """Delete files of this machine, and return the exit code.

    Raises:
        InvalidParameterError: there is none of a name, or there are several.
    """
    local = open_models(read_settings())
    files = local.folder.files()
    chosen = list(dict.fromkeys(local_model(name, files) for name in names))
    if not (is_sure or as_json) and sys.stdin.isatty():
        size = size_of(sum(one.size for one in chosen))
        what = " and ".join(f"{one.folder}/{one.file}" for one in chosen)
        if not typer.confirm(f"Really delete {what}, {size}?"):
            return EXIT_FAILURE
    freed = 0
    for one in chosen:
        freed += local.folder.remove(one.folder, one.file)
        local.registry.forget(one.folder, one.file)
    removed = [f"{one.folder}/{one.file}" for one in chosen]
    if as_json:
        print_json({"removed": removed, "freed": freed})
    else:
        said = f"Deleted {', '.join(removed)}; {size_of(freed)} are free again."
        Console().print(said, markup=False, highlight=False, soft_wrap=True)
    return 0


def local_model(name: str, files: Sequence[LocalModel]) -> LocalModel:
    """Return the file of this machine that a name means.

    Raises:
        InvalidParameterError: there is none, or there are several.
    """
    found = [one for one in files if name in (one.file, f"{one.folder}/{one.file}")]
    if not found:
        near = nearest_names(name, [f"{one.folder}/{one.file}" for one in files])
        advice = f"nearest: {listing(near)}." if near else "comfygen models list --local tells what is here."
        raise InvalidParameterError("the file", name, "one that `comfygen models list --local` lists", advice)
    if len(found) > 1:
        places = " or ".join(f"{one.folder}/{one.file}" for one in found)
        raise InvalidParameterError("the file", name, f"told with its folder: {places}")
    return found[0]


# --- recommend


def recommend_models(task: str, vram: str, names: Sequence[str], *, as_json: bool) -> None:
    """Print what to fetch, best first.

    Raises:
        InvalidParameterError: there is no such task, or no such size.
    """
    if task and task not in TASKS:
        raise InvalidParameterError("--task", task, f"one of {', '.join(TASKS)}")
    memory = read_size(vram, name="--vram") if vram else None
    engines = [one for one in ask(lambda queue: ask_engines(queue, names)) if not one.error]
    memory = memory or max((one.vram for one in engines if one.vram is not None), default=None)
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
        templates=_shipped(),
    )
