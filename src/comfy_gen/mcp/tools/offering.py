"""Makes tools of methods: the docstring is what a model reads, the signature what it may say."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mcp_types import ToolAnnotations

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.mcpserver import MCPServer

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
"""It changes nothing."""
MAKES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
"""Something new comes of each call, and nothing that is there is lost."""
KEEPS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
"""The same call again changes nothing more."""
STOPS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
"""Something that goes on is stopped."""

_Method = TypeVar("_Method", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class _Offer:
    title: str
    annotations: ToolAnnotations


def tool(title: str, annotations: ToolAnnotations) -> Callable[[_Method], _Method]:
    """Mark a method as a tool."""

    def mark(method: _Method) -> _Method:
        vars(method)["offer"] = _Offer(title, annotations)
        return method

    return mark


def offer(server: MCPServer[Any], tools: object) -> None:
    """Add all tools of an object to a server, in the order in which they are written."""
    for name, method in vars(type(tools)).items():
        marked: _Offer | None = getattr(method, "offer", None)
        if marked is not None:
            server.add_tool(
                getattr(tools, name),
                title=marked.title,
                description=inspect.getdoc(method),
                annotations=marked.annotations,
            )
