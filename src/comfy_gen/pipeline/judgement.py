"""What was found of takes, in words and for programs: of one, and of all of a picture that was asked for. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.validation.takes import best, summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.validation.takes import Take

_FIGURES = ("seed", "steps", "cfg")
_PROMPTS = frozenset({"positive_prompt", "negative_prompt"})


@dataclass(frozen=True, slots=True)
class JudgedTake:
    """A take, and the prompt that made it: its files are the engine's under that id."""

    take: Take
    prompt_id: str

    def as_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        facts = asdict(self.take)
        del facts["attempt"]  # of jobs
        return facts | {"prompt_id": self.prompt_id}


@dataclass(frozen=True, slots=True)
class Judgement:
    """All takes of one picture that was asked for; there is one at least."""

    takes: Sequence[JudgedTake]

    @property
    def best(self) -> Take:
        """The one that is saved."""
        return best([one.take for one in self.takes])

    @property
    def summary(self) -> dict[str, Any]:
        """What is told of them in short, as it is of a job."""
        return summary([one.take for one in self.takes])

    @property
    def line(self) -> str:
        """What is told of a picture that did not pass, or could not be judged."""
        kept, count = self.best, len(self.takes)
        which = "" if count == 1 else f"take {kept.number} is the best of {count}: "
        return f"{which}{finding(kept.passed, kept.score, kept.reason)}"


def take_line(take: Take, seed: int | None = None) -> str:
    """Return what was found of a take, and what was changed for it; ``seed`` tells the picture from others."""
    of = "" if seed is None else f" of seed {seed}"
    changed = change_words(take.changes)
    by = f" ({changed})" if changed else ""
    return f"Take {take.number}{of}{by}: {finding(take.passed, take.score, take.reason)}"


def finding(passed: bool | None, score: float | None, reason: str) -> str:  # noqa: FBT001  # what it tells in words
    """Return what was found of pictures."""
    if not passed:
        return reason if passed is False else f"could not be judged: {reason}"
    return "passed" if score is None else f"passed, with a similarity to the prompt of {score:.3f}"


def change_words(changes: Mapping[str, Any]) -> str:
    """Return what was changed for a take in a few words; nothing for the first."""
    said = [f"{name} {changes[name]}" for name in _FIGURES if name in changes]
    return ", ".join([*said, *(["another prompt"] if changes.keys() & _PROMPTS else [])])
