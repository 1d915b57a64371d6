"""What is asked of a job's pictures: what they must be like, and how often they may be made. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.errors import InvalidParameterError
from comfy_gen.validation.retry import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_RETRIES = 10
"""Takes that one picture may need."""
MOST_CANDIDATES = 16
"""Takes that the best may be chosen of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What is asked of a job's pictures; they are judged in any case."""

    auto_retry: bool = False
    """Whether another take follows one that did not pass."""
    retry_limit: int = 3
    """How many takes are made until one passes, with the first."""
    retry_strategy: str = "progressive"
    """What another take changes; see `retry.get_retry_params`."""
    positive_threshold: float | None = None
    """The similarity to the prompt from which a picture passes; None: the one that is usual for the model."""
    delta_threshold: float | None = None
    """By how much it must be nearer to the prompt than to the negative one; None: that is not asked."""
    best_of: int = 1
    """How many takes are made in any case, each with another seed, to choose the best of."""

    @property
    def most_takes(self) -> int:
        """How many takes there are at most: the candidates, and what is tried where none of them passes."""
        return self.best_of + (self.retry_limit - 1 if self.auto_retry else 0)

    @property
    def scored(self) -> Sequence[str]:
        """What of it makes no sense without a model that compares pictures with the prompt, by name."""
        thresholds = [name for name in ("positive_threshold", "delta_threshold") if getattr(self, name) is not None]
        return [*thresholds, *(["best_of"] if self.best_of > 1 else [])]

    @property
    def needs_scores(self) -> bool:
        """Whether there is anything of that."""
        return bool(self.scored)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_json` made this of."""
        return cls(**data)


def quality_of(
    *,
    validate: bool | None = None,
    auto_retry: bool | None = None,
    retry_limit: int | None = None,
    retry_strategy: str | None = None,
    positive_threshold: float | None = None,
    delta_threshold: float | None = None,
    best_of: int | None = None,
) -> Quality | None:
    """Return what somebody asks of the pictures, of what they said; None where nobody is to look at them.

    Whoever says one thing need not say what it takes: any of these has pictures judged, and how to retry says that
    it is to be done.

    Raises:
        InvalidParameterError: values are outside what can work, or contradict each other; it names all of them.
    """
    said: dict[str, Any] = {
        "auto_retry": auto_retry,
        "retry_limit": retry_limit,
        "retry_strategy": retry_strategy,
        "positive_threshold": positive_threshold,
        "delta_threshold": delta_threshold,
        "best_of": best_of,
    }
    given = {name: value for name, value in said.items() if value is not None}
    if problems := list(_problems(validate, given)):
        problems[0].others = tuple(problems[1:])
        raise problems[0]
    if not (validate or _asking(given)):
        return None
    if auto_retry is None and given.keys() & {"retry_limit", "retry_strategy"}:
        given["auto_retry"] = True
    return Quality(**given)


_RANGES: Mapping[str, tuple[float, float]] = {
    "retry_limit": (1, MOST_RETRIES),
    "positive_threshold": (0, 1),
    "delta_threshold": (-1, 1),
    "best_of": (1, MOST_CANDIDATES),
}


def _problems(validate: bool | None, given: Mapping[str, Any]) -> Iterator[InvalidParameterError]:  # noqa: FBT001  # the one that is not among the others
    for name, (least, most) in _RANGES.items():
        if name in given and not least <= given[name] <= most:
            yield InvalidParameterError(name, given[name], f"from {least} to {most}")
    strategy = given.get("retry_strategy")
    if strategy is not None and strategy not in STRATEGIES:
        yield InvalidParameterError("retry_strategy", strategy, f"one of {', '.join(STRATEGIES)}")
    if validate is False and (asking := _asking(given)):
        yield InvalidParameterError("validate", "false", f"true or left out, for {asking[0]} has pictures judged")
    if given.get("auto_retry") is False and (hows := given.keys() & {"retry_limit", "retry_strategy"}):
        yield InvalidParameterError("auto_retry", "false", f"true or left out, where there is a {min(hows)}")


def _asking(given: Mapping[str, Any]) -> list[str]:
    """Return the names of what has pictures judged; no retry and the best of one ask for nothing."""
    return [name for name, value in given.items() if (name, value) not in {("auto_retry", False), ("best_of", 1)}]
