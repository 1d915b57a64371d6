"""The engines as this service tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app.service import Service
    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.engines.status import EngineStatus

_SECRETS = ("address", "error")


async def engines_of(service: Service) -> list[dict[str, Any]]:
    """Return each engine: how it is, where this process drives them, and else what was entered."""
    entries = await service.queue.store.roster.engines()
    own = next((entry.name for entry in entries if entry.url == service.practice.url), None)
    statuses = {} if service.fleet is None else {status.name: status for status in service.fleet.health()}
    found = [engine_of(entry, statuses.get(entry.name)) for entry in entries]
    return [one | {"is_sandbox": one["is_sandbox"] or one["name"] == own} for one in found]


def engine_of(entry: EngineEntry, status: EngineStatus | None) -> dict[str, Any]:
    """Return one engine; the entry is newer than the status."""
    names = ("name", "address", "state", "depth", "weight", "tags")
    entered = {name: getattr(entry, name) for name in names}
    known = _NOT_KNOWN if status is None else status.as_json()
    return {**known, **entered}


def without_secrets(engine: dict[str, Any]) -> dict[str, Any]:
    """Return an engine as everybody may know it."""
    return {**engine, **dict.fromkeys(_SECRETS)}


def check_address(entry: EngineEntry, known: Sequence[EngineEntry]) -> None:
    """Do nothing, if no engine is entered by this address: two names for one would give it twice the work.

    Raises:
        InvalidParameterError: one is.
    """
    for other in known:
        if other.address.lower() == entry.address.lower():
            raise InvalidParameterError(f"the address of {entry.name}", entry.address, f"another than {other.name}'s")


_NOT_KNOWN: dict[str, Any] = {
    "condition": "unknown",
    "queue": None,
    "running": None,
    "latency_ms": None,
    "version": "",
    "loaded": (),
    "failures": 0,
    "error": "",
    "memory": None,
    "is_sandbox": False,
}
