"""Runs a plan on one engine and saves what it made; what was queued and is not wanted any more is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.comfyui.tracker import Ending, Outcome, Waiting
from comfy_gen.errors import (
    ComfyGenError,
    CorruptOutputError,
    EngineError,
    GenerationError,
    InputImageError,
    NoOutputError,
)
from comfy_gen.pipeline.postprocess import PICTURES, save, stem, unused
from comfy_gen.pipeline.preprocess import open_picture
from comfy_gen.pipeline.progress import ProgressMeter, Update
from comfy_gen.pipeline.request import with_seed
from comfy_gen.workflows.parameters import parameters_text
from comfy_gen.workflows.roles import find_roles, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.bodies import FileRef
    from comfy_gen.comfyui.run import Run
    from comfy_gen.pipeline.plan import Plan
    from comfy_gen.pipeline.postprocess import Destination
    from comfy_gen.workflows.graph import Workflow

Observer = Callable[[Update | Waiting], None]
"""Is told of every update, and of the place in the queue."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One file that was made and is here."""

    path: Path
    seed: int | None
    prompt_id: str


@dataclass(slots=True)
class Results:
    """What became of a plan."""

    saved: list[Saved] = field(default_factory=list[Saved])
    errors: list[ComfyGenError] = field(default_factory=list[ComfyGenError])
    """Of the prompts that failed; the others went on."""
    dropped: list[str] = field(default_factory=list[str])
    """What the engine said of outputs that it did not run: the results are only a part."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for is here."""
        return not (self.errors or self.dropped)


@dataclass(frozen=True, slots=True)
class _Prompt:
    """One of the plan's prompts."""

    prompt_id: str
    workflow: Workflow
    seed: int | None
    number: int


async def run_plan(client: AsyncComfyUIClient, plan: Plan, place: Destination, observe: Observer) -> Results:
    """Queue every prompt of the plan, follow each to its end and save its files.

    Where this is cancelled, or saving fails, what still waits or runs is cancelled on the engine.

    Raises:
        EngineError: the engine does not take a prompt or cannot be reached.
        OutputPathError: a file cannot be written.
    """
    for name, content in plan.uploads.items():
        await client.upload_image(content, name=name, overwrite=True)
    prompts = [
        _Prompt(str(uuid.uuid4()), with_seed(plan.workflow, seed), seed, number)
        for number, seed in enumerate(plan.seeds, 1)
    ]
    waiting = [prompt.prompt_id for prompt in prompts]
    results = Results()
    try:
        runs = [await client.submit(prompt.workflow, prompt_id=prompt.prompt_id) for prompt in prompts]
        for prompt, run in zip(prompts, runs, strict=True):
            await _finish(client, prompt, run, place, total=len(prompts), observe=observe, results=results)
            waiting.remove(prompt.prompt_id)
    except BaseException:
        await _cancel(client, waiting)
        raise
    return results


async def _finish(
    client: AsyncComfyUIClient,
    prompt: _Prompt,
    run: Run,
    place: Destination,
    *,
    total: int,
    observe: Observer,
    results: Results,
) -> None:
    meter = ProgressMeter(prompt.prompt_id)
    observe(meter.connected(client.url))
    try:
        outcome = await _follow(run, meter, observe)
        outcome.raise_for_failure()
        saved = await _save_all(client, prompt, outcome, place, total=total)
    except (GenerationError, EngineError) as error:
        observe(meter.failed(error))
        results.errors.append(error)
        return
    results.saved += saved
    results.dropped += outcome.problems
    paths = tuple(str(one.path) for one in saved)
    observe(meter.completed(paths, partly=outcome.ending is Ending.PARTIAL))


async def _follow(run: Run, meter: ProgressMeter, observe: Observer) -> Outcome:
    clock = asyncio.get_running_loop().time
    async for event in run.events():
        if isinstance(event, Waiting):
            observe(event)
        elif update := meter.feed(event, now=clock()):
            observe(update)
    return await run.result()


async def _save_all(
    client: AsyncComfyUIClient, prompt: _Prompt, outcome: Outcome, place: Destination, *, total: int
) -> list[Saved]:
    files = kept_files(outcome.files)
    if not files:
        raise NoOutputError(prompt.prompt_id)
    parameters = parameters_text(prompt.workflow)
    said = value_of(prompt.workflow, find_roles(prompt.workflow).positive)
    saved: list[Saved] = []
    for number, file in enumerate(files, 1 + (prompt.number - 1) * len(files)):
        suffix = PurePosixPath(file.filename).suffix
        path = place.path(stem(str(said or ""), prompt.seed), suffix, number=number, total=total * len(files))
        path = path if place.name else unused(path)
        save(await _fetch(client, file), path, suffix=suffix, parameters=parameters)
        saved.append(Saved(path, prompt.seed, prompt.prompt_id))
    return saved


def kept_files(files: Sequence[FileRef]) -> list[FileRef]:
    """Return the files that were meant to be kept; those of preview nodes only where there are no others."""
    return [file for file in files if file.type == "output"] or list(files)


async def _fetch(client: AsyncComfyUIClient, file: FileRef) -> bytes:
    """Return a file of the engine; a picture must open, for a full disk there leaves half of one."""
    content = await client.get_file(file)
    if PurePosixPath(file.filename).suffix.lower() in PICTURES:
        try:
            open_picture(content, source=file.filename)
        except InputImageError as error:
            raise CorruptOutputError(file.filename, error.reason) from error
    return content


async def _cancel(client: AsyncComfyUIClient, prompt_ids: Sequence[str]) -> None:
    """Cancel the last one first: otherwise the next one begins when the running one ends."""
    for prompt_id in reversed(prompt_ids):
        with contextlib.suppress(EngineError):  # there is a reason already why this ends
            await client.cancel(prompt_id)
