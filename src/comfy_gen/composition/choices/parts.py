"""Tells what a workflow can be told, and what it can do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.workflows.families import painters_of
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from comfy_gen.workflows.parameter import Parameter
    from comfy_gen.workflows.template import Template

_NAMES = {"positive": "prompt", "negative": "negative_prompt", "models": "model"}
"""What a parameter that sets a role by its places, not by the role, is called, where that is not the role's name."""


def part_of(template: Template, role: str) -> Parameter | None:
    """Return the parameter that sets a role."""
    by_role = (one for one in template.parameters if one.role == role)
    by_name = (one for one in template.parameters if one.role is None and one.name == _NAMES.get(role, role))
    return next(by_role, None) or next(by_name, None)


def is_of_text_alone(template: Template) -> bool:
    """Tell whether a workflow makes its pictures of a prompt, and of nothing else that one must have."""
    needs_picture = any(one.type == "image" or one.role in ("images", "masks") for one in template.parameters)
    return part_of(template, "positive") is not None and not needs_picture


def capabilities_of(template: Template) -> frozenset[str]:
    """Return what a workflow can do, in the words of categories' ``required_capabilities``."""
    can = {
        "negative-prompt": part_of(template, "negative") is not None and _is_guided(template),
        "loras": bool(painters_of(template)),
        "cfg": part_of(template, "cfg") is not None,
        "size": part_of(template, "width") is not None and part_of(template, "height") is not None,
        "seed": part_of(template, "seed") is not None,
        "video": template.output == "video",
    }
    return frozenset(name for name, is_so in can.items() if is_so)


def _is_guided(template: Template) -> bool:
    """Tell whether a negative prompt has any effect: with a cfg of 1 a sampler does not even look at it."""
    part = template.parameter("true_cfg") or part_of(template, "cfg")
    cfg = value_of(template.workflow, find_roles(template.workflow).cfg) if part is None else part.default
    return not is_literal(cfg, (int, float)) or cfg > 1
