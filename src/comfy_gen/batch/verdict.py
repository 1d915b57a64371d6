"""Says what the failure of an attempt means: whose fault it is, and whether and when to try again. Pure."""

from __future__ import annotations

from enum import Enum, auto

from comfy_gen.comfyui.failures import Failure
from comfy_gen.errors import (
    ClientClosedError,
    CorruptOutputError,
    EngineError,
    EngineUnreachableError,
    ExecutionFailedError,
    PromptRejectedError,
)

_OF_THE_ENGINE = frozenset(
    {Failure.OUT_OF_MEMORY, Failure.GPU_ERROR, Failure.TIMEOUT, Failure.ENGINE_LOST, Failure.STORAGE_FAILED}
)


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
        case EngineError() | CorruptOutputError():
            return Verdict.ENGINE
        case _:
            return Verdict.REQUEST


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether to have the engine free its memory before the next job."""
    return isinstance(error, ExecutionFailedError) and error.failure == Failure.OUT_OF_MEMORY


def backoff(count: int, *, first: float, longest: float) -> float:
    """Return the seconds to wait after ``count`` failures in a row: twice as many each time."""
    return min(first * 2.0 ** min(count - 1, 30), longest) if count > 0 else 0.0
