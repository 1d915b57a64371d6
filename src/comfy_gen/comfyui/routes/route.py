"""What the groups of routes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from comfy_gen.comfyui.http import EngineHttp

Json = dict[str, Any]


class RouteGroup:
    """Some routes of the engine that ``http`` talks to."""

    http: EngineHttp


def segment(name: str) -> str:
    """Return a name as one segment of a URL's path, whatever it contains."""
    return quote(name, safe="")
