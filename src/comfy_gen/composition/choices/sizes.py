"""Settles a picture's size: in the shape that is wanted, as many pixels as the workflow is made for. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from comfy_gen.composition.choices.parts import part_of
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.explanation import Account
    from comfy_gen.workflows.parameter import Parameter
    from comfy_gen.workflows.template import Template

STEP = 64
"""Pixels: sides that are multiples of it suit every model."""


def settle_size(
    categories: Sequence[Category],
    template: Template,
    account: Account,
    *,
    wished: Mapping[str, Any],
    kept: Mapping[str, Any],
) -> dict[str, int]:
    """Return width and height; nothing for a workflow that has no size of its own.

    A side that was wished for counts as it is; so do those of an earlier recipe, where the workflow takes them.
    """
    parts = {side: part for side in ("width", "height") if (part := part_of(template, side)) is not None}
    if len(parts) < 2 or not all(is_literal(part.default, (int,)) for part in parts.values()):
        return {side: wished[side] for side in parts if side in wished}
    source, ratio = _shape(categories, account)
    sides = {side: part.default for side, part in parts.items()}
    if all(side in kept and part.fault(kept[side]) is None for side, part in parts.items()):
        source, sides = "recipe", {side: kept[side] for side in parts}
    elif ratio:
        sides = _shaped(ratio, sides["width"] * sides["height"], parts)
    given = {side: wished[side] for side in parts if side in wished}
    if len(given) == 1 and ratio:
        sides = _other_side(given, ratio, parts)
    sides |= given
    told = "you" if given else source or template.name
    account.step("settings", "size", f"{sides['width']} x {sides['height']} pixels", told)
    return sides


def _shape(categories: Sequence[Category], account: Account) -> tuple[str, float | None]:
    """Return the width by the height that is wanted most, and who wants it."""
    wants = [(one.id, ratio) for one in categories if (ratio := one.settings.aspect_ratio) is not None]
    if not wants:
        return "", None
    first, ratio = wants[0]
    for other, theirs in wants[1:]:
        if theirs != ratio:
            account.reject(f"size {theirs[0]}:{theirs[1]}", "setting", f"{first} goes first", other)
    return first, ratio[0] / ratio[1]


def _shaped(ratio: float, area: int, parts: Mapping[str, Parameter]) -> dict[str, int]:
    return {
        "width": _fitted(math.sqrt(area * ratio), parts["width"]),
        "height": _fitted(math.sqrt(area / ratio), parts["height"]),
    }


def _other_side(given: Mapping[str, int], ratio: float, parts: Mapping[str, Parameter]) -> dict[str, int]:
    """Return both sides where one is given."""
    if "width" in given:
        return {**given, "height": _fitted(given["width"] / ratio, parts["height"])}
    return {**given, "width": _fitted(given["height"] * ratio, parts["width"])}


def _fitted(side: float, part: Parameter) -> int:
    """Return the multiple of 64, or of what the workflow takes, that is nearest and within its bounds."""
    low, high = part.minimum or 1, part.maximum or math.inf
    own = part.multiple_of or 1
    for step in (math.lcm(STEP, own), own):
        least, most = math.ceil(low / step) * step, high if math.isinf(high) else math.floor(high / step) * step
        if least <= most:
            return int(min(max(round(side / step) * step, least), most))
    return part.default
