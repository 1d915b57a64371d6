"""Says what is wrong with files of categories, by themselves and together with those that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.categories.folder import look, read_file
from comfy_gen.composition.categories.precedence import together
from comfy_gen.composition.categories.relations import problems_between
from comfy_gen.errors import CategoryFileError
from comfy_gen.workflows.catalogue import template_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from comfy_gen.composition.categories.reading import Marked
    from comfy_gen.composition.categories.registry import Registry


class Checked(NamedTuple):
    """What was found."""

    categories: tuple[str, ...]
    """The ids of those that can be read."""
    problems: tuple[str, ...]


def check(paths: Iterable[Path], known: Registry) -> Checked:
    """Check files, and all files of folders, as if they were used beside the categories that are known."""
    given: dict[str, Marked] = {}
    problems: list[str] = []
    for path in paths:
        found, wrong = _read(path)
        given |= found
        problems += wrong
    used = together(known.all, (marked.category for marked in given.values()))
    places = {name: marked.places for name, marked in given.items()}
    sources = tuple(f"{marked.category.source}{end}" for marked in given.values() for end in ",:")
    between = problems_between(used, places, workflows=template_names())
    return Checked(tuple(sorted(given)), (*problems, *(said for said in between if said.startswith(sources))))


def _read(path: Path) -> tuple[dict[str, Marked], tuple[str, ...]]:
    if path.is_dir():
        contents = look(path)
        return dict(contents.marked), contents.problems
    try:
        marked = read_file(path)
    except CategoryFileError as error:
        return {}, tuple(error.problems)
    return {marked.category.id: marked}, ()
