"""The values of nodes whose class the engine does not have: what the file alone tells of their names. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.convert.readings import CONTROLS, FURNITURE, UNSENT

if TYPE_CHECKING:
    from comfy_gen.workflows.convert.document import UiNode


def guess_values(node: UiNode) -> dict[str, Any] | None:
    """Return the values of the node's inputs by name, or None when the file does not tell the names."""
    if node.named is not None:
        return {name: value for name, value in node.named.items() if name not in UNSENT and value is not None}
    names = [socket.widget for socket in node.inputs if socket.widget]
    if not node.values:
        return {}
    return _match(names, list(node.values)) if names else None


def _match(names: list[str], values: list[Any]) -> dict[str, Any] | None:
    """Return names and values together, if there is one value for each name besides what the editor adds."""
    found: dict[str, Any] = {}
    for name in names:
        if not values:
            return None
        found[name] = values.pop(0)
        if values and isinstance(values[0], str) and values[0] in CONTROLS:
            values.pop(0)
    return found if all(value in FURNITURE for value in values) else None
