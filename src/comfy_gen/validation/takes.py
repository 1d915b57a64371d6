"""Takes: how often a job's pictures are made until they are good enough, and which of them are kept. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.validation.retry import DEFAULT_CFG, DEFAULT_STEPS, RetryParams, retry_params

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.validation.gate import PictureVerdict
    from comfy_gen.validation.quality import Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One making of a job's pictures, and what was found of them."""

    number: int
    """From 1."""
    passed: bool | None
    """Whether all its pictures did; None where that cannot be told."""
    score: float | None = None
    """Of the picture that is least like the prompt, from 0 to 1; None where nothing compared them."""
    flaws: int = 0
    """How many of the checks that need no model found something."""
    reason: str = ""
    """Why it did not pass, or could not be judged."""
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What was set for it: of ``seed``, ``steps``, ``cfg``, ``positive_prompt``, ``negative_prompt``."""
    lacks: Sequence[str] = ()
    """What it has not of all that was asked for: outputs that the engine dropped, pictures that are withheld."""
    verdicts: Sequence[Mapping[str, Any]] = ()
    """Of each picture that there is, by its ``artifact_id``."""
    attempt: int = 0
    """The job's attempt that made it."""
    engine: str = ""
    at: float = 0.0
    """When it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a workflow has, before takes change it; None where it has no such thing."""

    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    positive_prompt: str | None = None
    negative_prompt: str | None = None


def wants_another(quality: Quality, origin: Origin, takes: Sequence[Take]) -> bool:
    """Tell whether another take is to follow on these: it is asked for, and would not come out the same."""
    return asks_for_more(quality, takes) and not repeats(quality, origin, takes)


def asks_for_more(quality: Quality, takes: Sequence[Take]) -> bool:
    """Tell whether more takes than these are asked for.

    The candidates are made first. Where none of them passes, retries follow until one does or the limit is reached.
    What cannot be judged is not made again, for nobody could tell whether it was better.
    """
    if any(take.passed is None for take in takes) or len(takes) >= quality.most_takes:
        return False
    return len(takes) < quality.best_of or not any(take.passed for take in takes)


def repeats(quality: Quality, origin: Origin, takes: Sequence[Take]) -> bool:
    """Tell whether the take that follows on these would change nothing, or what one of them has changed.

    A seed, where there is one, is new each time: without it words that were tried give what they gave.
    """
    changed = changes(quality, origin, len(takes) + 1)
    return not changed or any(changed == take.changes for take in takes)


def take_of(pictures: Sequence[PictureVerdict], **known: Any) -> Take:
    """Return the take of which these were the verdicts: it is as good as the worst of its pictures.

    ``known`` is what else there is to say of it.
    """
    standings = {picture.passed for picture in pictures}
    passed = False if False in standings else None if None in standings or not pictures else True
    scores = [picture.score for picture in pictures if picture.score is not None]
    return Take(
        passed=passed,
        score=min(scores, default=None),
        flaws=sum(picture.flaws for picture in pictures),
        reason=_reason(pictures) if pictures else "there is no picture that could be judged",
        **known,
    )


def best(takes: Sequence[Take]) -> Take:
    """Return the take that is the result: one that passed, is whole, has the fewest flaws, is the most like its prompt.

    One that has no picture to show is so only where no other has any.
    """
    return max(takes, key=_worth)


def changes(quality: Quality, origin: Origin, number: int) -> dict[str, Any]:
    """Return what to set in a workflow for a take; nothing for the first.

    It is the same each time it is asked, for it follows from the first seed: whoever goes on with a job after a crash
    makes the same take, and the same request makes the same pictures. What the workflow does not have is not set, nor
    is a cfg of 1: models that were made for it have no other.
    """
    if number == 1:
        return {}
    seed = _seed(origin.seed or 0, number)
    if number <= quality.best_of:
        return {} if origin.seed is None else {"seed": seed}
    base = RetryParams(
        steps=DEFAULT_STEPS if origin.steps is None else origin.steps,
        cfg=DEFAULT_CFG if origin.cfg is None else origin.cfg,
        seed=origin.seed or 0,
        positive_prompt=origin.positive_prompt or "",
        negative_prompt=origin.negative_prompt or "",
    )
    wanted = retry_params(number - quality.best_of + 1, quality.retry_strategy, base, seed=seed)
    return {name: value for name, value in wanted.items() if _is_settable(getattr(origin, name), name, value)}


def summary(takes: Sequence[Take]) -> dict[str, Any]:
    """Return what is told of a job's takes in short: of the best of them, and how many there are."""
    if not takes:
        return {"passed": None, "score": None, "reason": "", "take": None, "takes": 0}
    kept = best(takes)
    return {
        "passed": kept.passed,
        "score": kept.score,
        "reason": kept.reason,
        "take": kept.number,
        "takes": len(takes),
    }


def _reason(verdicts: Sequence[PictureVerdict]) -> str:
    said = [(place, verdict.reason) for place, verdict in enumerate(verdicts, start=1) if verdict.reason]
    if len({reason for _, reason in said}) == 1 and len(said) == len(verdicts):
        return said[0][1]
    return "; ".join(f"picture {place}: {reason}" for place, reason in said)


def _worth(take: Take) -> tuple[int, bool, bool, int, float, int]:
    standing = {True: 2, None: 1, False: 0}[take.passed]
    has_some, is_whole = bool(take.verdicts or not take.lacks), not take.lacks
    return standing, has_some, is_whole, -take.flaws, -1.0 if take.score is None else take.score, -take.number


def _is_settable(had: object, name: str, value: object) -> bool:
    return had is not None and had != value and not (name == "cfg" and had == 1)


def _seed(first: int, number: int) -> int:
    """Return the seed of a take: as good as random, and always the same."""
    return int.from_bytes(hashlib.sha256(f"{first}/{number}".encode()).digest()[:4])
