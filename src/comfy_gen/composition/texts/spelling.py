"""Finds the keyword that a misspelt word was meant to be. Loads its dictionary when the first one is asked for."""

from __future__ import annotations

from functools import cache, cached_property
from importlib import resources
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from symspellpy import SymSpell

_DICTIONARY = "frequency_dictionary_en_82_765.txt"
_SHORTEST = 4
"""Letters: of shorter words too many differ by one."""
_LONG = 8
"""Letters from which a word may have two mistakes."""
_KEPT = 10_000
"""Words whose correction is remembered."""


class Spelling:
    """Corrects words towards those of a lexicon, and leaves real words alone."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._forms = frozenset(form for form in forms if len(form) >= _SHORTEST and form.isalpha())
        self._known: dict[str, str | None] = {}
        # The index measures distances in lists of its own, which two threads would mix up.
        self._lock = Lock()

    def correct(self, form: str) -> str | None:
        """Return the word of the lexicon that a word is a misspelling of; None for a word of its own."""
        nearest = self._known.get(form, "")
        if nearest == "":  # not asked for yet
            nearest = self._nearest(form)
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[form] = nearest
        return nearest

    def _nearest(self, form: str) -> str | None:
        if len(form) < _SHORTEST or not form.isalpha() or is_english(form):
            return None
        from symspellpy import Verbosity  # noqa: PLC0415 - late: few texts have misspelt words

        distance = 2 if len(form) >= _LONG else 1
        for one in dict.fromkeys((form, form.removesuffix("s"))):
            with self._lock:
                found = self._index.lookup(one, Verbosity.CLOSEST, max_edit_distance=distance)
            if likely := [each.term for each in found if _is_likely(form, each.term)]:
                # Of words equally near, the one with the same letters: a "gril" is a girl, and no grill.
                return min(likely, key=lambda term: (sorted(term) != sorted(one), term))
        return None

    @cached_property
    def _index(self) -> SymSpell:
        from symspellpy import SymSpell  # noqa: PLC0415 - late, as above

        # A shorter prefix than usual: built in half the time, and few words are looked up.
        index = SymSpell(max_dictionary_edit_distance=2, prefix_length=5)
        for form in sorted(self._forms):
            index.create_dictionary_entry(form, 1)
        return index


def _is_likely(form: str, other: str) -> bool:
    # People rarely get the first letter wrong, but for one that changed places with the second.
    if form[0] != other[0] and form[:2] != other[1::-1]:
        return False
    # Of short words too many differ by another letter alone.
    return len(form) > _SHORTEST or len(other) != len(form) or sorted(form) == sorted(other)


def is_english(form: str) -> bool:
    """Tell whether a dictionary has the word, or what it is a form of."""
    known = _dictionary()
    return form in known or any(base in known for base in _bases_of(form))


def _bases_of(form: str) -> list[str]:
    stripped = [form.removesuffix(ending) for ending in _ENDINGS if form.endswith(ending)]
    return [base for base in stripped if len(base) >= _SHORTEST]


_ENDINGS = ("s", "es", "d", "ed", "ing", "er", "ly")


@cache
def _dictionary() -> frozenset[str]:
    """Return some eighty thousand English words."""
    text = (resources.files("symspellpy") / _DICTIONARY).read_text(encoding="utf-8-sig")
    return frozenset(line.partition(" ")[0] for line in text.splitlines())
