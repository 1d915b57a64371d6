"""What there is to work with: workflows, and the model files of the engines. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.workflows.families import family_in
from comfy_gen.workflows.matching import match_model, stem_of
from comfy_gen.workflows.models import BUILT_IN
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comfy_gen.workflows.template import ModelNeed, Template

_SEPARATORS = re.compile(r"[\W_]+")
_ALIKE = 0.9
"""How much of two names must be the same for one file to stand for the other."""


class Located(NamedTuple):
    """A file that a name leads to."""

    file: str
    why: str = ""
    """Why it is another file than the one that was named; empty if it is not."""


@dataclass(frozen=True)
class Stock:
    """Workflows and models."""

    templates: tuple[Template, ...]
    """In the order of preference."""
    models: Mapping[str, Collection[str]] | None = None
    """The files that the engines have, by folder; None where no engine answers, and nothing is known."""
    names: tuple[tuple[str, str], ...] = ()
    """What engines call a model: patterns of names that recipes use, each with the file. The first that fits counts."""
    max_lora_strength: float = 2.0
    """Of all LoRAs of a recipe together."""

    def locate(self, name: str, folder: str) -> Located | None:
        """Return the file that a name means: itself, what the configuration says, or its like in another folder."""
        mapped = next((file for pattern, file in self.names if fnmatchcase(name, pattern)), None)
        if self.models is None:
            return Located(name) if mapped is None else Located(mapped, f"{name} is called {mapped} here")
        files = self._files(folder)
        if name in files:
            return Located(name)
        if mapped is not None and (file := match_model(mapped, files)) in files:
            return Located(file, f"{name} is called {file} here")
        same = _by_stem(files).get(stem_of(name).casefold())
        return Located(same, f"{name} is {same} on the engines") if same else None

    def similar(self, name: str, folder: str) -> Located | None:
        """Return a file with a name so much alike that it is surely another version of it."""
        file = _similar(name, self._files(folder))
        return Located(file, f"the engines have no {name}, but {file}") if file else None

    def has(self, need: ModelNeed) -> bool:
        """Tell whether the engines have a file, as far as anything is known of them."""
        if self.models is None or need.file in BUILT_IN.get(need.folder, ()):
            return True
        files = self._files(need.folder)
        return need.file in files or need.file.replace("/", "\\") in files

    def nearest(self, name: str, folder: str) -> tuple[str, ...]:
        """Return the files of a folder with the names most like this one."""
        return nearest_names(name, sorted(self._files(folder)))

    def _files(self, folder: str) -> frozenset[str]:
        return self._folders.get(folder, frozenset())

    @cached_property
    def _folders(self) -> dict[str, frozenset[str]]:
        return {folder: frozenset(files) for folder, files in (self.models or {}).items()}


# The engines' files are the same from one recipe to the next, and there may be thousands of them.
@lru_cache(maxsize=64)
def _by_stem(files: frozenset[str]) -> dict[str, str]:
    """Return the files by their stems, where only one of them has it."""
    found: dict[str, list[str]] = {}
    for file in sorted(files):
        found.setdefault(stem_of(file).casefold(), []).append(file)
    return {stem: those[0] for stem, those in found.items() if len(those) == 1}


@lru_cache(maxsize=64)
def _by_letters(files: frozenset[str]) -> dict[str, str]:
    return {_letters(file): file for file in sorted(files)}


@lru_cache(maxsize=1024)
def _similar(name: str, files: frozenset[str]) -> str | None:
    letters = _by_letters(files)
    matches = get_close_matches(_letters(name), letters, n=3, cutoff=_ALIKE)
    return next((letters[one] for one in matches if family_in(letters[one]) == family_in(name)), None)


def _letters(file: str) -> str:
    return _SEPARATORS.sub("", stem_of(file).casefold())
