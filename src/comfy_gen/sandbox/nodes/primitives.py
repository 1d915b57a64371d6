"""Nodes that hold or join plain values. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.sandbox.nodes.node import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node


def same(*, value: Any) -> tuple[Any]:
    """PrimitiveInt and its kin: the value itself."""
    return (value,)


def concatenate(*, string_a: str, string_b: str, delimiter: str) -> tuple[str]:
    """StringConcatenate."""
    return (f"{string_a}{delimiter}{string_b}",)


def show(*, source: Any) -> Shown:
    """PreviewAny: the value as text."""
    return Shown({"text": (str(source),)})


NODES: Mapping[str, Node] = {
    "PrimitiveInt": same,
    "PrimitiveFloat": same,
    "PrimitiveString": same,
    "PrimitiveStringMultiline": same,
    "PrimitiveBoolean": same,
    "StringConcatenate": concatenate,
    "PreviewAny": show,
}
