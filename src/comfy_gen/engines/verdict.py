"""Says what the failure of an attempt means: whose fault it is, and whether and when to try again. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.comfyui.failures import Failure
from comfy_gen.errors import (
    ClientClosedError,
    CorruptOutputError,
    EngineError,
    EngineLostError,
    EngineUnreachableError,
    ExecutionFailedError,
    PromptRejectedError,
    StuckPromptError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OF_THE_ENGINE = frozenset(
    {Failure.OUT_OF_MEMORY, Failure.GPU_ERROR, Failure.TIMEOUT, Failure.ENGINE_LOST, Failure.STORAGE_FAILED}
)

_OF_ABSENCE = frozenset({"invalid_prompt", "missing_node_type"})
"""With these the server refuses a workflow for a node class that it does not have; the first says other things too."""

_OF_FILES = frozenset({"value_not_in_list", "custom_validation_failed"})
"""With these a node refuses a file that is not there: a model; a picture, as `LoadImage` looks for it itself."""


class Verdict(Enum):
    """Whose fault a failure is."""

    REQUEST = auto()
    """The workflow's, or ours: it would fail again."""
    ENGINE = auto()
    """The engine's: another one, or the same one later, may do."""
    NOT_SENT = auto()
    """Nobody answered, so that the job was not tried at all."""


def judge(error: Exception) -> Verdict:
    """Return whose fault it is that an attempt failed."""
    match error:
        case EngineUnreachableError(may_have_arrived=False):
            return Verdict.NOT_SENT
        case PromptRejectedError() | ClientClosedError():
            return Verdict.REQUEST
        case ExecutionFailedError():
            return Verdict.ENGINE if error.failure in _OF_THE_ENGINE else Verdict.REQUEST
        case EngineError() | CorruptOutputError() | StuckPromptError():
            return Verdict.ENGINE
        case _:
            return Verdict.REQUEST


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether to have the engine free its memory before the next job."""
    return isinstance(error, ExecutionFailedError) and error.failure == Failure.OUT_OF_MEMORY


def is_of_a_gone_engine(error: Exception) -> bool:
    """Tell whether nobody answered, rather than somebody with a failure."""
    return isinstance(error, EngineUnreachableError | EngineLostError)


def is_overdue(error: Exception) -> bool:
    """Tell whether the prompt was given up while the engine had it: it goes on there unless it is stopped."""
    return isinstance(error, WaitTimeoutError | StuckPromptError)


def may_be_there(error: Exception) -> bool:
    """Tell whether the engine may have the prompt in spite of the failure."""
    return judge(error) is Verdict.ENGINE and not isinstance(error, ExecutionFailedError | CorruptOutputError)


def may_lack(error: Exception) -> bool:
    """Tell whether the engine may have failed for a node class or a file that it does not have."""
    if isinstance(error, ExecutionFailedError):
        return error.failure in {Failure.MISSING_MODEL, Failure.MISSING_NODE}
    if not isinstance(error, PromptRejectedError):
        return False
    return error.type in _OF_ABSENCE or not _OF_FILES.isdisjoint(_reasons(error.node_errors))


def backoff(count: int, *, first: float, longest: float) -> float:
    """Return the seconds to wait after ``count`` failures in a row: twice as many each time."""
    return min(first * 2.0 ** min(count - 1, 30), longest) if count > 0 else 0.0


def _reasons(node_errors: Mapping[str, object]) -> Iterable[str]:
    nodes = (cast("dict[str, Any]", node) for node in node_errors.values() if isinstance(node, dict))
    return {str(one.get("type")) for node in nodes for one in node.get("errors", ())}
