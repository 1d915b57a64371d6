"""What an engine said of a prompt, as it is kept with the job that it ran for: no more of it than is of use. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.comfyui.tracker import Tracker
    from comfy_gen.jobs.work.progress import Progress

MOST_OF_OUTPUTS = 256_000
"""Characters of JSON: texts that nodes show fit, a model that one prints does not."""
MOST_OF_A_MESSAGE = 20_000
"""The same of one message: a traceback fits, tensors do not."""

ENDINGS = frozenset({"execution_success", "execution_error", "execution_interrupted"})
"""The messages of which a prompt has one, as its last."""

_BULKY = ("current_inputs", "traceback", "current_outputs", "executed", "nodes")
"""What makes messages long, what is of the least use first."""


@dataclass(frozen=True, slots=True)
class History:
    """What an engine said of one prompt."""

    messages: Sequence[tuple[str, Mapping[str, Any]]]
    """Each with its name, without the engine's id of the prompt."""
    outputs: Mapping[str, Mapping[str, Any]] | None = None
    """By output node: kind → list, with files as the engine calls them; None where that is too much to keep."""
    take: int = 1
    """The number of the job's take that it is of."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"messages": [list(one) for one in self.messages], "outputs": self.outputs, "take": self.take}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> History:
        """Return what `as_json` made this of."""
        return cls([(name, facts) for name, facts in data["messages"]], data["outputs"], data["take"])


def history_of(tracker: Tracker, progress: Progress, *, is_cancelled: bool, take: int, now: float) -> History:
    """Return what an engine said of a prompt that nobody follows any more.

    One that was cancelled is not followed until the engine says that it stopped: that is put in here.
    """
    messages = [(name, _bounded(facts)) for name, facts in tracker.told]
    if is_cancelled and not any(name in ENDINGS for name, _ in messages):
        messages.append(("execution_interrupted", {**progress.standing, "timestamp": int(now * 1000)}))
    return History(messages, _kept(tracker.outputs), take)


def _bounded(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the facts of a message, without the longest of them where they are too much."""
    kept = {name: value for name, value in facts.items() if name != "prompt_id"}
    for name in _BULKY:
        if _is_kept(kept, MOST_OF_A_MESSAGE):
            return kept
        kept |= {name: type(kept[name])()} if name in kept else {}  # an empty one of its kind
    return kept if _is_kept(kept, MOST_OF_A_MESSAGE) else {name: _cut(value) for name, value in kept.items()}


def _cut(value: object) -> object:
    return value if isinstance(value, (int, float)) else str(value)[:1000]


def _kept(outputs: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]] | None:
    """Return as much of the outputs as can be kept: all, or the files alone, or nothing."""
    files = {node_id: dict(_files_in(output)) for node_id, output in outputs.items()}
    return next((some for some in (outputs, files) if _is_kept(some, MOST_OF_OUTPUTS)), None)


def _files_in(output: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for kind, items in output.items():
        if isinstance(items, list):
            yield kind, [one for one in cast("list[Any]", items) if isinstance(one, dict) and "filename" in one]


def _is_kept(value: object, most: int) -> bool:
    try:
        return len(json.dumps(value, allow_nan=False)) <= most
    except (TypeError, ValueError, RecursionError):
        return False
