"""What all engines tell of their machines, as if they were one. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import comfy_gen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MEMORY = ("ram_total", "ram_free")
_NUMBER = re.compile(r"\d+")


def together(
    stats: Mapping[str, Mapping[str, Any]], hosts: Mapping[str, str], own: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what one ComfyUI with all the devices would tell.

    Its version is the oldest of all, for programs go by it in what they ask for; the memory of a computer counts once,
    however many engines are on it. Nothing is told of paths and of how engines were started.

    Args:
        stats: the answers to ``GET /system_stats``, by engine.
        hosts: the computers that engines are on, as far as that is known.
        own: what is told where no engine says it.
    """
    systems = {name: _mapping(one.get("system")) for name, one in stats.items()}
    oldest = min(systems.values(), key=_version, default=own)
    return {
        "system": {
            **own,
            **oldest,
            **_memory_of(systems, hosts, own),
            "required_frontend_version": None,
            "installed_templates_version": None,
            "required_templates_version": None,
            "embedded_python": False,
            "argv": ["comfygen", "serve"],
            "comfygen_version": comfy_gen.__version__,
        },
        "devices": _devices_of(stats),
    }


def _memory_of(
    systems: Mapping[str, Mapping[str, Any]], hosts: Mapping[str, str], own: Mapping[str, Any]
) -> dict[str, int]:
    if not systems:
        return {name: own[name] for name in _MEMORY}
    found: dict[str, dict[str, int]] = {name: {} for name in _MEMORY}
    for engine, system in systems.items():
        for name, by_host in found.items():
            host = hosts.get(engine, engine)
            by_host[host] = max(by_host.get(host, 0), _bytes(system.get(name)))
    return {name: sum(by_host.values()) for name, by_host in found.items()}


def _devices_of(stats: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the devices of all engines; where there are several engines, each is told with its engine's name."""
    found = [(engine, device) for engine, one in stats.items() for device in _mappings(one.get("devices"))]
    if len(stats) == 1:
        return [dict(device) for _, device in found]
    return [
        {**device, "name": f"{engine}: {device.get('name', '')}", "index": index, "engine": engine}
        for index, (engine, device) in enumerate(found)
    ]


def _version(system: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(map(int, _NUMBER.findall(str(system.get("comfyui_version", ""))))) or (2**31,)


def _bytes(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**63 else 0


def _mappings(value: object) -> Iterable[Mapping[str, Any]]:
    return [_mapping(one) for one in cast("list[object]", value)] if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
