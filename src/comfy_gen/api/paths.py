"""Says which of the service's paths a request is for, wherever a proxy has the service. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope


def path_of(scope: Scope) -> str:
    """Return the path of a request, without that under which a proxy has the service, as routes have it."""
    root = str(scope.get("root_path", "")).rstrip("/")
    path = str(scope["path"])
    return path[len(root) :] if path.startswith(f"{root}/") else path
