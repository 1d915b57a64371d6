"""Says in JSON Schema (2020-12) what may be given to a template. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.workflows.parameter import Parameter, ParameterType
    from comfy_gen.workflows.template import Template

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PICTURE = "A URL, or the name of an uploaded file."

_TYPES: dict[ParameterType, str] = {
    "string": "string",
    "image": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}
_LIMITS = {"minimum": "minimum", "maximum": "maximum", "multiple_of": "multipleOf"}


def schema_of(template: Template) -> dict[str, Any]:
    """Return the schema of a template's inputs."""
    return object_schema(template.parameters, title=template.title or template.name, description=template.summary)


def object_schema(parameters: Sequence[Parameter], *, title: str, description: str = "") -> dict[str, Any]:
    """Return the schema of an object that has a value for each of these, and nothing else."""
    return {
        "$schema": DIALECT,
        "title": title,
        **({"description": description} if description else {}),
        "type": "object",
        "properties": {parameter.name: value_schema(parameter) for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.required],
        "additionalProperties": False,
    }


def value_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the schema of one value."""
    schema: dict[str, Any] = {"title": parameter.heading}
    if words := _description(parameter):
        schema["description"] = words
    if parameter.type in _TYPES:
        schema["type"] = _TYPES[parameter.type]
    if parameter.type == "image":
        schema |= {"format": "image", "minLength": 1}
    schema |= _limits(parameter)
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    # What stands in the graph of a value that must be given is no default: it is an example at best.
    if parameter.default is not None and not parameter.required:
        schema["default"] = parameter.default
    return schema


def _description(parameter: Parameter) -> str:
    if parameter.type != "image":
        return parameter.description
    return f"{parameter.description} A URL is fetched." if parameter.description else _PICTURE


def _limits(parameter: Parameter) -> dict[str, Any]:
    """Return the limits of a number; infinity, which nodes may declare, is none, and no JSON either."""
    if parameter.type not in ("integer", "number"):
        return {}
    said = {word: getattr(parameter, field) for field, word in _LIMITS.items()}
    return {word: value for word, value in said.items() if is_literal(value, (int, float)) and math.isfinite(value)}
