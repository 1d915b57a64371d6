"""Does what ``comfygen models list`` was asked for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console

from comfy_gen.app.models import open_models
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.queue import ask
from comfy_gen.cli.jobs.table import size_of
from comfy_gen.cli.models.engines import ask_engines
from comfy_gen.cli.models.missing import readiness_of
from comfy_gen.cli.models.table import engine_table, local_table, manifest_table, readiness_lines, set_table
from comfy_gen.cli.workflow.control import saved_in
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError, NoEngineError
from comfy_gen.models.manifest import load_manifest
from comfy_gen.workflows.catalogue import all_templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.app.models import LocalModels
    from comfy_gen.cli.models.engines import EngineModels
    from comfy_gen.models.folder import LocalModel
    from comfy_gen.models.registry import Entry

STDERR = Console(stderr=True)
WIDE = 120
"""Columns that a terminal must have for folder and licence to be in the list of the manifest too."""
View = Literal["engines", "local", "manifest", "missing"]


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
    found = readiness_of([*all_templates(), *saved], engines, manifest)
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
