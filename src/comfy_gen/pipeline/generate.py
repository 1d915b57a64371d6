"""Runs a plan on one engine and saves what it made; what was queued and is not wanted any more is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.comfyui.tracker import Ending, Outcome, Unheard, Waiting
from comfy_gen.errors import (
    ComfyGenError,
    EngineError,
    GenerationError,
    NoOutputError,
    OutputPathError,
)
from comfy_gen.pipeline.files import fetch_whole, kept_files
from comfy_gen.pipeline.postprocess import save, stem, unused
from comfy_gen.pipeline.progress import ProgressMeter, Update
from comfy_gen.pipeline.request import with_seed
from comfy_gen.workflows import edits
from comfy_gen.workflows.parameters import parameters_text
from comfy_gen.workflows.roles import find_roles, value_of

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.bodies import FileRef
    from comfy_gen.comfyui.run import Run
    from comfy_gen.pipeline.judgement import Judgement
    from comfy_gen.pipeline.plan import Plan
    from comfy_gen.pipeline.postprocess import Destination
    from comfy_gen.validation.takes import Take
    from comfy_gen.workflows.graph import Workflow

Told = Update | Waiting | Unheard
Observer = Callable[[Told], None]
"""Is told of every update, of the place in the queue, and of a broken connection."""

FAILURES = (GenerationError, EngineError, OutputPathError)
"""What ends one prompt, and leaves the others to go on."""
PATIENCE_OF_CANCELLING = 5.0
"""Seconds: who presses Ctrl-C does not wait for an engine that does not answer."""


@dataclass(frozen=True, slots=True)
class Keep:
    """What of the results is wanted here."""

    files: bool = True
    """False leaves them on the engine."""
    parameters: bool = True
    """Whether pictures get A1111's text besides ComfyUI's workflow."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One file that was made and is here."""

    path: Path
    seed: int | None
    prompt_id: str
    judgement: Judgement | None = None
    """What was found of it, where pictures are judged."""


@dataclass(slots=True)
class Results:
    """What became of a plan."""

    saved: list[Saved] = field(default_factory=list[Saved])
    judgements: list[Judgement] = field(default_factory=list["Judgement"])
    """One for each prompt of the plan whose pictures were judged, whether they are saved here or not."""
    errors: list[ComfyGenError] = field(default_factory=list[ComfyGenError])
    """Of the prompts that failed; the others went on."""
    dropped: list[str] = field(default_factory=list[str])
    """What the engine said of outputs that it did not run: the results are only a part."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for is here."""
        return not (self.errors or self.dropped)


@dataclass(frozen=True, slots=True)
class Sent:
    """A prompt that the engine got."""

    prompt_id: str
    workflow: Workflow
    seed: int | None


