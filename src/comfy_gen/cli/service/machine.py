"""What this machine computes with: its CPU, its memory, its GPUs."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from comfy_gen.supervisor.gpu import Gpus, read_gpus

CPU_INFO = Path("/proc/cpuinfo")
LOOK = 0.1
"""Seconds in which it is seen how busy a CPU is."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is."""

    cpu: str
    cores: int
    cpu_percent: float
    memory_total: int
    """Bytes."""
    memory_free: int
    """What programs may take without others having to give up theirs."""
    gpus: Gpus

    def as_json(self) -> dict[str, Any]:
        """Return it as programs are told of it."""
        facts = asdict(self)
        return facts | {"gpus": [gpu.as_json() for gpu in self.gpus.found], "no_gpu": self.gpus.reason or None}


def read_machine() -> Machine:
    """Return what this machine has now."""
    memory = psutil.virtual_memory()
    return Machine(
        cpu=cpu_name(CPU_INFO.read_text(errors="replace") if CPU_INFO.exists() else ""),
        cores=psutil.cpu_count() or 1,
        cpu_percent=psutil.cpu_percent(LOOK),
        memory_total=memory.total,
        memory_free=memory.available,
        gpus=read_gpus(),
    )


def cpu_name(info: str) -> str:
    """Return a CPU's name from what Linux says of it, or else its kind. Pure, but for the kind."""
    lines = (line.partition(":") for line in info.splitlines())
    return next((said.strip() for name, _, said in lines if name.strip() == "model name"), platform.machine())
