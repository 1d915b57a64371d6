"""Scripts trouble: which fault strikes which request or prompt. Pure; the server and the executor carry it out."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import InvalidParameterError, listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Kind(StrEnum):
    """What goes wrong."""

    SLOW = "slow"
    """Every node and every step of the prompt takes ``seconds`` longer."""
    SLOW_ANSWER = "slow_answer"
    """The request is answered ``seconds`` late."""
    REFUSE = "refuse"
    """The connection is cut before the request is looked at."""
    ERROR_500 = "error_500"
    """The request gets ComfyUI's plain-text 500 and nothing is done."""
    LOSE_ANSWER = "lose_answer"
    """The request is carried out, then the connection is cut instead of answering."""
    DROP_SOCKET = "drop_socket"
    """Every WebSocket breaks at the step; the prompt goes on."""
    SILENT = "silent"
    """From the step on the prompt runs to its end without one message."""
    HANG = "hang"
    """At the step the prompt stops for good and hears no interrupt."""
    OUT_OF_MEMORY = "out_of_memory"
    """The node raises what torch raises when the GPU's memory is full."""
    GPU_ERROR = "gpu_error"
    """The node raises a CUDA error."""
    CORRUPT_OUTPUT = "corrupt_output"
    """The files the prompt saves are cut off in the middle."""
    BLACK_PICTURES = "black_pictures"
    """What the prompt saves is black all over, as after an overflow in the VAE: a good file, a bad picture."""
    NAN_BLOCKS = "nan_blocks"
    """What the prompt saves has black blocks in it, as where some tiles of the VAE overflowed."""
    DIE = "die"
    """The server is killed at the step; it comes back after ``seconds``, or not at all when that is 0."""
    FORGET = "forget"
    """The server is killed and back at once: queue, history and cache are gone."""


_OF_REQUESTS = frozenset({Kind.SLOW_ANSWER, Kind.REFUSE, Kind.ERROR_500, Kind.LOSE_ANSWER})


@dataclass(frozen=True, slots=True)
class Fault:
    """One piece of trouble, and when it strikes: from the ``nth`` chance on, ``times`` times."""

    kind: Kind
    nth: int = 1
    """The first request or prompt that is struck, counted from when the fault was added."""
    times: int | None = 1
    """How many in a row; None means from then on for ever."""
    step: int = 0
    """The sampling step at which it strikes; 0 is the first node that runs. Only for faults of prompts."""
    seconds: float = 0.0
    route: str = "POST /prompt"
    """The method and path struck, ``*`` for any part. Only for faults of requests."""

    def __post_init__(self) -> None:
        """Accept a kind by its name."""
        object.__setattr__(self, "kind", _kind(self.kind))

    @property
    def strikes_requests(self) -> bool:
        """True for faults of requests, false for faults of prompts."""
        return self.kind in _OF_REQUESTS


class FaultScript:
    """The faults that are armed, and how many chances each has had."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed = [_Armed(fault) for fault in faults]

    def __bool__(self) -> bool:
        return bool(self._armed)

    @property
    def faults(self) -> list[Fault]:
        """The faults as they were added, those already spent among them."""
        return [armed.fault for armed in self._armed]

    def add(self, fault: Fault) -> None:
        """Arm one more fault; its chances are counted from now."""
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Disarm all; what has struck already stays."""
        self._armed.clear()

    def on_request(self, method: str, path: str) -> list[Fault]:
        """Count this request and return what strikes it."""
        here = f"{method} {path.removeprefix('/api')}"
        return [
            a.fault for a in self._armed if a.fault.strikes_requests and fnmatchcase(here, a.fault.route) and a.hit()
        ]

    def on_prompt(self) -> list[Fault]:
        """Count a prompt that begins to run and return what strikes it."""
        return [a.fault for a in self._armed if not a.fault.strikes_requests and a.hit()]


@dataclass(slots=True)
class _Armed:
    fault: Fault
    chances: int = 0

    def hit(self) -> bool:
        self.chances += 1
        since = self.chances - self.fault.nth
        return since >= 0 and (self.fault.times is None or since < self.fault.times)


def parse_fault(text: str) -> Fault:
    """Read a fault as the command line gives it: ``out_of_memory:nth=2,step=3`` or just ``die``.

    Raises:
        InvalidParameterError: the kind or a setting is unknown, or a number is none.
    """
    kind, _, settings = text.partition(":")
    pairs = (setting.partition("=") for setting in settings.split(",") if setting.strip())
    return fault_from({"kind": kind.strip(), **{name.strip(): value.strip() for name, _, value in pairs}})


def fault_from(data: Mapping[str, Any]) -> Fault:
    """Build a fault from JSON data or from text settings.

    Raises:
        InvalidParameterError: the kind or a setting is unknown, or a number is none.
    """
    known = [field.name for field in fields(Fault)]
    unknown = [name for name in data if name not in known]
    if unknown:
        raise InvalidParameterError("fault setting", unknown[0], f"one of {listing(known, limit=len(known))}")
    return Fault(**{name: _setting(name, value) for name, value in data.items()})


def fault_to(fault: Fault) -> dict[str, Any]:
    """Return the fault as JSON data, as ``fault_from`` takes it."""
    return asdict(fault)


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        kinds = [kind.value for kind in Kind]
        raise InvalidParameterError("fault", name, f"one of {listing(kinds, limit=len(kinds))}")
    return Kind(name)


def _setting(name: str, value: Any) -> Any:
    if name in {"kind", "route"}:
        return str(value)
    if name == "times" and value in {None, "", "forever"}:
        return None
    try:
        number = float(value) if name == "seconds" else int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidParameterError(f"fault setting {name}", value, "a number") from error
    if name == "seconds" and not 0 <= number < math.inf:
        raise InvalidParameterError("fault setting seconds", value, "a number of seconds, 0 or more")
    return number
