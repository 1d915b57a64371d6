"""The modifiers that ship: the usual work, on the shipped templates."""

from __future__ import annotations

import copy
import math
import reprlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

from comfy_gen.errors import InvalidParameterError
from comfy_gen.pipeline.modifiers.modifier import BaseModifier
from comfy_gen.pipeline.request import Lora, parse_lora
from comfy_gen.validation.retry import new_seed
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import insert_lora
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.template import Template

MAX_LORAS = 20

_LORAS = Parameter(
    name="loras", description='LoRAs to add, in their order: each {"name", "strength"}, or "NAME:STRENGTH".'
)
_LORA_FORM = f'a list of at most {MAX_LORAS}, each as {{"name": "ink.safetensors", "strength": 0.8}}'
_LORA_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "properties": {"name": {"type": "string", "minLength": 1}, "strength": {"type": "number"}},
                "required": ["name"],
                "additionalProperties": False,
            },
        ]
    },
    "maxItems": MAX_LORAS,
}
_OWN_NAMES = {"image": "input_image", "mask": "mask_image"}
"""What a template's parameter is called here."""
_SYNONYMS = {
    "checkpoint": "model",
    "image": "input_image",
    "mask": "mask_image",
    "sampler_name": "sampler",
    "negative": "negative_prompt",
}
_FREELY = -1
"""The seed that stands for any."""


class ShippedModifier(BaseModifier):
    """A modifier whose parameters are those of a shipped template, and LoRAs where it has a place for them."""

    LORAS: ClassVar[Parameter | None] = _LORAS

    def __init__(self, modifications: Mapping[str, Any] | None = None) -> None:
        """Check the modifications, and what LoRAs they name."""
        super().__init__(_with_own_names(modifications or {}))
        self._loras = _loras(self.modifications.pop("loras", []))

    async def apply_modifications(self) -> None:
        """Write the modifications where the template has them; a seed that was not given is a random one."""
        values = dict(self.modifications)
        if _form(self.WORKFLOW_JSON).parameter("seed") and values.get("seed", _FREELY) == _FREELY:
            values["seed"] = new_seed()
        self.workflow = _form(self.WORKFLOW_JSON).instantiate(**values)
        for lora in self._loras:
            insert_lora(self.workflow, lora.name, lora.strength)
        await super().apply_modifications()

    @classmethod
    def find(cls) -> Workflow:
        """Return the template's workflow."""
        return copy.deepcopy(_form(cls.WORKFLOW_JSON).workflow)

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Return the template's parameters by their names here, and the one of LoRAs."""
        return (*_form(cls.WORKFLOW_JSON).parameters, *([cls.LORAS] if cls.LORAS else []))

    @classmethod
    def schema(cls) -> dict[str, Any] | None:
        """Return the JSON Schema of the modifications."""
        schema = super().schema()
        if schema and cls.LORAS:
            schema["properties"]["loras"] |= _LORA_SCHEMA
        return schema


class Text2Image(ShippedModifier):
    """Paints a picture from a prompt."""

    WORKFLOW_JSON = "sd15"


class Image2Image(ShippedModifier):
    """Paints a picture anew, after a prompt."""

    WORKFLOW_JSON = "sd15-img2img"


class Inpaint(ShippedModifier):
    """Paints over a part of a picture: what a mask has in white, or what is transparent in the picture itself."""

    WORKFLOW_JSON = "sd15-inpaint"


class Upscale(ShippedModifier):
    """Enlarges a picture with an upscaling model."""

    WORKFLOW_JSON = "upscale"
    LORAS = None


class LoRA(ShippedModifier):
    """Paints a picture from a prompt, with LoRAs."""

    WORKFLOW_JSON = "sd15"
    LORAS = replace(_LORAS, required=True)


SHIPPED: Mapping[str, type[BaseModifier]] = {
    modifier.__name__: modifier for modifier in (Text2Image, Image2Image, Inpaint, Upscale, LoRA)
}


@cache
def _form(name: str) -> Template:
    """Return a shipped template with the names that its parameters have here."""
    template = load_template(name)
    return replace(template, parameters=tuple(_renamed(parameter) for parameter in template.parameters))


def _renamed(parameter: Parameter) -> Parameter:
    if parameter.name == "seed":
        words = f"{parameter.description} Left out, or {_FREELY}: a random one."
        return replace(parameter, minimum=_FREELY, default=_FREELY, description=words)
    return replace(parameter, name=_OWN_NAMES.get(parameter.name, parameter.name))


def _with_own_names(modifications: Mapping[str, Any]) -> dict[str, Any]:
    """Return the modifications without synonyms.

    Raises:
        InvalidParameterError: one thing is given by two names.
    """
    named: dict[str, Any] = {}
    for name, value in modifications.items():
        own = _SYNONYMS.get(name, name)
        if own in named:
            raise InvalidParameterError(name, value, f"left out: {own} is given by another name too")
        named[own] = value
    return named


def _loras(given: object) -> list[Lora]:
    loras = cast("list[object]", given) if isinstance(given, list) else None
    if loras is None or len(loras) > MAX_LORAS:
        raise InvalidParameterError("loras", reprlib.repr(cast("object", given)), _LORA_FORM)
    return [_lora(one) for one in loras]


def _lora(given: object) -> Lora:
    if isinstance(given, str):
        return parse_lora(given)
    fields = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    name, strength = fields.get("name"), fields.get("strength", 1.0)
    is_known = fields.keys() <= {"name", "strength"}
    is_number = is_literal(strength, (int, float)) and math.isfinite(strength)
    if not (isinstance(name, str) and name and is_known and is_number):
        raise InvalidParameterError("loras", reprlib.repr(cast("object", given)), _LORA_FORM)
    return Lora(name, strength)
