"""Compares what parts of a prompt say: their words, whatever their case, number, punctuation and weight. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_NOISE = re.compile(r"<[^<>]*>|:\s*[\d.]+(?=\s*[)\]>])|[()\[\]{}\\]")
_TOKEN = re.compile(r"\w+|[,.;:!?\n|/]+")
_BREAK = "|"
_SIBILANTS = ("ches", "shes", "sses", "xes", "zes")


@lru_cache(maxsize=4096)
def sense_of(text: str) -> str:
    """Return the words of a text in the singular, between blanks, with a mark wherever a part of it ends.

    A text says another if its sense contains the other's. The sense of a text without words is empty.
    """
    tokens = _TOKEN.findall(_NOISE.sub("", text.casefold().replace("_", " ")))
    words = " ".join(map(_plain, tokens)).strip(f"{_BREAK} ")
    return f" {words} " if words else ""


def without(sense: str, *others: str) -> str:
    """Return a sense without what others say."""
    for other in others:
        sense = sense.replace(other, f" {_BREAK} ") if other else sense
    return sense


def _plain(token: str) -> str:
    """Return a word in the singular, and a mark for what stands between words."""
    if not token[0].isalnum():
        return _BREAK
    if len(token) < 4 or not token.endswith("s") or token.endswith(("ss", "us", "is")):
        return token
    if token.endswith("ies"):
        return f"{token[:-3]}y"
    return token[:-2] if token.endswith(_SIBILANTS) else token[:-1]
