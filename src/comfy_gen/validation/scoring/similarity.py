"""How like a picture is to what was asked for, told from their embeddings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from operator import mul

Vector = tuple[float, ...]
"""The embedding of a picture or a text, of length 1."""


@dataclass(frozen=True, slots=True)
class Score:
    """How like a picture is to two texts."""

    positive: float
    """Its similarity to the prompt, from 0 to 1."""
    negative: float | None = None
    """Its similarity to the negative prompt; None where there is none."""
    delta: float | None = None
    """How much nearer it is to the prompt than to the negative one."""


def similarity(one: Vector, other: Vector) -> float:
    """Return the cosine of two embeddings; 0 where they point away from each other, or are not numbers."""
    return min(1.0, max(0.0, sum(map(mul, one, other))))


def score_of(positive: float, negative: float | None = None) -> Score:
    """Return the score of a picture by its similarities."""
    return Score(positive, negative, None if negative is None else positive - negative)


def shortfalls(score: Score, threshold: float, delta_threshold: float | None) -> list[str]:
    """Return what a score lacks of what was asked for, in words."""
    reasons: list[str] = []
    if not score.positive >= threshold:  # NaN is in no order
        reasons.append(f"its similarity to the prompt is {score.positive:.3f}, below {threshold:.3f}")
    if delta_threshold is not None and score.delta is not None and not score.delta >= delta_threshold:
        reasons.append(
            f"it is nearer to the prompt than to the negative one by {score.delta:.3f}, not {delta_threshold:.3f}"
        )
    return reasons
