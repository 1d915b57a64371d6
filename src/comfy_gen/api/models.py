"""The engines' model files, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.models import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.engines.capability import Capability


def models_of(
    capabilities: Mapping[str, Capability], *, folder: str | None = None, text: str = "", limit: int
) -> dict[str, Any]:
    """Return the files of all engines, each once: of one folder, if any, and with all words of the text in the path."""
    having = _having(capabilities)
    words = text.lower().split()
    found = [
        (place, name)
        for place, name in sorted(having)
        if folder in (None, place) and all(word in f"{place}/{name}".lower() for word in words)
    ]
    places = [place for place, _ in having]
    return {
        "models": [{"folder": one[0], "file": one[1], "engines": having[one]} for one in found[:limit]],
        "total": len(found),
        "folders": {place: places.count(place) for place in sorted({*places})},
        "engines": sorted(capabilities),
    }


def _having(capabilities: Mapping[str, Capability]) -> dict[tuple[str, str], list[str]]:
    """Return by folder and file the engines that have it; what loaders have built in is no file."""
    having: dict[tuple[str, str], list[str]] = {}
    for engine, capability in sorted(capabilities.items()):
        for folder, names in capability.models.items():
            for name in names - BUILT_IN.get(folder, frozenset()):
                having.setdefault((folder, name), []).append(engine)
    return having
