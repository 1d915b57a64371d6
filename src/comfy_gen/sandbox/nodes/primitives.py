"""Nodes that hold, join or show plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.sandbox.nodes.node import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node, Work
    from comfy_gen.sandbox.values import Pictures


def same(*, value: Any) -> tuple[Any]:
    """PrimitiveInt and its kin: the value itself."""
    return (value,)


def concatenate(*, string_a: str, string_b: str, delimiter: str) -> tuple[str]:
    """StringConcatenate."""
    return (f"{string_a}{delimiter}{string_b}",)


def show(*, source: Any) -> Shown:
    """PreviewAny: the value as text."""
    return Shown({"text": (str(source),)})


def tell_size(work: Work, *, image: Pictures) -> tuple[int, int, int]:
    """GetImageSize: width, height and how many; shows them, too."""
    width, height = image[0].size
    work.say(f"width: {width}, height: {height}\n batch size: {len(image)}")
    return width, height, len(image)


NODES: Mapping[str, Node] = {
    "PrimitiveInt": same,
    "PrimitiveFloat": same,
    "PrimitiveString": same,
    "PrimitiveStringMultiline": same,
    "PrimitiveBoolean": same,
    "StringConcatenate": concatenate,
    "PreviewAny": show,
}

TELLING_NODES: Mapping[str, Node] = {"GetImageSize": tell_size}
