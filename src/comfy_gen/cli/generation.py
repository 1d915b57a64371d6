"""Does what ``comfygen generate`` was asked for, and shows how it goes."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from comfy_gen.cli.engine import open_engine
from comfy_gen.cli.failures import EXIT_FAILURE, EXIT_NOT_PASSED, exit_code, print_json, report
from comfy_gen.cli.progress import ProgressBar
from comfy_gen.cli.signals import run_interruptible
from comfy_gen.comfyui.aio import AsyncComfyUIClient, Cancellation
from comfy_gen.config import read_settings
from comfy_gen.errors import WaitTimeoutError
from comfy_gen.pipeline.generate import Generation, Keep, Observer, Results, Saved, Told
from comfy_gen.pipeline.plan import Plan
from comfy_gen.pipeline.postprocess import check, destination
from comfy_gen.pipeline.progress import Update
from comfy_gen.pipeline.request import with_seed
from comfy_gen.workflows.parameters import parameters_of

if TYPE_CHECKING:
    from comfy_gen.cli.shown import Shown
    from comfy_gen.pipeline.judged import Judge
    from comfy_gen.pipeline.judgement import Judgement
    from comfy_gen.pipeline.postprocess import Destination
    from comfy_gen.validation.quality import Quality

STDERR = Console(stderr=True)
"""One for all: what is printed while the bar moves goes above it."""

LEFT_SHOWN = 5
"""How many prompts are named that could not be cancelled."""


Planner = Callable[[AsyncComfyUIClient], Awaitable[Plan]]
"""Finds out what to send, once there is an engine to ask."""


def run(
    planner: Planner,
    *,
    output: str | None,
    engine: str | None,
    shown: Shown,
    dry_run: bool = False,
    timeout: float | None = None,
    quality: Quality | None = None,
) -> int:
    """Run a plan and save what it makes, or only check it, and return the exit code.

    Raises:
        ComfyGenError: what stands against it; ``quality`` may ask for what nothing here can judge.
    """
    place = destination(output)
    if not dry_run:
        check(place)
    judge = None if quality is None else _judge(quality)
    return asyncio.run(_Work(planner, place, engine, shown, judge, dry_run=dry_run, timeout=timeout).interruptible())


def _judge(quality: Quality) -> Judge:
    """Return who judges the pictures."""
    from comfy_gen.app.gating import build_gate  # noqa: PLC0415  # heavy: most pictures are not judged
    from comfy_gen.pipeline.judged import Judge  # noqa: PLC0415

    gate = build_gate(read_settings())
    gate.check(quality)
    return Judge(gate, quality)


class _Work:
    """One call of a command that runs a plan."""

    def __init__(
        self,
        planner: Planner,
        place: Destination,
        engine: str | None,
        shown: Shown,
        judge: Judge | None,
        *,
        dry_run: bool,
        timeout: float | None,
    ) -> None:
        self._planner = planner
        self._place = place
        self._engine = engine
        self._shown = shown
        self._judge = judge
        self._dry_run = dry_run
        self._timeout = timeout
        self._generation: Generation | None = None

    async def interruptible(self) -> int:
        """Work until it is done, or a signal ends it; either way nothing of it is left on the engine, or it is said."""
        return await run_interruptible(self._run(), on_signal=self._tell_of_cancelling, on_end=self._tell_what_is_left)

    async def _run(self) -> int:
        async with open_engine(self._engine) as client:
            with _observer(self._shown) as observe:
                name = await client.identify()
                plan = await self._planner(client)
                if self._dry_run:
                    return _show_plan(plan, client.url, self._shown)
                _show_notes(plan, self._shown)
                began = time.monotonic()
                self._generation = self._made_ready(client, plan, observe)
                results = await self._patiently(self._generation)
            notes = [] if self._judge is None else self._judge.gate.notes
            return _show_results(_Made(plan, results, client.url, name, time.monotonic() - began, notes), self._shown)

    def _made_ready(self, client: AsyncComfyUIClient, plan: Plan, observe: Observer) -> Generation:
        if self._judge is None:
            return Generation(client, plan, self._place, observe, keep=_keep())
        from comfy_gen.pipeline.judged import JudgedGeneration  # noqa: PLC0415  # heavy, as above

        return JudgedGeneration(client, plan, self._place, observe, self._judge, keep=_keep())

    async def _patiently(self, generation: Generation) -> Results:
        try:
            async with asyncio.timeout(self._timeout):
                return await generation.run()
        except TimeoutError as error:
            first = next(iter(generation.open), "")
            raise WaitTimeoutError(first, self._timeout or 0.0, cancelled=not generation.open) from error

    def _tell_of_cancelling(self) -> None:
        if self._generation is not None and self._shown.for_people:
            STDERR.print("[yellow]Cancelling …[/]")

    def _tell_what_is_left(self) -> None:
        if self._shown.quiet:
            return
        left = self._generation.open if self._generation is not None else []
        if not left:
            said = "It has been cancelled on the engine." if self._generation else "Nothing was sent."
            STDERR.print(f"[yellow]Interrupted.[/] {said}")
            return
        STDERR.print(f"[yellow]Interrupted.[/] The engine may still work on {len(left)}; to cancel it:")
        for prompt_id in left[:LEFT_SHOWN]:
            STDERR.print(f"comfygen generate --cancel {prompt_id}", markup=False, highlight=False, soft_wrap=True)


def submit(planner: Planner, *, engine: str | None, shown: Shown) -> int:
    """Queue a plan's prompts, say their ids and leave them to the engine."""

    async def work() -> list[str]:
        async with open_engine(engine) as client:
            await client.identify()
            plan = await planner(client)
            _show_notes(plan, shown)
            return [(await client.submit(with_seed(plan.workflow, seed))).prompt_id for seed in plan.seeds]

    ids = asyncio.run(work())
    if shown.as_json:
        print_json({"prompt_ids": ids})
    for prompt_id in () if shown.as_json else ids:
        said = prompt_id if shown.quiet else f"Queued {prompt_id}"
        Console().print(said, markup=False, highlight=False, soft_wrap=True)
    return 0


