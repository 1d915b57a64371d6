"""Does what ``comfygen generate`` was asked for, and shows how it goes."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from comfy_gen.cli.failures import EXIT_FAILURE, error_json, exit_code, print_json, report
from comfy_gen.cli.progress import ProgressBar
from comfy_gen.comfyui.aio import AsyncComfyUIClient, Cancellation
from comfy_gen.config import read_settings
from comfy_gen.pipeline.generate import Results, run_plan
from comfy_gen.pipeline.plan import Plan, make_plan
from comfy_gen.pipeline.postprocess import check, destination
from comfy_gen.pipeline.progress import Update
from comfy_gen.workflows.parameters import parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.comfyui.tracker import Waiting
    from comfy_gen.pipeline.request import GenerationRequest

EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person or a program wants to see."""

    quiet: bool = False
    as_json: bool = False
    json_progress: bool = False

    @property
    def for_people(self) -> bool:
        """Whether words, bars and tables are wanted."""
        return not (self.quiet or self.as_json or self.json_progress)


def run(request: GenerationRequest, *, output: str | None, engine: str | None, dry_run: bool, shown: Shown) -> int:
    """Generate what was asked for, or only check it, and return the exit code."""
    place = destination(output)
    if not dry_run:
        check(place)

    async def work() -> int:
        async with AsyncComfyUIClient(url=engine or read_settings().engine_url) as client:
            plan = await make_plan(client, request)
            if dry_run:
                return _show_plan(plan, client.url, shown)
            began = time.monotonic()
            with _observer(shown) as observe:
                _show_notes(plan, shown)
                results = await run_plan(client, plan, place, observe)
            made = _Made(plan, results, client.url, await _describe(client), time.monotonic() - began)
            return _show_results(made, shown)

    try:
        return asyncio.run(work())
    except KeyboardInterrupt:
        if not shown.quiet:
            Console(stderr=True).print("[yellow]Interrupted.[/] What was queued has been cancelled on the engine.")
        return EXIT_INTERRUPTED


def cancel(prompt_id: str, *, engine: str | None, as_json: bool, quiet: bool) -> int:
    """Cancel one prompt and say what became of it."""

    async def work() -> Cancellation:
        async with AsyncComfyUIClient(url=engine or read_settings().engine_url) as client:
            return await client.cancel(prompt_id)

    done = asyncio.run(work())
    if as_json:
        print_json({"prompt_id": prompt_id, "result": done.value})
    elif not quiet:
        Console().print(_CANCELLED[done].format(prompt_id), markup=False, highlight=False, soft_wrap=True)
    return 0 if done in {Cancellation.REMOVED, Cancellation.INTERRUPTED} else EXIT_FAILURE


_CANCELLED = {
    Cancellation.REMOVED: "Prompt {} was waiting; it is out of the queue.",
    Cancellation.INTERRUPTED: "Prompt {} was running; it stops at its next step.",
    Cancellation.ALREADY_ENDED: "Prompt {} had ended before.",
    Cancellation.UNKNOWN: "The engine knows no prompt {}.",
}


# --- how it goes


def _observer(shown: Shown) -> ProgressBar | _Lines | _Silence:
    if shown.json_progress:
        return _Lines()
    return ProgressBar() if shown.for_people else _Silence()


class _Silence:
    """Shows nothing."""

    def __enter__(self) -> Callable[[Update | Waiting], None]:
        return lambda _: None

    def __exit__(self, *_: object) -> None:
        pass


class _Lines(_Silence):
    """Prints every update as a line of JSON."""

    def __enter__(self) -> Callable[[Update | Waiting], None]:
        return self._print

    def _print(self, update: Update | Waiting) -> None:
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

    def as_json(self) -> dict[str, Any]:
        saved = [{"path": str(one.path), "seed": one.seed, "prompt_id": one.prompt_id} for one in self.results.saved]
        return {
            "files": saved,
            "workflow": self.plan.name,
            "engine": {"url": self.url, "name": self.engine},
            "elapsed_seconds": round(self.seconds, 3),
            "notes": [*self.plan.notes, *self.results.dropped],
            "errors": [error_json(error)["error"] for error in self.results.errors],
        }


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
    return 0 if results.is_complete else EXIT_FAILURE


def _print_saved(made: _Made) -> None:
    console = Console()
    for one in made.results.saved:
        seed = f"  [dim]seed {one.seed}[/]" if one.seed is not None else ""
        console.print(f"[green]Saved[/] [bold]{escape(str(one.path))}[/]{seed}", soft_wrap=True, highlight=False)
    for problem in made.results.dropped:
        Console(stderr=True).print(f"[yellow]Only in part:[/] {escape(problem)}", soft_wrap=True, highlight=False)
    if made.results.saved:
        console.print(
            f"[dim]{escape(made.plan.name)} on {made.engine} at {made.url}, {made.seconds:.1f} s[/]",
            soft_wrap=True,
            highlight=False,
        )


def _show_notes(plan: Plan, shown: Shown) -> None:
    for note in plan.notes if shown.for_people else ():
        Console(stderr=True).print(f"[dim]Note: {escape(note)}.[/]", soft_wrap=True, highlight=False)


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


async def _describe(client: AsyncComfyUIClient) -> str:
    """Return what the engine calls itself."""
    system: dict[str, Any] = (await client.get_system_stats()).get("system", {})
    if "sandbox" in str(system):
        return "the sandbox engine (pictures are painted, not diffused)"
    return f"ComfyUI {system.get('comfyui_version', '')}".strip()
