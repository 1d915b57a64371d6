"""Tells families of models apart by the names of their files: what is made for one does not run with another. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comfy_gen.workflows.template import ModelNeed, Template

PAINTERS = ("checkpoints", "diffusion_models")
"""The folders of models that paint."""
CLASSIC = frozenset({"sd15", "sdxl"})
"""Families that are guided by cfg in the range that most advice on it is about."""

_XL = r"xl|pony|illustrious|noob|animagine"
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), family)
    for pattern, family in (
        (r"flux", "flux"),
        (r"sd[-_.]?3|stable-diffusion-3", "sd3.5"),
        (r"qwen", "qwen-image"),
        (r"wan[-_.]?\d", "wan"),
        (_XL, "sdxl"),
        (r"sd[-_.]?1|v1[-.]?5", "sd15"),
    )
)
_NOT_FOR_PICTURES = re.compile(
    r"inpaint|refiner|svd|upscal|audio|video|cascade|sd3|flux|qwen|wan|hunyuan|ltx|lumina", re.IGNORECASE
)


def family_in(name: str) -> str:
    """Return the family that a file's name tells; empty if it tells none."""
    return next((family for pattern, family in _NAMED if pattern.search(name)), "")


def family_of_checkpoint(name: str) -> str:
    """Return the family of a checkpoint that `paints_pictures`: most of the nameless are Stable Diffusion 1.5."""
    return "sdxl" if re.search(_XL, name, re.IGNORECASE) else "sd15"


def paints_pictures(checkpoint: str) -> bool:
    """Tell whether a plain text-to-image workflow of Stable Diffusion runs a checkpoint, as far as its name tells."""
    return not _NOT_FOR_PICTURES.search(checkpoint)


def painters_of(template: Template) -> tuple[ModelNeed, ...]:
    """Return the models of a template that paint."""
    return tuple(need for need in template.models if need.folder in PAINTERS)


def family_of(template: Template) -> str:
    """Return the family of a template's own model; empty if its name tells none."""
    painters = painters_of(template)
    if not painters:
        return ""
    return family_in(painters[0].file) or ("sd15" if painters[0].folder == "checkpoints" else "")
