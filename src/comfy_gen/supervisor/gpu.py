"""What NVIDIA's driver says of the GPUs of this machine. Knows nothing of ComfyUI."""

from __future__ import annotations

import csv
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.supervisor.program import run

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "nvidia-smi"
PATIENCE = 20.0
"""Seconds: a driver that wakes its GPUs up takes some, and one that hangs never answers."""
FIELDS = (
    "index",
    "name",
    "uuid",
    "driver_version",
    "memory.total",
    "memory.used",
    "memory.free",
    "utilization.gpu",
    "temperature.gpu",
    "power.draw",
    "power.limit",
)
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU; None is what its driver does not tell."""

    index: int
    name: str
    uuid: str
    driver: str
    memory_total: int | None
    """Bytes, here and below."""
    memory_used: int | None
    memory_free: int | None
    utilization: float | None
    """Percent of the last moments in which it worked."""
    temperature: float | None
    """Degrees Celsius."""
    power: float | None
    """Watts."""
    power_limit: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as programs are told of it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Gpus:
    """The GPUs of this machine, or why none is known."""

    found: tuple[Gpu, ...] = ()
    reason: str = ""
    """Why there are none, as a sentence without a stop; empty where there are some."""


def read_gpus(program: str = PROGRAM) -> Gpus:
    """Return the GPUs that NVIDIA's driver knows; a machine without them is no error."""
    query = [program, f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        answer = run(query, timeout=PATIENCE)
    except FileNotFoundError:
        return Gpus(reason=f"there is no {PROGRAM} here: no NVIDIA GPU, or its driver is not installed")
    except OSError as error:
        return Gpus(reason=f"{PROGRAM} cannot be run: {error.strerror or error}")
    except subprocess.TimeoutExpired:
        return Gpus(reason=f"{PROGRAM} did not answer within {PATIENCE:g} s: its driver hangs")
    if not answer.is_well:
        return Gpus(reason=f"{PROGRAM} says: {' '.join(answer.reason.split())}")
    gpus = parse_gpus(answer.said)
    return Gpus(gpus) if gpus else Gpus(reason=f"{PROGRAM} knows no GPU")


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """Return the GPUs of nvidia-smi's answer; a line that is none is left out. Pure."""
    rows = (_stripped(row) for row in csv.reader(text.splitlines()))
    return tuple(_gpu(row) for row in rows if len(row) == len(FIELDS) and row[0].isdecimal())


def _stripped(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _gpu(row: Sequence[str]) -> Gpu:
    index, name, uuid, driver, *numbers = row
    total, used, free, *others = (_number(cell) for cell in numbers)
    return Gpu(int(index), name, uuid, driver, _bytes(total), _bytes(used), _bytes(free), *others)


def _number(cell: str) -> float | None:
    """Return a number, or None for what the driver writes instead: ``[N/A]``, ``[Not Supported]``."""
    try:
        return float(cell)
    except ValueError:
        return None


def _bytes(mebibytes: float | None) -> int | None:
    return None if mebibytes is None else int(mebibytes * MIB)
