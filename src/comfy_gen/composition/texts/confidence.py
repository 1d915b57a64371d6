"""Says how sure it is that a text means a category, by the words that speak for it. Pure.

The numbers of `weights` are fitted to labelled sentences by `scripts/calibrate_categories.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.composition.texts.weights import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comfy_gen.composition.texts.clues import Clue
    from comfy_gen.composition.texts.weights import Weights


def sureness_of(clue: Clue, weights: Weights = WEIGHTS) -> float:
    """Return how sure one word makes it that its category is meant."""
    sureness = 1 - (1 - weights.levels[clue.level]) * (weights.alone if clue.is_alone else 1.0)
    for applies, factor in (
        (clue.is_typo, weights.typo),
        (clue.is_bent, weights.bent),
        (clue.is_before_thing, weights.before_thing),
        (clue.is_before_colour, weights.before_colour),
        (clue.is_second, weights.second),
        (clue.is_view, weights.view),
    ):
        sureness *= factor if applies else 1.0
    return sureness * weights.rival**clue.rivals


def confidence_of(clues: Iterable[Clue], weights: Weights = WEIGHTS) -> float:
    """Return how sure several words make it together: each leaves less doubt than there was."""
    doubt = 1.0
    for clue in clues:
        doubt *= 1 - sureness_of(clue, weights)
    return 1 - doubt
