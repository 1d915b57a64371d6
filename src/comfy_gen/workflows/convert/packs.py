"""Nodes of common packs whose widgets only their own code in the editor knows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from comfy_gen.workflows.convert.document import UiNode

_POWER_LORA = "Power Lora Loader (rgthree)"


def pack_values(node: UiNode) -> dict[str, Any] | None:
    """Return a node's values by the names that its pack gives them, or None when its class declares them itself."""
    if node.type != _POWER_LORA:
        return None
    saved = node.values or tuple((node.named or {}).values())
    loras = [cast("Any", value) for value in saved if isinstance(value, dict) and "lora" in value]
    return {f"lora_{number}": lora for number, lora in enumerate(loras, 1)}
