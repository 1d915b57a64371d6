"""The values that a node's own widgets hold, by the names of the inputs they are for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.convert.packs import pack_values
from comfy_gen.workflows.convert.readings import Reading, read_listed, read_named
from comfy_gen.workflows.convert.strangers import guess_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.convert.document import UiNode

PRIMITIVE = "PrimitiveNode"
"""The editor's own node that holds the value of other nodes' widgets."""


class Values:
    """Reads nodes by what an engine declares, each once."""

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        self._object_info = object_info
        self._readings: dict[UiNode, Reading | None] = {}

    def of(self, node: UiNode) -> Reading | None:
        """Return the values of a node; None when nobody tells what they are for."""
        if node not in self._readings:
            self._readings[node] = self._read(node)
        return self._readings[node]

    def _read(self, node: UiNode) -> Reading | None:
        if node.type == PRIMITIVE:
            named = node.named or {}
            value = named["value"] if "value" in named else next(iter(node.values), None)
            return Reading({} if value is None else {"value": value}, {})
        if (own := pack_values(node)) is not None:
            return Reading(own, {})
        declaration: object = self._object_info.get(node.type)
        if isinstance(declaration, dict):
            return _read_known(cast("dict[str, Any]", declaration), node)
        guessed = guess_values(node)
        return None if guessed is None else Reading(guessed, {})


def _read_known(declaration: dict[str, Any], node: UiNode) -> Reading:
    # Names that are not as many as the values are stale; then the class knows the order better.
    if node.named is not None and len(node.values) in (0, len(node.named)):
        return read_named(declaration, node.named)
    return read_listed(declaration, node.values, [socket.widget for socket in node.inputs if socket.widget])
