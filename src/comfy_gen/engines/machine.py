"""What an engine tells of the machine that it is on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_SANDBOX = "comfygen_sandbox"


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of an engine's device, and of the computer around it; in bytes. On a processor they are the same."""

    device: str
    """Such as ``cuda:0 NVIDIA H200 : cudaMallocAsync``."""
    ram_total: int
    ram_free: int
    vram_total: int
    vram_free: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Where an engine runs, and what it is."""

    memory: Memory | None = None
    """None where it does not say."""
    is_sandbox: bool = False
    """Whether it only paints."""


def machine_of(stats: Mapping[str, Any]) -> Machine:
    """Return what ``GET /system_stats`` says; what makes no sense is not said."""
    system = _mapping(stats.get("system"))
    return Machine(_memory_of(system, _devices_of(stats)), _SANDBOX in system)


def _memory_of(system: Mapping[str, Any], devices: list[Mapping[str, Any]]) -> Memory | None:
    """Return the memory of the largest device: ComfyUI tells of one, and variants of it of several."""
    found = [_sizes(system, "ram") + _sizes(device, "vram") for device in devices]
    known = [(sizes, device) for sizes, device in zip(found, devices, strict=True) if None not in sizes]
    if not known:
        return None
    sizes, device = max(known, key=lambda one: cast("int", one[0][2]))
    return Memory(str(device.get("name") or device.get("type") or ""), *cast("tuple[int, int, int, int]", sizes))


def _devices_of(stats: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    devices = stats.get("devices")
    return [_mapping(one) for one in cast("list[object]", devices)] if isinstance(devices, list) else []


def _sizes(told: Mapping[str, Any], kind: str) -> tuple[int | None, int | None]:
    return _size(told.get(f"{kind}_total")), _size(told.get(f"{kind}_free"))


def _size(value: object) -> int | None:
    """Return a number of bytes; torch tells some of them as floats."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**63:
        return None  # also where it is not a number, or endless
    return int(value)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
