"""Finds the names that a misspelt one was probably meant to be: model files, node classes, samplers. Pure."""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

_EXTENSION = re.compile(r"\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx|png|jpe?g|webp|gif|mp4|json)$")
_SEPARATORS = re.compile(r"[\W_]+")
MOST_LETTERS = 300
"""No name is longer; what is, is like none, and to compare it takes as long as it is."""
_SEARCHES: ContextVar[Iterator[int] | None] = ContextVar("_SEARCHES", default=None)
"""One element for each search that may still be made; None where nobody counts."""


class _Spelling(NamedTuple):
    """One name in the forms that people confuse."""

    whole: str
    """In lower case, with the path separators of POSIX."""
    stem: str
    """Without folder and without a file's extension: the part people remember."""
    letters: str
    """The stem's letters and digits alone: ``SDXL-base_1.0`` and ``sdxl base 10`` are one."""


@contextmanager
def at_most(searches: int) -> Generator[None]:
    """Have `nearest_names` search so often, and find nothing after that: each search takes milliseconds.

    It is for what strangers send, where every name may be an unknown one.
    """
    token = _SEARCHES.set(iter(range(searches)))
    try:
        yield
    finally:
        _SEARCHES.reset(token)


def nearest_names(name: str, names: Iterable[str], limit: int = 5) -> tuple[str, ...]:
    """Return the ``limit`` names most like ``name``, best first.

    Case, folder, path separator, file extension and punctuation count for little. There is no cut-off: who reads
    the answer learns at least what there is. Names equally near keep their order.
    """
    left = _SEARCHES.get()
    if len(name) > MOST_LETTERS or (left is not None and next(left, None) is None):
        return ()
    wanted = _spell(name)
    # A dict: each name once, in its own order.
    ranked = sorted(dict.fromkeys(names), key=lambda other: _likeness(wanted, _spell(other)), reverse=True)
    return tuple(ranked[:limit])


def _spell(name: str) -> _Spelling:
    whole = name.strip().lower().replace("\\", "/")
    stem = _EXTENSION.sub("", whole.rsplit("/", 1)[-1])
    return _Spelling(whole, stem, _SEPARATORS.sub("", stem))


def _likeness(wanted: _Spelling, other: _Spelling) -> float:
    """Return 0 to 1 for similar letters, and a whole step more for each stronger reason to take ``other``."""
    alike = SequenceMatcher(None, wanted.whole, other.whole, autojunk=False).ratio()
    if wanted.whole == other.whole:
        return 4 + alike
    if wanted.stem == other.stem:
        return 3 + alike
    if wanted.letters == other.letters:
        return 2 + alike
    if _contains(wanted.letters, other.letters):
        return 1 + alike
    return max(alike, SequenceMatcher(None, wanted.letters, other.letters, autojunk=False).ratio())


def _contains(one: str, another: str) -> bool:
    # Two letters are part of half of all names, and say nothing.
    shorter, longer = sorted((one, another), key=len)
    return len(shorter) > 2 and shorter in longer