def cancel(prompt_id: str, *, engine: str | None, as_json: bool, quiet: bool) -> int:
    """Cancel one prompt and say what became of it."""

    async def work() -> Cancellation:
        async with open_engine(engine) as client:
            return await client.cancel(prompt_id)

    done = asyncio.run(work())
    if as_json:
        print_json({"prompt_id": prompt_id, "result": done.value})
    elif not quiet:
        _say(_CANCELLED[done].format(prompt_id))
    return 0 if done in {Cancellation.REMOVED, Cancellation.INTERRUPTED} else EXIT_FAILURE


def cancel_all(*, engine: str | None, as_json: bool) -> int:
    """Cancel all that an engine has, whoever queued it, and say what that was."""

    async def work() -> tuple[int, int]:
        async with open_engine(engine) as client:
            await client.identify()
            queue = await client.read_queue()
            await client.cancel_all([item.prompt_id for item in (*queue.pending, *queue.running)])
            return len(queue.running), len(queue.pending)

    running, waiting = asyncio.run(work())
    if as_json:
        print_json({"running": running, "waiting": waiting})
    else:
        _say(f"Cancelled {running} that ran and {waiting} that waited." if running or waiting else "There was nothing.")
    return 0


_CANCELLED = {
    Cancellation.REMOVED: "Prompt {} was waiting; it is out of the queue.",
    Cancellation.INTERRUPTED: "Prompt {} was running; it stops at its next step.",
    Cancellation.ALREADY_ENDED: "Prompt {} had ended before.",
    Cancellation.UNKNOWN: "The engine knows no prompt {}.",
}


def _say(said: str) -> None:
    Console().print(said, markup=False, highlight=False, soft_wrap=True)


def _keep() -> Keep:
    output = read_settings().output
    return Keep(files=output.download_results, parameters=output.save_metadata)


# --- how it goes


def _observer(shown: Shown) -> ProgressBar | _Lines | _Silence:
    if shown.json_progress:
        return _Lines()
    return ProgressBar(STDERR) if shown.for_people else _Silence()


class _Silence:
    """Shows nothing."""

    def __enter__(self) -> Observer:
        return lambda _: None

    def __exit__(self, *_: object) -> None:
        pass


class _Lines(_Silence):
    """Prints every update as a line of JSON."""

    def __enter__(self) -> Observer:
        return self._print

    def _print(self, update: Told) -> None:
        if isinstance(update, Update):
            sys.stdout.write(json.dumps(update.as_json(), ensure_ascii=False) + "\n")
            sys.stdout.flush()


# --- what came of it


