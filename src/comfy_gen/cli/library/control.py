"""Does what ``comfygen library`` was asked for."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.json import artifact_json
from comfy_gen.cli.jobs.selection import seconds_of
from comfy_gen.cli.jobs.submitting import Wanted, follow
from comfy_gen.cli.library.card import card
from comfy_gen.cli.library.table import difference_table, generation_table
from comfy_gen.errors import InvalidParameterError
from comfy_gen.library.diff import diff, is_same_outcome
from comfy_gen.library.generations import MOST, Library, Query, again, workflow_of
from comfy_gen.library.recipes import Recipes

if TYPE_CHECKING:
    from comfy_gen.app import JobQueue
    from comfy_gen.library.generation import Generation

__all__ = [
    "Query",
    "Wanted",
    "compare",
    "list_generations",
    "moment_of",
    "prune",
    "rerun",
    "seconds_of",
    "show",
    "show_workflow",
]

STDERR = Console(stderr=True)


async def list_generations(queue: JobQueue, query: Query, limit: int, *, as_json: bool) -> None:
    """Print the generations that fit, the newest first."""
    library = library_of(queue)
    found, total = await _some(library, query, limit), await library.count(query)
    if as_json:
        print_json({"generations": [generation_json(queue, one) for one in found], "total": total})
    elif found:
        Console().print(generation_table(found, now=time.time()))
        if total > len(found):
            STDERR.print(f"… of {total:,}; for more: --limit", style="dim", highlight=False)
    else:
        STDERR.print("There is no such generation.", highlight=False)


async def show(queue: JobQueue, generation_id: str, *, as_json: bool) -> None:
    """Print everything that is known of a generation.

    Raises:
        GenerationNotFoundError: there is none, or there are several.
    """
    found = await library_of(queue).get(generation_id)
    if as_json:
        print_json(generation_json(queue, found))
        return
    console = Console()
    paths = {one.artifact_id: queue.artifact_path(one) for one in found.artifacts}
    for part in card(found, paths):
        console.print(part, soft_wrap=isinstance(part, Text))


async def show_workflow(queue: JobQueue, generation_id: str, *, as_json: bool) -> None:
    """Print the workflow of a generation, which is JSON in any case.

    Raises:
        GenerationNotFoundError: there is none, or there are several.
    """
    del as_json
    print_json(await _workflow(queue, await library_of(queue).get(generation_id)))


async def rerun(queue: JobQueue, generation_id: str, wanted: Wanted) -> int:
    """Have the same made once more, wait for it if that is wanted, and return the exit code.

    Raises:
        GenerationNotFoundError: there is none, or there are several.
        JobError: the queue is full.
    """
    found = await library_of(queue).get(generation_id)
    request = again(found, await queue.store.request(found.generation_id))
    return await follow(queue, await queue.submit([request]), (), wanted)


async def compare(queue: JobQueue, before: str, after: str, *, as_json: bool) -> int:
    """Print in what two generations differ, and return the exit code: 1 if they do in more than the time they took.

    Raises:
        GenerationNotFoundError: one of them is not there, or several are.
    """
    library = library_of(queue)
    a, b = await library.get(before), await library.get(after)
    found = diff(a, b, (await _workflow(queue, a), await _workflow(queue, b)))
    is_same = is_same_outcome(a, b)
    if as_json:
        print_json({"is_same_outcome": is_same, "differences": [one.as_json() for one in found]})
    else:
        console = Console()
        if found:
            console.print(difference_table(found))
        console.print("The files are the very same." if is_same else "The files are not the same.", highlight=False)
    return EXIT_FAILURE if any(not one.is_of_time for one in found) else 0


async def prune(queue: JobQueue, age: float, *, as_json: bool) -> None:
    """Forget the recipes that are older than so many seconds and were never run."""
    gone = await Recipes(queue.store.transactions).prune(time.time() - age)
    if as_json:
        print_json({"deleted": gone})
    else:
        said = "1 recipe is" if gone == 1 else f"{gone:,} recipes are"
        Console().print(f"{said} forgotten.", highlight=False)


def library_of(queue: JobQueue) -> Library:
    """Return the library of a queue's database."""
    return Library(queue.store.transactions)


def generation_json(queue: JobQueue, generation: Generation) -> dict[str, Any]:
    """Return a generation as ``--json`` prints it, with the places of its files; times are in seconds since 1970."""
    made = [artifact_json(one, queue.artifact_path(one)) for one in generation.artifacts]
    return {**generation.as_json(), "artifacts": made}


def moment_of(name: str, said: str | None) -> float | None:
    """Return the moment that a person means, by a date in the time of the place or by an age.

    Raises:
        InvalidParameterError: it is neither.
    """
    if said is None:
        return None
    try:
        return dt.datetime.fromisoformat(said.strip()).astimezone().timestamp()
    except (ValueError, OverflowError):
        pass
    try:
        return time.time() - seconds_of(said)
    except InvalidParameterError as error:
        expected = "a date such as 2026-01-31 or 2026-01-31T18:00, or an age such as 7d or 12h"
        raise InvalidParameterError(name, said, expected) from error


async def _some(library: Library, query: Query, limit: int) -> list[Generation]:
    found: list[Generation] = []
    cursor: str | None = None
    while len(found) < limit:
        page = await library.search(query, min(limit - len(found), MOST), cursor)
        found += page.generations
        cursor = page.next
        if cursor is None:
            break
    return found


async def _workflow(queue: JobQueue, generation: Generation) -> dict[str, Any]:
    return workflow_of(generation, await queue.store.request(generation.generation_id))
