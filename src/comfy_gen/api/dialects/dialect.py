"""What a dialect is: routes in another service's words, and how it tells of errors."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from fastapi import APIRouter, FastAPI
    from starlette.responses import Response

    from comfy_gen.api.problems import Told


def _nothing(_: FastAPI) -> AbstractAsyncContextManager[None]:
    return nullcontext()


def _never(_method: str, _path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API of somebody else's, as it is spoken here."""

    name: str
    """As the settings have it."""
    prefixes: Sequence[str]
    """Of its paths: each is a whole path, or what comes before a slash. No other route has one of them."""
    routers: Sequence[APIRouter] = field(repr=False)
    """Their paths are whole."""
    answer: Callable[[Told], Response] = field(repr=False)
    """Returns the response that tells of an error."""
    opened: Callable[[FastAPI], AbstractAsyncContextManager[None]] = field(default=_nothing, repr=False)
    """Holds open what its routes need while the service runs: ``app.state.service`` is there."""
    is_upload: Callable[[str, str], bool] = field(default=_never, repr=False)
    """Tells by method and path whether a body is a file, or a form with one."""
    is_untyped: Callable[[str, str], bool] = field(default=_never, repr=False)
    """The same of bodies that are read as JSON, whatever they say they are."""

    def has(self, path: str) -> bool:
        """Tell whether a path is one of its."""
        return bool(self.prefix_of(path))

    def prefix_of(self, path: str) -> str:
        """Return what of a path is one of its prefixes; empty where nothing is."""
        return next((one for one in self.prefixes if path == one or path.startswith(f"{one}/")), "")


def dialect_at(app: FastAPI, path: str) -> Dialect | None:
    """Return the dialect of a path; None for a path of the service's own."""
    spoken: Sequence[Dialect] = getattr(app.state, "dialects", ())
    return next((one for one in spoken if one.has(path)), None)
