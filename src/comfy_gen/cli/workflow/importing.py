"""Does what ``comfygen workflow import`` was asked for."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from comfy_gen.app.importing import Known, Lacks, find_lacks, take_stock
from comfy_gen.app.models import build_fetcher
from comfy_gen.app.planning import build_planner
from comfy_gen.cli.engine import open_engine
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.queue import ask
from comfy_gen.cli.jobs.table import size_of
from comfy_gen.cli.models.download import carry_out
from comfy_gen.cli.models.table import fetched_line
from comfy_gen.cli.shown import Shown
from comfy_gen.cli.visible import visible
from comfy_gen.cli.workflow.control import saved_in
from comfy_gen.cli.workflow.table import lines_of
from comfy_gen.config import read_settings
from comfy_gen.errors import EngineError, WorkflowNameTakenError, WorkflowNotFoundError
from comfy_gen.models.manifest import load_manifest
from comfy_gen.pipeline.sources import read_converted, read_editor, read_graph
from comfy_gen.workflows.deriving import derive_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.config import Settings
    from comfy_gen.models.fetching import Fetched
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.model import Model
    from comfy_gen.workflows.graph import Workflow

STDERR = Console(stderr=True)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command was asked for."""

    file: str
    name: str = ""
    engine: str | None = None
    title: str = ""
    owner: str = ""
    only_checks: bool = False
    fetches: bool = False
    allow_pickle: bool = False
    allow_private: bool = False
    keeps_incomplete: bool = False
    may_replace: bool = False

    @property
    def kept_name(self) -> str:
        """What the workflow is to be called."""
        return self.name or name_of(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A workflow, and what it lacks."""

    workflow: Workflow
    lacks: Lacks
    info: Mapping[str, Any] | None = None
    """What the engine declares of its nodes; None where none answers."""
    fetched: tuple[str, ...] = ()
    """The paths of the models that were fetched for it."""


def name_of(file: str) -> str:
    """Return what the workflow of a file is called: the file's name, in the letters that a name may have."""
    return _NOT_IN_NAMES.sub("-", Path(file).stem.lower()).strip("._-")[:63]


def import_file(asked: Asked, *, as_json: bool) -> int:
    """Check the file, offer what is missing, keep it, and return the exit code.

    Raises:
        ComfyGenError: what stands against it.
    """
    settings = read_settings()
    manifest = load_manifest(settings.models.manifest)
    checked = asyncio.run(_check(asked, manifest))
    is_there = not asked.only_checks and ask(lambda queue: _is_there(queue, asked, checked.workflow))
    if not as_json:
        _print_lacks(checked.lacks)
    if models := _wanted_models(asked, checked.lacks, settings, may_ask=not as_json):
        fetched = _fetch(asked, models, settings, as_json=as_json)
        checked = replace(asyncio.run(_check(asked, manifest)), fetched=fetched)
        _tell_still_missing(checked.lacks, settings, as_json=as_json)
    if may_be_kept(asked, checked.lacks) and not is_there:
        ask(lambda queue: _keep(queue, asked, checked))
        is_there = True
    return _tell(asked, checked, asked.kept_name if is_there else "", as_json=as_json)


def may_be_kept(asked: Asked, lacks: Lacks) -> bool:
    """Tell whether a workflow is to be kept; one that was not converted whole would run as something else."""
    if asked.only_checks or lacks.is_garbled:
        return False
    return lacks.is_complete or asked.keeps_incomplete


# --- checking


async def _check(asked: Asked, manifest: Manifest) -> Checked:
    try:
        async with open_engine(asked.engine) as client:
            await client.identify()
            stock = await take_stock(client)
    except EngineError as error:
        if not asked.keeps_incomplete or asked.only_checks:
            raise
        return Checked(workflow=read_graph(asked.file), lacks=Lacks(notes=(f"it was not checked: {error.message}",)))
    conversion = await read_converted(asked.file, lambda: _given(stock.object_info))
    lacks = find_lacks(conversion, stock, Known(manifest, read_editor(asked.file)))
    return Checked(workflow=conversion.workflow, lacks=lacks, info=stock.object_info)


async def _given(info: Mapping[str, Any]) -> dict[str, Any]:
    return dict(info)


async def _is_there(queue: JobQueue, asked: Asked, workflow: Workflow) -> bool:
    """Tell whether the very same workflow is kept already.

    Raises:
        InvalidParameterError: it cannot be called so.
        WorkflowNameTakenError: another one is, and is not to be replaced.
    """
    await saved_in(queue).check_name(asked.kept_name)
    try:
        saved = await saved_in(queue).get(asked.kept_name)
    except WorkflowNotFoundError:
        return False
    if asked.may_replace:
        return False
    if saved.template.workflow != workflow or saved.owner != asked.owner:
        raise WorkflowNameTakenError(asked.kept_name, "it is another one, which --replace replaces")
    return True


# --- fetching what is missing


def _wanted_models(asked: Asked, lacks: Lacks, settings: Settings, *, may_ask: bool) -> list[Model]:
    """Return the models that are to be fetched; the person at the terminal is asked, if there is one."""
    models = [one.model for one in lacks.models if one.model is not None and one.can_be_fetched]
    if not models or asked.fetches:
        return models
    is_asked = may_ask and sys.stdin.isatty()
    return models if is_asked and typer.confirm(offer_of(models, settings.models_dir)) else []


def offer_of(models: Sequence[Model], folder: Path) -> str:
    """Return the question whether to fetch models."""
    sizes = [one.size for one in models]
    known = sum(size for size in sizes if size)
    size = f", {'' if all(sizes) else 'at least '}{size_of(known)}," if known else ""
    what = "this model" if len(models) == 1 else f"these {len(models)} models"
    return f"Fetch {what}{size} into {folder}?"


def _fetch(asked: Asked, models: Sequence[Model], settings: Settings, *, as_json: bool) -> tuple[str, ...]:
    fetcher = build_fetcher(settings, allow_pickle=asked.allow_pickle, allow_private=asked.allow_private)
    found: list[Fetched] = []
    code = carry_out(fetcher, asyncio.run(fetcher.plan(models)), Shown(as_json=as_json), found.extend)
    if code:
        raise typer.Exit(code)
    for one in () if as_json else found:
        Console().print(fetched_line(one), soft_wrap=True)
    return tuple(str(one.path) for one in found)


def _tell_still_missing(lacks: Lacks, settings: Settings, *, as_json: bool) -> None:
    if as_json or lacks.is_complete:
        return
    STDERR.print("This is still missing:", style="yellow")
    _print_lacks(lacks)
    if lacks.models:
        said = f"What was fetched lies in {settings.models_dir}; an engine with another folder does not see it."
        STDERR.print(said, markup=False, highlight=False, soft_wrap=True)


# --- keeping


async def _keep(queue: JobQueue, asked: Asked, checked: Checked) -> None:
    planner = await build_planner(queue, queue.settings)
    planner.check(checked.workflow)
    template = await asyncio.to_thread(derive_template, asked.kept_name, checked.workflow, checked.info)
    template = replace(template, title=asked.title or template.title)
    await planner.saved.save(asked.kept_name, template, asked.owner, time.time(), may_replace=asked.may_replace)


# --- telling


def _tell(asked: Asked, checked: Checked, kept: str, *, as_json: bool) -> int:
    """Say what came of it, and return the exit code."""
    lacks = checked.lacks
    if as_json:
        facts = {"file": asked.file, "kept": kept or None, "fetched": list(checked.fetched), **lacks.as_json()}
        print_json(facts)
    else:
        _print_end(asked, lacks, kept)
    return 0 if lacks.is_complete else EXIT_FAILURE


def _print_lacks(lacks: Lacks) -> None:
    for line in lines_of(lacks):
        Console().print(line, soft_wrap=True)


def _print_end(asked: Asked, lacks: Lacks, kept: str) -> None:
    for note in lacks.notes:
        STDERR.print(visible(f"Note: {note}."), style="dim", markup=False, highlight=False, soft_wrap=True)
    Console().print(end_of(lacks, kept, only_checked=asked.only_checks), highlight=False, markup=False, soft_wrap=True)


def end_of(lacks: Lacks, kept: str, *, only_checked: bool) -> str:
    """Return in a sentence what came of an import."""
    if kept:
        still = "" if lacks.is_complete else ", though it cannot run yet"
        return f"It is kept as {kept}{still}; to run it: comfygen workflow run {kept}"
    if lacks.is_complete:
        return "Nothing is missing."
    if only_checked:
        return "It cannot run on this engine."
    fetch = "--download fetches what can be had" if any(one.can_be_fetched for one in lacks.models) else ""
    if lacks.is_garbled:
        keep = "what stands above has to be mended first, for it cannot be converted as it is"
    else:
        keep = "--anyway keeps it all the same"
    return f"It is not kept: {'; '.join(filter(None, (fetch, keep)))}."
