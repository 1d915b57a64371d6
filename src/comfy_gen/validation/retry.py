"""How to try again: prompts and parameters for another attempt. Pure.

The three strategies and their numbers are documented behaviour; see docs/api.md.
"""

from __future__ import annotations

import random
import re
from typing import TypedDict

from comfy_gen.errors import InvalidParameterError

MAX_CFG = 20.0
DEFAULT_STEPS = 30
DEFAULT_CFG = 7.0
MAX_SEED = 2**32 - 1
"""Large enough never to meet twice, small enough for every tool that shows a seed."""

_SEEDS = 2**64
"""That ComfyUI takes."""
_MOST_STEPS = 10_000
"""That its samplers take."""

COUNT_WORDS = ("single", "one", "solo", "alone")
"""Words that say how many: models overlook them most."""
RETRY_NEGATIVES = ("duplicate", "cloned", "ghosting", "mirrored")

STRATEGIES = ("progressive", "seed_search", "prompt_enhance")

_PROGRESSIVE_STEPS = (30, 50, 80)
_PROGRESSIVE_CFG = 0.5
"""Added to cfg with each attempt."""
_SEED_OFFSETS = (0, 1000, 5000)
_ENHANCEMENTS = ("", ", highly detailed, sharp focus", ", masterpiece, best quality, 8K, ultra detailed")


class RetryParams(TypedDict):
    """What to set for one attempt."""

    steps: int
    cfg: float
    seed: int
    positive_prompt: str
    negative_prompt: str


def adjust_prompt_for_retry(positive_prompt: str, negative_prompt: str, attempt: int) -> tuple[str, str]:
    """Return both prompts, changed so that the count of things is taken more seriously.

    Words such as "single" get a weight of 1.3 in the first retry and 0.2 more in each that follows, up to 1.9; words
    that already have a weight get the new one. The usual names of duplicates are added to the negative prompt, once.

    Args:
        positive_prompt: what should be seen.
        negative_prompt: what should not.
        attempt: number of the retry, from 1.
    """
    weight = min(1.3 + 0.2 * (max(attempt, 1) - 1), 1.9)
    return _weigh(positive_prompt, weight), _append_missing(negative_prompt, RETRY_NEGATIVES)


def get_retry_params(
    attempt: int,
    strategy: str,
    base_steps: int | None = None,
    base_cfg: float | None = None,
    base_seed: int | None = None,
    base_prompt: str = "",
    base_negative: str = "",
) -> RetryParams:
    """Return the parameters of one attempt, the first of which changes nothing but the seed's default.

    Strategies:

    - ``progressive``: more steps (30, 50, 80 and on in proportion to ``base_steps``) and cfg (+0.5 each), new seeds;
    - ``seed_search``: only the seed moves, by 0, 1000, 5000, and 4000 more for each further attempt;
    - ``prompt_enhance``: words of quality are added to the prompt, new seeds.

    Args:
        attempt: number of the attempt; 1 is the initial one.
        strategy: one of the three.
        base_steps: 30 if None.
        base_cfg: 7.0 if None; the result is never above 20.
        base_seed: random if None.
        base_prompt: the original positive prompt.
        base_negative: the original negative prompt.

    Raises:
        InvalidParameterError: there is no such strategy, or the attempt is below 1.
    """
    if strategy not in STRATEGIES:
        raise InvalidParameterError("strategy", strategy, f"one of {', '.join(STRATEGIES)}")
    if attempt < 1:
        raise InvalidParameterError("attempt", attempt, "1 or more")
    base = RetryParams(
        steps=DEFAULT_STEPS if base_steps is None else base_steps,
        cfg=min(DEFAULT_CFG if base_cfg is None else base_cfg, MAX_CFG),
        seed=new_seed() if base_seed is None else base_seed,
        positive_prompt=base_prompt,
        negative_prompt=base_negative,
    )
    return retry_params(attempt, strategy, base, seed=new_seed())


def retry_params(attempt: int, strategy: str, base: RetryParams, *, seed: int) -> RetryParams:
    """Return the parameters of an attempt from 1 on; ``seed`` is the new one, where the strategy takes a new one."""
    if attempt == 1:
        return base
    match strategy:
        case "progressive":
            steps = _step_of(_PROGRESSIVE_STEPS, attempt) * base["steps"] / _PROGRESSIVE_STEPS[0]
            steps = min(steps, max(_MOST_STEPS, base["steps"]))
            cfg = min(base["cfg"] + _PROGRESSIVE_CFG * (attempt - 1), MAX_CFG)
            return {**base, "steps": round(steps), "cfg": cfg, "seed": seed}
        case "seed_search":
            return {**base, "seed": (base["seed"] + _step_of(_SEED_OFFSETS, attempt)) % _SEEDS}
        case _:
            words = _ENHANCEMENTS[min(attempt, len(_ENHANCEMENTS)) - 1]
            return {**base, "positive_prompt": base["positive_prompt"] + words, "seed": seed}


def new_seed() -> int:
    """Return a random seed."""
    return random.randint(0, MAX_SEED)  # noqa: S311  # a seed is no secret


def _step_of(known: tuple[int, ...], attempt: int) -> int:
    """Return the documented figure, or go on by the last difference beyond the last of them."""
    if attempt <= len(known):
        return known[attempt - 1]
    return known[-1] + (known[-1] - known[-2]) * (attempt - len(known))


def _weigh(prompt: str, weight: float) -> str:
    words = "|".join(COUNT_WORDS)
    pattern = re.compile(rf"\((?P<weighted>{words}):[\d.]+\)|\b(?P<plain>{words})\b", re.IGNORECASE)
    return pattern.sub(lambda found: f"({found['weighted'] or found['plain']}:{weight:.1f})", prompt)


def _append_missing(prompt: str, words: tuple[str, ...]) -> str:
    present = {part.strip().lower() for part in prompt.split(",")}
    missing = [word for word in words if word not in present]
    return ", ".join([prompt, *missing] if prompt.strip() else missing)
