"""Does what ``comfygen storage prune`` was asked for."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.app.pruning import ORPHAN_AGE, Wish, carry_out, plan
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.selection import seconds_of
from comfy_gen.cli.sizes import read_size
from comfy_gen.cli.storage.control import files_of
from comfy_gen.cli.storage.table import pruned_line, pruning_json, pruning_lines
from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from comfy_gen.app import JobQueue
    from comfy_gen.app.pruning import Pruning


@dataclass(frozen=True, slots=True)
class How:
    """How it is to be done."""

    is_rehearsal: bool = False
    is_sure: bool = False
    """Whether nobody need be asked."""
    as_json: bool = False


def wish_of(older_than: str | None, max_size: str | None, *, orphans: bool) -> Wish:
    """Return what a person wants to have room by.

    Raises:
        InvalidParameterError: they said nothing, or what is no age or no size.
    """
    if older_than is None and max_size is None and not orphans:
        raise InvalidParameterError("what is to go", "nothing", "said with --older-than, --max-size or --orphans")
    now = time.time()
    return Wish(
        None if older_than is None else now - seconds_of(older_than),
        None if max_size is None else read_size(max_size, name="--max-size"),
        now - ORPHAN_AGE if orphans else None,
    )


async def prune(queue: JobQueue, wish: Wish, how: How) -> int:
    """Say what is to go, have it go if that is wanted, and return the exit code: 1 where too much stays.

    Raises:
        InvalidParameterError: nobody can be asked, and nobody said that it is sure.
        StorageError: the files cannot be listed or deleted.
    """
    files = await asyncio.to_thread(lambda: list(files_of(queue.settings)))
    pruning = await plan(queue.store, files, wish)
    is_idle = not (pruning.jobs or pruning.orphans)
    if not how.as_json:
        for line in pruning_lines(pruning, now=time.time()):
            _say(line)
    if how.is_rehearsal or is_idle:
        if how.as_json:
            print_json(pruning_json(pruning, None))
        return 0 if pruning.is_enough else EXIT_FAILURE
    _make_sure(how)
    await _delete(queue, pruning, as_json=how.as_json)
    return 0 if pruning.is_enough else EXIT_FAILURE


async def _delete(queue: JobQueue, pruning: Pruning, *, as_json: bool) -> None:
    pruned = await carry_out(queue.store, await open_artifacts(queue.settings), pruning)
    if as_json:
        print_json(pruning_json(pruning, pruned))
    else:
        _say(pruned_line(pruned))


def _make_sure(how: How) -> None:
    if how.is_sure:
        return
    if how.as_json or not sys.stdin.isatty():
        raise InvalidParameterError("--yes", "not given", "given, where nobody can be asked", "see first: --dry-run")
    import typer  # noqa: PLC0415  # for people only

    typer.confirm("Delete them?", abort=True)


def _say(line: str) -> None:
    Console().print(line, markup=False, highlight=False, soft_wrap=True)
