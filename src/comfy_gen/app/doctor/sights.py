"""What was seen of an installation, before anybody judged it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from comfy_gen.engines.capability import Capability


@dataclass(frozen=True, slots=True)
class EngineSight:
    """One engine."""

    name: str
    address: str
    """Without a login."""
    error: str = ""
    """Why it is of no use now; empty where it answered."""
    version: str = ""
    queue: int = 0
    """Prompts that it has, whoever queued them."""
    capability: Capability | None = None
    has_socket: bool = True
    clock_ahead: float | None = None
    """Seconds by which its clock is before ours; None where it does not tell the time."""
    is_unreachable: bool = False
    """Whether nothing at all took the connection."""
    is_queued: bool = True
    """Whether it works on jobs; False for one that only commands such as ``generate`` ask."""


@dataclass(frozen=True, slots=True)
class DatabaseSight:
    """The database of the jobs."""

    name: str
    """Its address without its password."""
    error: str = ""
    advice: str = ""
    is_made: bool = True
    """False for a file that the first job makes."""
    waiting: int = 0
    active: int = 0
    failed: int = 0
    """Jobs that failed and are kept."""
    undelivered: int = 0
    """Webhooks that were given up."""
    is_paused: bool = False
    clock_ahead: float | None = None


@dataclass(frozen=True, slots=True)
class StoreSight:
    """Where outputs are kept."""

    name: str
    is_bucket: bool = False
    error: str = ""
    advice: str = ""
    is_made: bool = True


@dataclass(frozen=True, slots=True)
class DiskSight:
    """A disk, by a folder on it."""

    folder: Path
    holds: str
    """What lies there."""
    free: int
    """Bytes."""
    total: int


@dataclass(frozen=True, slots=True)
class PortSight:
    """The port of the HTTP service."""

    host: str
    port: int
    is_free: bool
    serves: str = ""
    """Which version of this program answers there; empty where another does, or none."""
    error: str = ""
    """Why nobody can listen there, whoever does."""


@dataclass(frozen=True, slots=True)
class InstanceSight:
    """A ComfyUI that was started here."""

    name: str
    url: str
    is_running: bool
    said: str
    """In a few words how it is."""


@dataclass(frozen=True, slots=True)
class Sights:
    """All of it."""

    engines: tuple[EngineSight, ...]
    database: DatabaseSight
    store: StoreSight
    disks: tuple[DiskSight, ...]
    port: PortSight
    instances: tuple[InstanceSight, ...]
    has_comfyui: bool = True
    """Whether there is a ComfyUI on this machine that ``comfygen service start`` would start."""
    installed: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """For each extra whether all of it is there."""
