"""Learns from which similarity on a picture fits its prompt, by pictures that do. Pure.

Each picture is compared with its own prompt and with those of the others: the threshold is where the two kinds of
similarity are told apart best. Models differ too much for one that suits them all.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.errors import CalibrationError
from comfy_gen.validation.scoring.prompt_text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEWEST_PAIRS = 8
"""Of picture and prompt: of fewer, one odd picture would decide."""
LEAST_AUC = 0.65
"""A model that tells fewer comparisons apart than this is of no use, however many there were."""
_CHANCE = 2.0
"""Standard errors above one half within which what was seen may well be luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How similarities of one kind are spread."""

    count: int
    least: float
    lower: float
    """A quarter of them are below it."""
    median: float
    upper: float
    """A quarter of them are above it."""
    most: float
    passed: float
    """The part of them, from 0 to 1, that the threshold lets pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was learnt of a model."""

    threshold: float
    """Pictures with this similarity to their prompt, or a higher one, pass."""
    pairs: int
    """Of picture and prompt, of which it was learnt."""
    auc: float
    """How often, from 0 to 1, a picture is more like its own prompt than another picture is like one not its own."""
    own: Spread
    """Of pictures and their own prompts: what of them passes is rightly let pass."""
    other: Spread
    """Of pictures and the prompts of others: what of them passes is let pass by mistake."""
    at: float
    """When."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_json` made this of.

        Raises:
            ValueError: it is nothing of the kind.
        """
        try:
            numbers = {name: _number(data[name]) for name in ("threshold", "auc", "at")}
            own, other = (Spread(**_spread(data[name])) for name in ("own", "other"))
            return cls(**numbers, pairs=int(_number(data["pairs"])), own=own, other=other)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def learn(similarities: Sequence[Sequence[float]], prompts: Sequence[str], *, at: float) -> Calibration:
    """Return the threshold that best tells pictures with their own prompts from pictures with others'.

    It is the one with the most of the right pictures let pass, less the part of the wrong ones (Youden's J), half way
    between two similarities that were seen; of several, the lowest.

    Args:
        similarities: for each picture a row, with its similarity to each prompt, its own at its own place.
        prompts: of the pictures. Equal ones are not held against each other.
        at: when this is.

    Raises:
        CalibrationError: nothing can be learnt of these.
    """
    check_prompts(prompts)
    own, other = compared(similarities, prompts)
    if not all(map(math.isfinite, [*own, *other])):
        raise CalibrationError("the model gives similarities that are no numbers")
    auc = _auc(own, other)
    _check_auc(auc, len(own), len(other))
    threshold = _best(own, other)
    return Calibration(
        threshold=threshold,
        pairs=len(own),
        auc=auc,
        own=_spread_of(own, threshold),
        other=_spread_of(other, threshold),
        at=at,
    )


def compared(similarities: Sequence[Sequence[float]], prompts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the similarities of pictures to their own prompts, and those to the prompts of others; each in order."""
    texts = [_worded(prompt) for prompt in prompts]
    own = sorted(row[place] for place, row in enumerate(similarities))
    other = sorted(
        value
        for place, row in enumerate(similarities)
        for text, value in zip(texts, row, strict=True)
        if text != texts[place]
    )
    return own, other


def check_prompts(prompts: Sequence[str]) -> None:
    """Do nothing, if something may be learnt of pictures with these prompts.

    Raises:
        CalibrationError: they are too few, or all the same.
    """
    if len(prompts) < FEWEST_PAIRS:
        has = "1 picture with a prompt is" if len(prompts) == 1 else f"{len(prompts)} pictures with a prompt are"
        raise CalibrationError(f"{has} too few")
    if len({_worded(prompt) for prompt in prompts}) == 1:
        raise CalibrationError("all the prompts are the same, so that there is none that a picture does not fit")


def _check_auc(auc: float, own: int, other: int) -> None:
    """Refuse what a model without any idea of the pictures would reach in one of forty cases, or nearly reaches."""
    luck = math.sqrt((own + other + 1) / (12 * own * other))
    least = max(LEAST_AUC, 0.5 + _CHANCE * luck)
    if auc < least:
        raise CalibrationError(
            f"the model hardly tells a picture's own prompt from others: it is right in {auc:.0%} of the comparisons"
            f" of {own} pictures, where guessing gives 50% and {least:.0%} is needed"
        )


def _auc(own: Sequence[float], other: Sequence[float]) -> float:
    """Return how often one of the first is higher than one of the second; what is equal counts half."""
    won = sum(bisect_left(other, value) + bisect_right(other, value) for value in own)
    return won / (2 * len(own) * len(other))


def _best(own: Sequence[float], other: Sequence[float]) -> float:
    values = sorted({*own, *other})
    # One half between two neighbours may be rounded to the lower; then that would pass, so that the upper is taken.
    middles = [middle if (middle := (low + high) / 2) > low else high for low, high in pairwise(values)]
    # In whole numbers, for what is equal must be; the first of the highest is the lowest of them.
    return max(middles, key=lambda middle: _passed(own, middle) * len(other) - _passed(other, middle) * len(own))


def _passed(values: Sequence[float], threshold: float) -> int:
    """Return how many of sorted values a threshold lets pass."""
    return len(values) - bisect_left(values, threshold)


def _spread_of(values: Sequence[float], threshold: float) -> Spread:
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(
        count=len(values),
        least=values[0],
        lower=lower,
        median=median,
        upper=upper,
        most=values[-1],
        passed=_passed(values, threshold) / len(values),
    )


def _worded(prompt: str) -> str:
    """Return what a model reads of a prompt, however it is spaced."""
    return " ".join(plain(prompt).split()).casefold()


def _spread(data: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: _number(data[one.name]) for one in fields(Spread)} | {"count": int(_number(data["count"]))}


def _number(value: object) -> float:
    """Return a number of a file.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
