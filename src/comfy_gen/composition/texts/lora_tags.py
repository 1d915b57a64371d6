"""Finds the LoRAs that a text names as ``<lora:NAME:0.8>``, and takes them out of it: no node reads them. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from comfy_gen.composition.recipe import RecipeLora
from comfy_gen.composition.texts.tags import joined

_TAG = re.compile(r"<lora:(?=\s*[^\s<>:])([^<>:]+)(?::([^<>]*))?>", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*")


class Named(NamedTuple):
    """A text and the LoRAs that stood in it."""

    text: str
    """Without them."""
    loras: tuple[RecipeLora, ...] = ()
    """In their order; one without a number has the strength 1."""
    cuts: tuple[tuple[int, int], ...] = ()
    """Where they stood: from one place up to another."""


def take_loras(text: str) -> Named:
    """Return the text without its LoRAs, and the LoRAs.

    Of several numbers the first counts, for the model and the text encoder alike.
    """
    rest, loras, cuts, last = "", list[RecipeLora](), list[tuple[int, int]](), 0
    for match in _TAG.finditer(text):
        before = text[last : match.start()]
        rest, last = joined(rest, before) if last else before, match.end()
        loras.append(RecipeLora(match[1].strip(), _strength(match[2] or "")))
        cuts.append(match.span())
    if not loras:
        return Named(text)
    return Named(joined(rest, text[last:]).strip(), tuple(loras), tuple(cuts))


def _strength(said: str) -> float:
    numbers = (part for part in said.split(":") if _NUMBER.fullmatch(part))
    return float(next(numbers, 1.0))