class Generation:
    """One plan on one engine. Make one for each run."""

    def __init__(
        self,
        client: AsyncComfyUIClient,
        plan: Plan,
        place: Destination,
        observe: Observer,
        *,
        keep: Keep | None = None,
    ) -> None:
        self.results = Results()
        self.open: list[str] = []
        """Prompts that the engine may have: sent, and not known to have ended or to be cancelled."""
        self._client = client
        self._plan = plan
        self._place = place
        self._observe = observe
        self._keep = keep or Keep()
        self._said = str(value_of(plan.workflow, find_roles(plan.workflow).positive) or "")
        """Files are named after it, whatever a prompt that is sent makes of it."""

    async def run(self) -> Results:
        """Queue every prompt of the plan, follow each to its end and save its files.

        Where this is cancelled, or a file cannot be written, what still waits or runs is cancelled on the engine;
        ``open`` names what may be left there all the same.

        Raises:
            EngineError: the engine does not take a prompt or cannot be reached.
        """
        workflow = await self._upload()
        try:
            prompts = [await self._submit(workflow, seed) for seed in self._plan.seeds]
            for prompt, run in prompts:
                await self._finish(prompt, run)
                if any(isinstance(error, OutputPathError) for error in self.results.errors):
                    break
        finally:
            await self._cancel_open()
        return self.results

    async def _upload(self) -> Workflow:
        """Give the engine the input pictures and return the workflow with the names that they got."""
        workflow = self._plan.workflow
        for name, content in self._plan.uploads.items():
            answer = await self._client.upload_unique(content, name=name)
            given = "/".join(filter(None, (answer.get("subfolder"), answer.get("name"))))
            if given not in ("", name):
                workflow = edits.set_input_image(with_seed(workflow, None), given)
        return workflow

    async def _submit(self, workflow: Workflow, seed: int | None) -> tuple[Sent, Run]:
        prompt_id = str(uuid.uuid4())
        self.open.append(prompt_id)  # before it is sent: an answer may get lost
        seeded = with_seed(workflow, seed)
        run = await self._client.submit(seeded, prompt_id=prompt_id)
        self.open[-1] = run.prompt_id
        return Sent(run.prompt_id, seeded, seed), run

    async def _finish(self, prompt: Sent, run: Run) -> None:
        """Follow a prompt to its end and save what it made, or keep why it did not."""
        try:
            outcome = await self._end(prompt, run)
            saved = await self._save_all(prompt, outcome)
        except FAILURES as error:
            self._fail(prompt, error)
        else:
            self._complete(prompt, outcome, saved)

    async def _end(self, prompt: Sent, run: Run) -> Outcome:
        """Follow a prompt to its end, which is a good one, even if only in part.

        Raises:
            GenerationError: it failed.
        """
        meter = ProgressMeter(prompt.prompt_id)
        self._observe(meter.connected(self._client.url))
        outcome = await self._follow(run, meter)
        self.open.remove(prompt.prompt_id)
        outcome.raise_for_failure()
        if not outcome.files:
            raise NoOutputError(prompt.prompt_id)
        return outcome

    def _fail(self, prompt: Sent, error: ComfyGenError) -> None:
        self._observe(ProgressMeter(prompt.prompt_id).failed(error))
        self.results.errors.append(error)

    def _complete(self, prompt: Sent, outcome: Outcome, saved: list[Saved], take: Take | None = None) -> None:
        self.results.dropped += outcome.problems
        paths = tuple(str(one.path) for one in saved)
        meter = ProgressMeter(prompt.prompt_id)
        self._observe(meter.completed(paths, partly=outcome.ending is Ending.PARTIAL, take=take))

    async def _follow(self, run: Run, meter: ProgressMeter) -> Outcome:
        clock = asyncio.get_running_loop().time
        async for event in run.events():
            if isinstance(event, Waiting | Unheard):
                self._observe(event)
            elif update := meter.feed(event, now=clock()):
                self._observe(update)
        return await run.result()

    async def _save_all(self, prompt: Sent, outcome: Outcome) -> list[Saved]:
        if not self._keep.files:
            return []
        files = kept_files(outcome.files)
        return [self._save(prompt, file, await fetch_whole(self._client, file), of=len(files)) for file in files]

    def _save(
        self, prompt: Sent, file: FileRef, content: bytes, *, of: int, judgement: Judgement | None = None
    ) -> Saved:
        """Write a file, one ``of`` so many of its prompt."""
        suffix = PurePosixPath(file.filename).suffix
        number, total = len(self.results.saved) + 1, len(self._plan.seeds) * of
        path = self._place.path(stem(self._said, prompt.seed), suffix, number=number, total=total)
        path = path if self._place.names(path) else unused(path)
        parameters = parameters_text(prompt.workflow) if self._keep.parameters else ""
        save(content, path, suffix=suffix, parameters=parameters)
        self.results.saved.append(Saved(path, prompt.seed, prompt.prompt_id, judgement))
        return self.results.saved[-1]

    async def _cancel_open(self) -> None:
        if not self.open:
            return
        with contextlib.suppress(EngineError, TimeoutError):  # there is a reason already why this ends
            async with asyncio.timeout(PATIENCE_OF_CANCELLING):
                await self._client.cancel_all(self.open)
                self.open.clear()
