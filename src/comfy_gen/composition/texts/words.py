"""Takes a text apart into words, and tells the forms of one word from words that only look alike. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_BREAK = re.compile(r"[,.;:!?|\n\r\u2013\u2014]")
# What carries no meaning of its own to a reader: the name of a LoRA or embedding, and the number of a weight.
_MARKUP = re.compile(r"<[a-z]+:[^<>]*>|\bembedding:[^\s,()]+|:\s*[-+]?\d{0,9}\.?\d{1,9}(?=\s*[)\]])", re.IGNORECASE)
_LONGEST = 40
"""Letters of a word that count: none is longer, and what is read is remembered."""
_POSSESSIVE = re.compile(r"'s?$")
_BRITISH = re.compile(r"(arm|col|flav|glam|harb|neighb|parl|vap)our")
_SPELLINGS = {
    "grey": "gray",
    "theatre": "theater",
    "centre": "center",
    "jewellery": "jewelry",
    "aeroplane": "airplane",
    "cosy": "cozy",
    "pyjamas": "pajamas",
    "tyre": "tire",
}
_PLURALS = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "kids": "kid",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "wolves": "wolf",
    "leaves": "leaf",
    "loaves": "loaf",
    "knives": "knife",
    "shelves": "shelf",
    "calves": "calf",
    "elves": "elf",
    "cacti": "cactus",
    "fungi": "fungus",
    "octopi": "octopus",
}
_VERBAL = ("ing", "ed")
# Beyond the letters that two forms share. A stem alone is too generous: that of "anime" and of "animal" is one.
_ENDING = re.compile(r"|e?s|e|e?d|ing|ings|y|ie[sdr]|iest|e?rs?|est|l?ly|ally|n|en|m|t|ts|tic")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text."""

    text: str
    """As it stands there."""
    start: int
    end: int
    form: str
    """In lower case, without accents and possessive, in American spelling."""
    mark: str
    """What parts it from the word before: a comma, a full stop …; empty where only blanks or hyphens do."""
    is_hyphenated: bool
    """A hyphen alone parts it from the word before."""

    @property
    def is_name(self) -> bool:
        """Tell whether it may be a name, by its capital."""
        return self.text[0].isupper() and self.text[1:].islower()


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text; what is markup for a sampler is none."""
    return tuple(_words(_MARKUP.sub(_blank, text), text))


def _words(read: str, text: str) -> Iterator[Word]:
    last = 0
    for match in _WORD.finditer(read):
        start, end = match.span()
        mark = _BREAK.search(read, last, start)
        yield Word(
            text=text[start:end],
            start=start,
            end=end,
            form=form_of(match[0][:_LONGEST]),
            mark=mark[0] if mark and last else "",
            is_hyphenated=read[last:start] == "-",
        )
        last = end


def _blank(match: re.Match[str]) -> str:
    # As long as what it replaces, so that places stay; a tag, but no weight, parts words like a comma.
    return (" " if match[0].startswith(":") else ",").ljust(len(match[0]))


@lru_cache(32_768)
def form_of(word: str) -> str:
    """Return a word as dictionaries have it, but for its inflection."""
    plain = word.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.replace("\u2019", "'"))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _POSSESSIVE.sub("", plain)
    return _SPELLINGS.get(plain) or _BRITISH.sub(r"\1or", plain)


@lru_cache(32_768)
def stem_of(form: str) -> str:
    """Return what the forms of a word have in common."""
    from snowballstemmer.english_stemmer import EnglishStemmer  # noqa: PLC0415 - late: it loads all languages

    # A stemmer of its own each time: it keeps the word it is at, and threads would share that.
    word = _PLURALS.get(form, form)
    return str(EnglishStemmer().stemWord(word))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - it has no types


@lru_cache(4096)
def is_form(one: str, other: str) -> bool:
    """Tell whether two words with the same stem are forms of one word, and no mere relatives."""
    one, other = _PLURALS.get(one, one), _PLURALS.get(other, other)
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    return all(_is_ending(word[shared:], word[shared - 1 : shared]) for word in (one, other))


def _is_ending(ending: str, before: str) -> bool:
    """Tell whether the letters inflect a word; one that is doubled before them (running) is none of them."""
    if _ENDING.fullmatch(ending):
        return True
    return ending[:1] == before and _ENDING.fullmatch(ending[1:]) is not None


def is_inflected(form: str, keyword: str) -> bool:
    """Tell whether a form is a verb's, and the keyword is not."""
    return form != keyword and form.endswith(_VERBAL) and not keyword.endswith(_VERBAL)
