"""Turns what OpenAI's clients ask for into a request as this service has them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.openai.bodies import GenerationBody
from comfy_gen.errors import InvalidParameterError
from comfy_gen.pipeline.own_inputs import is_sized_by_picture
from comfy_gen.pipeline.request import GenerationRequest, parse_size
from comfy_gen.workflows.roles import find_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.api.dialects.openai.bodies import Asked
    from comfy_gen.api.dialects.openai.models import Meaning
    from comfy_gen.pipeline.preprocess import Size
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.parameter import Parameter
    from comfy_gen.workflows.template import Template

LIKENESS = 0.6
"""How much of a picture is painted anew for a variation of it, of which nobody says what it shows."""
_PRESETS = {
    "low": "draft",
    "medium": "balanced",
    "standard": "balanced",
    "high": "high-quality",
    "hd": "high-quality",
    "xhigh": "high-quality",
    "max": "high-quality",
}
_QUALITIES = {"draft": "low", "balanced": "medium", "high-quality": "high"}
_SEE_THROUGH = re.compile(
    r"JoinImageWithAlpha|rembg|rmbg|(remove|removal).?(bg|background)|LayeredDiffusion", re.IGNORECASE
)
"""Classes of nodes that give pictures without a background."""
_OWN = ("negative_prompt", "steps", "cfg", "sampler", "scheduler", "denoise")


@dataclass(frozen=True, slots=True)
class Given:
    """The pictures to work on, as a workflow names them."""

    images: Sequence[str] = ()
    mask: str | None = None


def wish_of(said: Asked, meaning: Meaning, given: Given = Given()) -> GenerationRequest:
    """Return what is asked of each of the pictures: all but the first have the seeds that follow.

    Raises:
        InvalidParameterError: what is meant makes no pictures, or none without one to work on.
    """
    template = meaning.template
    if template is not None and template.output == "video":
        raise InvalidParameterError("model", template.name, "one that makes pictures: this one makes videos")
    if template is not None and not given.images and any(_is_needed(one) for one in template.parameters):
        raise InvalidParameterError("model", template.name, "one that needs no picture, or be sent one: images.edit")
    request = GenerationRequest(
        prompt=_prompt_of(said, template),
        workflow=template and template.name,
        model=meaning.checkpoint,
        seed=said.seed,
        preset=preset_of(said, template),
        **{name: getattr(said, name) for name in _OWN},
    )
    width, height = size_of(said) or (None, None)
    request = replace(request, width=width, height=height)
    return _with_pictures(request, said, template, given)


def numbered(request: GenerationRequest, number: int) -> GenerationRequest:
    """Return what is asked of one of several pictures, counted from 0."""
    return request if request.seed in (None, -1) else replace(request, seed=request.seed + number)


def size_of(said: Asked) -> Size | None:
    """Return the size that was asked for; None for any."""
    return None if said.size in (None, "auto") else parse_size(said.size)


def preset_of(said: Asked, template: Template | None) -> str | None:
    """Return the preset that a quality means; None where none is asked for, or it makes no difference."""
    asked = said.quality if isinstance(said, GenerationBody) else None
    preset = _PRESETS.get(asked or "")
    if template is None or preset is None or preset in template.presets or find_roles(template.workflow).steps:
        return preset
    return None


def quality_of(said: Asked, template: Template | None) -> str | None:
    """Return the quality that pictures are made in; None where the one that was asked for makes no difference."""
    asked = said.quality if isinstance(said, GenerationBody) else None
    preset = preset_of(said, template)
    return "medium" if asked in (None, "auto") else _QUALITIES.get(preset or "")


def check_amount(count: int, template: Template | None) -> None:
    """Do nothing, unless there are more pictures to work on than the workflow takes.

    Raises:
        InvalidParameterError: there are.
    """
    if count > (most := len(_places(template))):
        raise InvalidParameterError("image", count, f"{most} at most: this workflow takes no more pictures")


def check_background(said: GenerationBody, template: Template | None) -> None:
    """Do nothing, unless somebody asks for a background that there cannot be.

    Raises:
        InvalidParameterError: it is to be transparent, and neither the workflow nor the format has that.
    """
    if said.background != "transparent":
        return
    if said.output_format == "jpeg":
        raise InvalidParameterError("output_format", "jpeg", "png or webp where the background is transparent")
    if template is None or not leaves_out_background(template.workflow):
        advice = "name as the model a workflow that takes the background away."
        raise InvalidParameterError("background", "transparent", "opaque or auto", advice)


def leaves_out_background(workflow: Workflow) -> bool:
    """Tell whether a workflow's pictures may be transparent."""
    return any(_SEE_THROUGH.search(str(node["class_type"])) for node in workflow.values())


def _prompt_of(said: Asked, template: Template | None) -> str | None:
    """Return the prompt. Empty, it is none for a workflow that takes none, and no other's example for all others."""
    prompt = said.prompt if isinstance(said, GenerationBody) else ""
    return prompt if prompt or template is None or find_roles(template.workflow).positive else None


def _with_pictures(
    request: GenerationRequest, said: Asked, template: Template | None, given: Given
) -> GenerationRequest:
    """Return the request with the pictures to work on; what they are large is decided by then."""
    inputs = dict(said.inputs)
    if not given.images:
        return replace(request, inputs=inputs)
    if template is None or is_sized_by_picture(template):
        request = replace(request, width=None, height=None)
    if not isinstance(said, GenerationBody) and request.denoise is None and _is_free(template, "denoise"):
        request = replace(request, denoise=LIKENESS)
    if given.mask is not None:
        inputs["mask"] = given.mask
    if template is None:
        return replace(request, input_image=given.images[0], inputs=inputs)
    return replace(request, inputs=inputs | dict(zip(_places(template), given.images, strict=False)))


def _is_needed(parameter: Parameter) -> bool:
    return parameter.type == "image" and parameter.required


def _is_free(template: Template | None, role: str) -> bool:
    return template is None or template.parameter(role) is not None


def _places(template: Template | None) -> Sequence[str]:
    """Return the names of the pictures that a workflow takes."""
    if template is None:
        return ["image"]
    return [one.name for one in template.parameters if one.type == "image" and one.role != "masks"]
