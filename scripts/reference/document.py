"""What the HTTP service says of itself: its OpenAPI document, and the scope that each of its routes needs."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from comfy_gen.api.access import caller_in, require
from comfy_gen.api.app import create_app
from comfy_gen.app.caller import Scope
from comfy_gen.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fastapi.dependencies.models import Dependant

    from comfy_gen.api.dialects.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the service."""

    method: str
    path: str
    scope: str
    """What a key needs for it; empty where nobody is asked for one."""
    facts: Mapping[str, Any]
    """Of the document."""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.method} {self.path}"

    @property
    def tag(self) -> str:
        """What it is about."""
        return self.facts["tags"][0]


@cache
def app() -> FastAPI:
    """Return the application as it is where nothing is set."""
    return create_app(Settings())


@cache
def routes() -> Sequence[Route]:
    """Return the operations in the order of the document."""
    scopes = {(method, one.path): _scope_of(one) for one in _routes() for method in one.methods}
    return [
        Route(method.upper(), path, scopes[method.upper(), path], facts)
        for path, operations in app().openapi()["paths"].items()
        for method, facts in operations.items()
    ]


def schemas() -> Mapping[str, Any]:
    """Return the objects that bodies and answers are made of, by their names."""
    return app().openapi()["components"]["schemas"]


def spoken(dialect: Dialect) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the methods of each path of a dialect, by the path and what is said of it; of twins, the long path's."""
    alone = FastAPI()
    for router in dialect.routers:
        alone.include_router(router)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the names of operations, which nobody is told
        paths = alone.openapi()["paths"]
    found: dict[tuple[str, str], list[str]] = {}
    for path in (one for one in paths if not _has_twin(one, dialect, paths)):
        for method, facts in paths[path].items():
            found.setdefault((path, facts.get("description", "")), []).append(method.upper())
    return found


def _has_twin(path: str, dialect: Dialect, paths: Iterable[str]) -> bool:
    tail = path.removeprefix(dialect.prefix_of(path)) or path
    return any(other != path and other.endswith(tail) for other in paths)


def _routes() -> Iterator[APIRoute]:
    return (one for one in app().routes if isinstance(one, APIRoute))


def _scope_of(route: APIRoute) -> str:
    needed = [_needs(call) for call in _calls(route.dependant)]
    return next(filter(None, needed), "")


def _calls(dependant: Dependant) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def _needs(call: Any) -> str:
    """Return the scope that a dependency asks for; empty if it asks for none."""
    if getattr(call, "__qualname__", "").startswith(f"{require.__name__}."):
        return inspect.getclosurevars(call).nonlocals["scope"].value
    # What decides by itself, as where a link opens a file too, says so with the functions that `require` uses.
    asks = inspect.isfunction(call) and caller_in.__name__ in call.__code__.co_names
    return Scope.READ.value if asks else ""
