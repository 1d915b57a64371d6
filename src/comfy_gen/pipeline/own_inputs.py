"""What a request says to a workflow by the names of its schema, beside what every request can say. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.parameter import faults_of
from comfy_gen.workflows.roles import find_roles, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.errors import ComfyGenError
    from comfy_gen.pipeline.request import GenerationRequest
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.template import Template

_FIELDS = {
    "images": "input_image",
    "positive": "prompt",
    "negative": "negative_prompt",
    "models": "model",
    **{name: name for name in ("seed", "steps", "cfg", "sampler", "scheduler", "denoise", "width", "height")},
}
"""What a request calls what is set for each role."""
_NAMED = {"image": "input_image"}
"""What a request calls a parameter otherwise than templates do."""
_SIDES = {"width": "height", "height": "width"}


def faults_in(request: GenerationRequest, template: Template) -> Iterator[ComfyGenError]:
    """Give everything that stands against what a request says to a template."""
    said = dict(request.inputs)
    for name in request.inputs:
        field = field_of(template, name)
        if field is not None and getattr(request, field) is not None:
            expected = f"left out where there is {_article(field)} {field}"
            yield InvalidParameterError(f"inputs.{name}", said.pop(name), expected)
    # Those that must be given need not be given here.
    optional = [replace(one, required=False) for one in template.parameters]
    for fault in faults_of(optional, said, owner=template.name):
        fault.name = f"inputs.{fault.name}"
        yield fault


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def field_of(template: Template, name: str) -> str | None:
    """Return what a request calls the parameter of this name; None where it has no field for it."""
    parameter = template.parameter(name)
    if parameter is None:
        return None
    by_name = _NAMED.get(name, name)
    return _FIELDS.get(parameter.role or "") or (by_name if by_name in _FIELDS.values() else None)


def said_once(request: GenerationRequest, template: Template) -> GenerationRequest:
    """Return a request without what it says by the names of the template's inputs, too: these count."""
    fields = {field_of(template, name) for name in request.inputs} - {None}
    return replace(request, **{str(field): None for field in fields})


def is_sized_by_picture(template: Template) -> bool:
    """Tell whether what a template makes is as large as the picture that it works on."""
    roles = find_roles(template.workflow)
    return bool(roles.images) and not roles.width


def write_inputs(request: GenerationRequest, template: Template, workflow: Workflow) -> None:
    """Write what a request says to a template into a workflow that was made of it."""
    given = {name: value for name, value in request.inputs.items() if value is not None}
    template.write(workflow, {**_other_side(template, given, workflow), **given})


def _other_side(template: Template, given: Mapping[str, Any], workflow: Workflow) -> dict[str, Any]:
    """Return the side of a canvas that is not said where the other is: it stays as it is by now."""
    roles = find_roles(workflow)
    by_role = {one.role: one.name for one in template.parameters if one.role in _SIDES}
    said = {role for role, name in by_role.items() if name in given}
    return {
        by_role[_SIDES[role]]: value_of(workflow, getattr(roles, _SIDES[role]))
        for role in said
        if _SIDES[role] in by_role and _SIDES[role] not in said
    }
