"""Does what ``comfygen models download`` was asked for, and fetches models for other commands."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from comfy_gen.app.models import build_fetcher
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.table import size_of
from comfy_gen.cli.models.bars import ModelBars
from comfy_gen.cli.models.table import fetched_line, plan_table
from comfy_gen.cli.signals import run_interruptible
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError
from comfy_gen.models.manifest import DEFAULT, load_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from comfy_gen.cli.shown import Shown
    from comfy_gen.models.fetching import Fetched, Fetcher, Planned
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.model import Model
    from comfy_gen.models.progress import Phase, Progress

STDERR = Console(stderr=True)
LARGE = 10**9
"""Bytes from which on a person is asked before they are fetched."""
UNKNOWN_STEP = 16 * 10**6
"""Bytes between two lines of JSON of a file whose size nobody knows."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be fetched, and where to."""

    names: Sequence[str] = ()
    root: Path | None = None
    folder: str = ""
    file: str = ""
    sha256: str = ""
    allow_pickle: bool = False
    allow_private: bool = False


def download(asked: Asked, shown: Shown, *, is_rehearsal: bool, is_sure: bool) -> int:
    """Fetch what is asked for, or only tell what would be, and return the exit code.

    Raises:
        ComfyGenError: what stands against it.
    """
    settings = read_settings()
    models = models_wanted(asked, load_manifest(settings.models.manifest))
    fetcher = build_fetcher(settings, asked.root, allow_pickle=asked.allow_pickle, allow_private=asked.allow_private)
    with ModelBars(STDERR, {}, is_silent=not shown.for_people) as observe:
        planned = asyncio.run(fetcher.plan(models, observe))
    if is_rehearsal:
        _tell_plan(planned, shown)
        return 0
    if not (is_sure or is_wanted(planned, shown)):
        STDERR.print("Nothing was fetched.", highlight=False)
        return EXIT_FAILURE
    return carry_out(fetcher, planned, shown, lambda fetched: _tell_fetched(fetched, shown))


def models_wanted(asked: Asked, manifest: Manifest) -> list[Model]:
    """Return the models that are asked for, each once, as they are to be kept.

    Raises:
        ModelReferenceError: a name means nothing.
        InvalidParameterError: what is said of one file is said of several, or cannot be.
    """
    found = [model for name in asked.names or (DEFAULT,) for model in manifest.find(name)]
    models = list({(one.folder, one.file, one.source): one for one in found}.values())
    for option, value in (("--as", asked.file), ("--sha256", asked.sha256)):
        if value and len(models) > 1:
            raise InvalidParameterError(option, value, f"given for one model; there are {len(models)}")
    if asked.sha256 and not _SHA256.fullmatch(asked.sha256):
        raise InvalidParameterError("--sha256", asked.sha256, "64 of 0-9 and a-f")
    said = {"folder": asked.folder, "file": asked.file, "sha256": asked.sha256}
    return [replace(one, **{name: value for name, value in said.items() if value}) for one in models]


def carry_out(
    fetcher: Fetcher, planned: Sequence[Planned], shown: Shown, on_end: Callable[[Sequence[Fetched]], None]
) -> int:
    """Fetch what was planned, show how it goes, tell what is here now, and return the exit code.

    Raises:
        ComfyGenError: what stands against it.
    """

    async def work() -> int:
        with _observer(planned, shown) as observe:
            fetched = await fetcher.carry_out(planned, observe)
        on_end(fetched)
        return 0

    return asyncio.run(run_interruptible(work(), on_signal=lambda: None, on_end=lambda: _tell_interrupted(shown)))


def _tell_interrupted(shown: Shown) -> None:
    if not shown.quiet:
        STDERR.print("[yellow]Interrupted.[/] What came is kept; the same command goes on from there.", highlight=False)


def _observer(planned: Sequence[Planned], shown: Shown) -> AbstractContextManager[Callable[[Progress], None]]:
    if shown.json_progress:
        return nullcontext(Lines())
    if not shown.for_people:
        return nullcontext(lambda _: None)
    return ModelBars(STDERR, {one.model.file: one.model.size for one in planned if not one.is_here})


class Lines:
    """Prints updates as lines of JSON: each change of phase, and every hundredth of a file."""

    def __init__(self) -> None:
        self._last: tuple[str, Phase, int] | None = None

    def __call__(self, told: Progress) -> None:
        """Print an update, unless it says hardly more than the last."""
        step = told.done * 100 // told.total if told.total else told.done // UNKNOWN_STEP
        if (told.file, told.phase, step) != self._last:
            self._last = told.file, told.phase, step
            _print_line(told)


def _print_line(told: Progress) -> None:
    facts = {
        "type": "progress",
        "file": told.file,
        "phase": told.phase,
        "done": told.done,
        "total": told.total,
        "resumed": told.resumed,
        "note": told.note,
    }
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()


# --- before


def is_wanted(planned: Sequence[Planned], shown: Shown) -> bool:
    """Ask the person at the terminal, if there is one, before much is fetched."""
    size, is_least = bytes_to_fetch(planned)
    if size < LARGE or not shown.for_people or not sys.stdin.isatty():
        return True
    Console().print(plan_table(planned))
    return typer.confirm(f"Fetch {'at least ' if is_least else ''}{size_of(size)}?", default=True)


def bytes_to_fetch(planned: Iterable[Planned]) -> tuple[int, bool]:
    """Return how many bytes are to be fetched, and whether there may be more, for some sizes are not known."""
    sizes = [one.to_fetch for one in planned if not one.is_here]
    return sum(size for size in sizes if size is not None), None in sizes


def _tell_plan(planned: Sequence[Planned], shown: Shown) -> None:
    size, is_least = bytes_to_fetch(planned)
    if shown.as_json or shown.json_progress:
        facts = {"models": [planned_json(one) for one in planned], "bytes_to_fetch": None if is_least else size}
        print_json(facts, indent=not shown.json_progress)
    elif shown.quiet:
        _write(one.path for one in planned if not one.is_here)
    else:
        Console().print(plan_table(planned))
        least = "at least " if is_least else ""
        said = f"{least}{size_of(size)} would be fetched" if size or is_least else "all of it is here already"
        Console().print(f"Nothing was fetched; {said}.", highlight=False)


def planned_json(planned: Planned) -> dict[str, Any]:
    """Return what a program is told of a model that is to be fetched."""
    facts = {"path": str(planned.path), "is_here": planned.is_here, "bytes_to_fetch": planned.to_fetch}
    return planned.model.as_json() | facts


# --- after


def _tell_fetched(fetched: Sequence[Fetched], shown: Shown) -> None:
    if shown.as_json or shown.json_progress:
        facts = {"models": [fetched_json(one) for one in fetched]}
        print_json({"type": "done", **facts} if shown.json_progress else facts, indent=not shown.json_progress)
    elif shown.quiet:
        _write(one.path for one in fetched)
    else:
        for one in fetched:
            Console().print(fetched_line(one), soft_wrap=True)


def fetched_json(fetched: Fetched) -> dict[str, Any]:
    """Return what a program is told of a model that is here now."""
    facts = {
        "path": str(fetched.path),
        "size": fetched.size,
        "sha256": fetched.sha256,
        "is_new": fetched.is_new,
        "resumed_bytes": fetched.resumed_bytes,
    }
    return fetched.model.as_json() | facts


def _write(paths: Iterable[Path]) -> None:
    for path in paths:
        sys.stdout.write(f"{path}\n")