@dataclass(frozen=True, slots=True)
class _Made:
    plan: Plan
    results: Results
    url: str
    engine: str
    seconds: float
    found: Sequence[str] = ()
    """What is to be said of the judging."""

    def as_json(self) -> dict[str, Any]:
        return {
            "files": [_saved_json(one) for one in self.results.saved],
            "workflow": self.plan.name,
            "engine": {"url": self.url, "name": self.engine},
            "elapsed_seconds": round(self.seconds, 3),
            "notes": [*self.plan.notes, *self.results.dropped, *self.found, *self.shortfalls],
            "errors": [error.as_json() for error in self.results.errors],
        }

    @property
    def shortfalls(self) -> list[str]:
        """What is said of each picture that did not pass, or could not be judged."""
        return [self.told(one) for one in self.results.judgements if not one.best.passed]

    def told(self, judgement: Judgement) -> str:
        """Return what was found of a picture, and where it is."""
        return f"{self._places(judgement)}{judgement.line}"

    def _places(self, judgement: Judgement) -> str:
        places = [str(one.path) for one in self.results.saved if one.judgement is judgement]
        return f"{', '.join(places)}: " if places else ""


def _saved_json(saved: Saved) -> dict[str, Any]:
    facts = {"path": str(saved.path), "seed": saved.seed, "prompt_id": saved.prompt_id}
    if saved.judgement is None:
        return facts
    return {**facts, "quality": saved.judgement.summary, "takes": [one.as_json() for one in saved.judgement.takes]}


def _show_results(made: _Made, shown: Shown) -> int:
    results = made.results
    if shown.as_json:
        print_json(made.as_json())
    elif shown.quiet and not shown.json_progress:
        for one in results.saved:
            sys.stdout.write(f"{one.path}\n")
    elif shown.for_people:
        _print_saved(made)
    if not (shown.as_json or shown.json_progress):
        for error in results.errors:
            report(error)
    if results.errors:
        return exit_code(results.errors[0])
    if not results.is_complete:
        return EXIT_FAILURE
    return EXIT_NOT_PASSED if made.shortfalls else 0


def _print_saved(made: _Made) -> None:
    console = Console()
    for one in made.results.saved:
        seed = f"  [dim]seed {one.seed}[/]" if one.seed is not None else ""
        console.print(f"[green]Saved[/] [bold]{escape(str(one.path))}[/]{seed}", soft_wrap=True, highlight=False)
    for problem in made.results.dropped:
        STDERR.print(f"[yellow]Only in part:[/] {escape(problem)}", soft_wrap=True, highlight=False)
    for one in made.results.judgements:
        if not one.best.passed:
            word = "Note" if one.best.passed is None else "Not passed"
            STDERR.print(f"[yellow]{word}:[/] {escape(made.told(one))}", soft_wrap=True, highlight=False)
    _print_notes(made.found)
    if not (made.results.saved or made.results.errors):
        console.print("[green]Done[/]; the files stay on the engine.", highlight=False)
    if made.results.saved:
        console.print(
            f"[dim]{escape(made.plan.name)} on {made.engine} at {made.url}, {made.seconds:.1f} s[/]",
            soft_wrap=True,
            highlight=False,
        )


def _show_notes(plan: Plan, shown: Shown) -> None:
    if shown.for_people:
        _print_notes(plan.notes)


def _print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        STDERR.print(f"[dim]Note: {escape(note)}.[/]", soft_wrap=True, highlight=False)


def _show_plan(plan: Plan, url: str, shown: Shown) -> int:
    facts = _facts(plan)
    if shown.as_json or shown.json_progress:
        print_json({"valid": True, **facts, "engine": url, "graph": plan.workflow})
    elif not shown.quiet:
        _show_notes(plan, shown)
        console = Console()
        for name, value in facts.items():
            if value not in (None, "", []):
                console.print(f"[dim]{name:>9}[/]  {escape(str(value))}", soft_wrap=True, highlight=False)
        console.print(f"[green]Valid[/] for the engine at {url}; nothing was sent.", highlight=False)
    return 0


def _facts(plan: Plan) -> dict[str, Any]:
    """Return what a person wants to see of a plan before it is run."""
    made = parameters_of(plan.workflow)
    return {
        "workflow": plan.name,
        "model": made.model,
        "prompt": made.prompt,
        "negative": made.negative,
        "seeds": plan.seeds if len(plan.seeds) <= 5 else [plan.seeds[0], "…", plan.seeds[-1]],
        "steps": made.steps,
        "cfg": made.cfg if made.guidance is None else made.guidance,
        "sampler": made.sampler,
        "scheduler": made.scheduler,
        "size": f"{made.width}x{made.height}" if made.width and made.height else None,
        "denoise": made.denoise,
        "loras": [f"{name}:{strength:g}" for name, strength in made.loras],
        "uploads": list(plan.uploads),
    }
