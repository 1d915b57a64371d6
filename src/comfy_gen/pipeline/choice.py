"""Chooses a workflow that an engine can run, where nobody named one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.errors import ModelNotFoundError
from comfy_gen.workflows.families import family_of_checkpoint, paints_pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comfy_gen.workflows.template import Template

TEXT_TEMPLATES = ("sdxl", "sd15", "flux-dev", "flux-schnell", "sd3.5", "qwen-image")
"""In the order of preference: what most people have and what runs on most cards comes first."""
IMAGE_TEMPLATES = ("sd15-img2img",)
MASK_TEMPLATES = ("sd15-inpaint",)


class Choice(NamedTuple):
    """A template, perhaps with another model than its own."""

    template: str
    model: str | None = None
    note: str = ""
    """What a person should know of it."""


def choose(
    models: Mapping[str, Sequence[str]],
    *,
    load: Callable[[str], Template],
    model: str | None = None,
    has_image: bool = False,
    has_mask: bool = False,
) -> Choice:
    """Return a template whose models the engine has, or one that runs another of its checkpoints.

    Args:
        models: the engine's model files by folder.
        load: returns a template by name.
        model: the checkpoint that was asked for, which decides the family.
        has_image: whether there is an input picture to start from.
        has_mask: whether a mask says where to paint it over.

    Raises:
        ModelNotFoundError: the engine has no model for any of them.
    """
    has_image = has_image or has_mask
    candidates = MASK_TEMPLATES if has_mask else IMAGE_TEMPLATES if has_image else TEXT_TEMPLATES
    if model is not None:
        return Choice(family_of_checkpoint(model) if not has_image else candidates[0])
    for name in candidates:
        if all(need.file in models.get(need.folder, ()) for need in load(name).models):
            return Choice(name)
    for checkpoint in models.get("checkpoints", ()):
        if paints_pictures(checkpoint):
            template = candidates[0] if has_image else family_of_checkpoint(checkpoint)
            return Choice(
                template, checkpoint, f"using {template} with {checkpoint}, the checkpoint that the engine has"
            )
    need = load("sd15").models[0]
    raise ModelNotFoundError(need.file, need.folder, tuple(models.get(need.folder, ())))
