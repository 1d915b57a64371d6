"""Has engines load models, or give their memory back, all engines at once."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from comfy_gen.app.preloading import files_meant, preload_by
from comfy_gen.cli.engines.control import named
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.table import seconds
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.probe import learn
from comfy_gen.errors import ComfyGenError, EngineError, InvalidParameterError
from comfy_gen.models.manifest import load_manifest
from comfy_gen.workflows.warming import find_weights, warming

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rich.table import Table

    from comfy_gen.app import JobQueue
    from comfy_gen.comfyui.http import ClientOptions
    from comfy_gen.engines.capability import Capability
    from comfy_gen.engines.registry import EngineEntry

PATIENCE = 900.0
"""Seconds that one model may take: the largest come from slow disks."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engines are to load which models."""

    models: tuple[str, ...] = ()
    """Empty for what is loaded ahead of jobs anyway."""
    engines: tuple[str, ...] = ()
    """Empty for all."""
    manifest: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of something on one engine."""

    engine: str
    model: str = ""
    """As the engine calls it, or as it was asked for."""
    seconds: float | None = None
    error: ComfyGenError | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        error = None if self.error is None else self.error.as_json()
        facts = {"engine": self.engine, "model": self.model or None, "seconds": self.seconds, "error": error}
        return {name: value for name, value in facts.items() if name != "model" or self.model}


async def warm(queue: JobQueue, wanted: Wanted, *, as_json: bool) -> int:
    """Have engines load models, print what came of it, and return the exit code: 1 where one could not.

    Raises:
        EngineNotFoundError: there is none of such a name.
        ModelManifestError: the manifest cannot be used.
        InvalidParameterError: nothing was said to be loaded.
    """
    entries = await _chosen(queue, wanted.engines)
    texts = await asyncio.to_thread(_texts, queue, wanted, entries)
    options = queue.settings.client_options()
    work = (_warm_one(entry, texts[entry.name], options) for entry in entries)
    return _tell([done for some in await asyncio.gather(*work) for done in some], "loaded", as_json=as_json)


async def free(queue: JobQueue, names: Sequence[str], *, as_json: bool) -> int:
    """Have engines unload their models, print what came of it, and return the exit code: 1 where one does not answer.

    Raises:
        EngineNotFoundError: there is none of such a name.
    """
    options = queue.settings.client_options()
    work = (_free_one(entry, options) for entry in await _chosen(queue, names))
    return _tell(await asyncio.gather(*work), "freed", as_json=as_json)


async def _chosen(queue: JobQueue, names: Iterable[str]) -> list[EngineEntry]:
    known = {entry.name: entry for entry in await queue.engines()}
    return [named(known, name) for name in dict.fromkeys(names)] or list(known.values())


def _texts(queue: JobQueue, wanted: Wanted, entries: Sequence[EngineEntry]) -> Mapping[str, tuple[str, ...]]:
    """Return the models that each engine is to load."""
    manifest = load_manifest(wanted.manifest or queue.settings.models.manifest)
    if wanted.models:
        meant = dict.fromkeys(file for text in wanted.models for file in files_meant(manifest, text))
        return {entry.name: tuple(meant) for entry in entries}
    preload = preload_by(manifest, queue.settings.fleet.preload)
    texts = {entry.name: (*preload.get(entry.name, ()), *preload.get("*", ())) for entry in entries}
    if not any(texts.values()):
        advice = "what is loaded where none is named, fleet.preload and the manifest's `preload` say."
        raise InvalidParameterError("MODEL", "none", "one or several", advice)
    return texts


async def _warm_one(entry: EngineEntry, texts: Sequence[str], options: ClientOptions) -> list[Done]:
    async with AsyncComfyUIClient(url=entry.url, options=options) as client:
        try:
            await client.identify()
            capability = await learn(client)
        except EngineError as error:
            return [Done(entry.name, error=error)]
        return [await _load(client, entry.name, text, capability) for text in texts]


async def _load(client: AsyncComfyUIClient, engine: str, text: str, capability: Capability) -> Done:
    began = time.monotonic()
    try:
        weights = find_weights(text, capability.models, engine=engine)
        await _paint(Attempt(client, warming(weights, capability.models, seed=_seed()), timeout=PATIENCE))
    except ComfyGenError as error:
        return Done(engine, text, error=error)
    return Done(engine, str(weights), time.monotonic() - began)


async def _paint(attempt: Attempt) -> None:
    try:
        await attempt.run()
    except asyncio.CancelledError:  # whoever is interrupted here wants no more of it
        await attempt.cancel()
        raise


async def _free_one(entry: EngineEntry, options: ClientOptions) -> Done:
    began = time.monotonic()
    try:
        async with AsyncComfyUIClient(url=entry.url, options=options) as client:
            await client.free()
    except EngineError as error:
        return Done(entry.name, error=error)
    return Done(entry.name, seconds=time.monotonic() - began)


def _seed() -> int:
    return secrets.randbelow(2**32)


def _tell(results: Sequence[Done], what: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"engines": [one.as_json() for one in results]})
    else:
        Console().print(_table(results, what))
    return EXIT_FAILURE if any(one.error is not None for one in results) else 0


def _table(results: Sequence[Done], what: str) -> Table:
    table, has_models = plain_table(), any(one.model for one in results)
    for heading in ("engine", *(("model",) if has_models else ()), "", "what"):
        table.add_column(heading, overflow="fold")
    for one in results:
        model = (Text(one.model),) if has_models else ()
        table.add_row(Text(one.engine, style="bold"), *model, *_outcome(one, what))
    return table


def _outcome(done: Done, what: str) -> tuple[Text, Text]:
    if done.error is None:
        return Text(what, style="green"), Text("" if done.seconds is None else f"in {seconds(done.seconds)}")
    hint = done.error.hint
    advice = f". {hint[0].upper()}{hint[1:]}" if hint else ""
    return Text("failed", style="red"), Text(f"{done.error.message}{advice}")
