"""What is kept of an instance while it runs, and what anybody is told of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, cast, get_args

from comfy_gen.atomic import replacing
from comfy_gen.errors import OutputPathError
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.plan import End
from comfy_gen.supervisor.process import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Phase = Literal["starting", "running", "waiting", "ended"]
"""``waiting``: it has ended, and is started again in a moment."""
KEPT_ENDS = 20
_INSTANCE = "instance.json"
_STATE = "state.json"
_WANTED = "wanted"


@dataclass(frozen=True, slots=True)
class State:
    """What the keeper of an instance writes: its file is the PID file, with what makes a number safe to use."""

    keeper: Identity
    phase: Phase
    began: float
    """When the keeper was started, by the clock of the wall."""
    comfyui: Identity | None = None
    since: float | None = None
    """When this ComfyUI was started."""
    restarts: int = 0
    ends: tuple[End, ...] = ()
    """The last ones, oldest first."""
    reason: str = ""
    """Why it is not started again."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return it as it was kept; raises KeyError, TypeError or ValueError for what was not."""
        comfyui = kept["comfyui"]
        parts: dict[str, Any] = {
            "keeper": _identity(kept["keeper"]),
            "comfyui": _identity(comfyui) if comfyui else None,
            "ends": tuple(End(**end) for end in kept["ends"]),
        }
        if kept["phase"] not in get_args(Phase):
            raise ValueError(f"{kept['phase']} is no phase")
        return cls(**{**kept, **parts})


@dataclass(frozen=True, slots=True)
class Look:
    """How an instance is; of its process alone, for nobody was asked over HTTP."""

    instance: Instance
    phase: Phase
    pid: int | None = None
    """ComfyUI's; None while it does not run."""
    keeper_pid: int | None = None
    """None where nobody looks after it: it has ended, its keeper was killed, or it is a container."""
    since: float | None = None
    """When this ComfyUI was started, by the clock of the wall."""
    restarts: int = 0
    last_end: End | None = None
    reason: str = ""
    """Why it does not run; empty while it does."""
    cpu: float | None = None
    """Percent of one core, of ComfyUI and all that it started."""
    memory: int | None = None
    """Bytes."""
    is_wanted: bool = False
    """Whether it was started, and no command has stopped it since."""

    @property
    def is_running(self) -> bool:
        """Whether it runs, ready or not, or is started again in a moment."""
        return self.phase != "ended"

    def as_json(self) -> dict[str, Any]:
        """Return it as programs are told of it."""
        return {**asdict(self), "instance": self.instance.as_json(), "url": self.instance.url}


def write_instance(folder: Path, instance: Instance) -> None:
    """Keep how an instance was started last, in a folder that is made if need be; raises OutputPathError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputPathError(folder, error.strerror or str(error)) from error
    _write(folder / _INSTANCE, instance.as_json())


def read_instance(folder: Path) -> Instance | None:
    """Return how an instance was started last, by the name of its folder now; None if it never was."""
    try:
        return Instance.from_json({**_read(folder / _INSTANCE), "name": folder.name})
    except (OSError, LookupError, TypeError, ValueError):
        return None


def write_state(folder: Path, state: State) -> None:
    """Keep how an instance is; raises OutputPathError."""
    _write(folder / _STATE, state.as_json())


def read_state(folder: Path) -> State | None:
    """Return what its keeper wrote last; None if none ever did."""
    try:
        return State.from_json(_read(folder / _STATE))
    except (OSError, LookupError, TypeError, ValueError):
        return None


def mark_wanted(folder: Path) -> None:
    """Keep that an instance is to run from now on, whatever becomes of it; raises OutputPathError."""
    with replacing(folder / _WANTED):
        pass  # that it is there says it


def unmark_wanted(folder: Path) -> None:
    """Keep that an instance need not run any more; raises OutputPathError."""
    try:
        (folder / _WANTED).unlink(missing_ok=True)
    except OSError as error:
        raise OutputPathError(folder / _WANTED, error.strerror or str(error)) from error


def is_wanted(folder: Path) -> bool:
    """Tell whether an instance was started, and no command has stopped it since."""
    return (folder / _WANTED).exists()


def _identity(kept: Mapping[str, Any]) -> Identity:
    """Return a process as it was kept; a number that is none could mean several (kill(2))."""
    identity = Identity(int(kept["pid"]), str(kept["started"]))
    if identity.pid <= 0:
        raise ValueError(f"{identity.pid} is the number of no process")
    return identity


def _write(file: Path, kept: Mapping[str, Any]) -> None:
    with replacing(file) as part:
        part.write(json.dumps(kept, indent=2).encode() + b"\n")


def _read(file: Path) -> dict[str, Any]:
    kept = json.loads(file.read_bytes())
    if not isinstance(kept, dict):
        raise TypeError(f"{file} holds no object")
    return cast("dict[str, Any]", kept)
