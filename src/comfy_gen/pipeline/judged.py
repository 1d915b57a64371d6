"""Runs a plan on one engine like `pipeline.generate`, and makes pictures again until they are good enough."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.tracker import Ending
from comfy_gen.pipeline.expected import expected_of
from comfy_gen.pipeline.files import fetch_whole, kept_files, must_open, opened
from comfy_gen.pipeline.generate import FAILURES, Generation, Sent
from comfy_gen.pipeline.judgement import JudgedTake, Judgement
from comfy_gen.pipeline.progress import ProgressMeter
from comfy_gen.pipeline.retake import origin_of, retaken
from comfy_gen.validation.takes import best, changes, take_of, wants_another

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.comfyui.aio import AsyncComfyUIClient
    from comfy_gen.comfyui.bodies import FileRef
    from comfy_gen.comfyui.run import Run
    from comfy_gen.comfyui.tracker import Outcome
    from comfy_gen.pipeline.generate import Keep, Observer
    from comfy_gen.pipeline.plan import Plan
    from comfy_gen.pipeline.postprocess import Destination
    from comfy_gen.validation.gate import Gate, Seen
    from comfy_gen.validation.quality import Quality
    from comfy_gen.validation.takes import Origin, Take
    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class Judge:
    """Who looks at the pictures, and what is asked of them."""

    gate: Gate
    quality: Quality


@dataclass(frozen=True, slots=True)
class _Made:
    """A take with all that it left."""

    take: Take
    prompt: Sent
    outcome: Outcome
    files: Sequence[tuple[FileRef, bytes]]


@dataclass(slots=True)
class _Wanted:
    """One picture that was asked for, and how it stands with it."""

    first: Sent
    origin: Origin
    takes: list[JudgedTake] = field(default_factory=list[JudgedTake])
    best: _Made | None = None
    """Only its files are kept: takes may be many, and files large."""

    @property
    def number(self) -> int:
        """Of the take that is made next."""
        return len(self.takes) + 1

    def add(self, made: _Made) -> None:
        """Take in a take."""
        self.takes.append(JudgedTake(made.take, made.prompt.prompt_id))
        if best([one.take for one in self.takes]) is made.take:
            self.best = made

    def wants_another(self, quality: Quality) -> bool:
        """Tell whether another take is to follow."""
        return wants_another(quality, self.origin, [one.take for one in self.takes])


class JudgedGeneration(Generation):
    """One plan on one engine, whose pictures are judged before they are saved. Make one for each run.

    Of each picture that was asked for, the best take is saved; what the others made stays on the engine alone.
    """

    def __init__(
        self,
        client: AsyncComfyUIClient,
        plan: Plan,
        place: Destination,
        observe: Observer,
        judge: Judge,
        *,
        keep: Keep | None = None,
    ) -> None:
        super().__init__(client, plan, place, observe, keep=keep)
        self._judge = judge

    async def _finish(self, prompt: Sent, run: Run) -> None:
        """Follow a prompt and those that are made after it; what fails costs no picture that is there already."""
        self._judge.gate.prepare()
        wanted = _Wanted(prompt, origin_of(prompt.workflow))
        try:
            wanted.add(await self._take(wanted, prompt, run, {}))
            while wanted.wants_another(self._judge.quality):
                changed = changes(self._judge.quality, wanted.origin, wanted.number)
                prompt, run = await self._submit(
                    retaken(wanted.first.workflow, changed), changed.get("seed", wanted.first.seed)
                )
                wanted.add(await self._take(wanted, prompt, run, changed))
        except FAILURES as error:
            self._fail(prompt, error)
        if wanted.best is not None:
            self._settle(wanted.best, Judgement(wanted.takes))

    async def _take(self, wanted: _Wanted, prompt: Sent, run: Run, changed: Mapping[str, Any]) -> _Made:
        outcome = await self._end(prompt, run)
        files = [(file, await fetch_whole(self._client, file)) for file in kept_files(outcome.files)]
        meter = ProgressMeter(prompt.prompt_id)
        self._observe(meter.judging(wanted.number))
        dropped = outcome.problems if outcome.ending is Ending.PARTIAL else ()
        take = await self._judged(wanted, prompt, files, changes=changed, lacks=dropped)
        self._observe(meter.judged(take, wanted.first.seed if len(self._plan.seeds) > 1 else None))
        return _Made(take, prompt, outcome, files)

    async def _judged(
        self, wanted: _Wanted, prompt: Sent, files: Sequence[tuple[FileRef, bytes]], **known: Any
    ) -> Take:
        """Have the gate judge what a prompt made; by the first prompt's text, so that takes compare."""
        looked = await self._look(files, prompt.workflow)
        verdicts = await self._judge.gate.judge(
            [seen for _, seen in looked],
            self._judge.quality,
            prompt=wanted.origin.positive_prompt or "",
            negative_prompt=wanted.origin.negative_prompt or "",
        )
        told = [one.as_json() | {"file": file.filename} for (file, _), one in zip(looked, verdicts, strict=True)]
        known |= {"number": wanted.number, "engine": self._client.url, "at": time.time(), "verdicts": told}
        return take_of(verdicts, **known)

    async def _look(self, files: Sequence[tuple[FileRef, bytes]], workflow: Workflow) -> list[tuple[FileRef, Seen]]:
        """Return what the gate has to know of each picture; of other files it knows nothing."""
        expected = expected_of(workflow)
        looked: list[tuple[FileRef, Seen]] = []
        for number, (file, content) in enumerate(files):
            image = await asyncio.to_thread(opened, content, file.filename) if must_open(file.filename) else None
            if image is not None:
                batch = expected.batch_of(file.node_id, str(number))
                seen = await self._judge.gate.look(image, expected.sizes.get(file.node_id), batch=batch)
                looked.append((file, seen))
        return looked

    def _settle(self, made: _Made, judgement: Judgement) -> None:
        """Save the best take where the picture would have been."""
        self.results.judgements.append(judgement)
        files = made.files if self._keep.files else ()
        try:
            saved = [
                self._save(made.prompt, file, content, of=len(files), judgement=judgement) for file, content in files
            ]
        except FAILURES as error:
            self._fail(made.prompt, error)
        else:
            self._complete(made.prompt, made.outcome, saved, made.take)
