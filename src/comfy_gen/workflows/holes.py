"""The places in a workflow that may be set, and the template that is made by naming some of them. Pure."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import InputNotFoundError, NodeNotFoundError, RoleNotFoundError, TemplateCardError, listing
from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.parameter import Parameter, ParameterType
from comfy_gen.workflows.roles import Roles, find_roles
from comfy_gen.workflows.slots import Slot, is_literal
from comfy_gen.workflows.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.checks.declarations import Input
    from comfy_gen.workflows.graph import Workflow

_FIELDS = (
    *("node_id", "input_name", "slots", "role", "type", "description", "default", "minimum", "maximum"),
    *("multiple_of", "choices", "required"),
)
RESERVED = ("preset", "self")
"""Names that `Template.instantiate` has for itself."""
_ROLES = tuple(field.name for field in fields(Roles) if field.name not in ("guidance", "loras"))
"""All that can be set by their name alone: cfg sets guidance where there is one, and a LoRA is more than a name."""
_SIDES = ("width", "height")
_DECLARED_TYPES: dict[object, ParameterType] = {
    "INT": "integer",
    "FLOAT": "number",
    "STRING": "string",
    "BOOLEAN": "boolean",
}


def make_template(
    name: str, workflow: Workflow, parameters: Mapping[str, object], object_info: Mapping[str, Any] | None = None
) -> Template:
    """Return a template with a graph of its own.

    A parameter is ``{"node_id", "input_name"}``, or ``{"slots": […]}`` for several places, and what a card may say
    besides: type, minimum, maximum, multiple_of, choices, default, required, description. What it does not say is
    taken from the node's declaration, where ``object_info`` is given, and else from the value that stands there.

    Raises:
        TemplateCardError: a parameter's card is not as it must be.
        NodeNotFoundError, InputNotFoundError: a parameter is for something that is not there; with the nearest.
        InvalidParameterError: a default is not what the parameter itself allows.
    """
    made = tuple(_make(one, card, workflow, object_info or {}) for one, card in parameters.items())
    template = Template(name=name, workflow=copy.deepcopy(workflow), parameters=made)
    check_template(template, object_info)
    return replace(template, workflow=_with_defaults(template))


def check_template(template: Template, object_info: Mapping[str, Any] | None = None) -> None:
    """Raise what `make_template` raises, for a template that comes from elsewhere."""
    roles = find_roles(template.workflow)
    for parameter in template.parameters:
        if reason := _card_fault(template, parameter):
            raise TemplateCardError(f"parameter {parameter.name!r} of template {template.name!r}", reason)
        for slot in parameter.slots:
            find_input(template.workflow, slot, declared=object_info)
        if parameter.role and not parameter.slots and not getattr(roles, parameter.role):
            raise RoleNotFoundError(parameter.role)
        if parameter.default is not None and (fault := parameter.fault(parameter.default)):
            raise fault


def _with_defaults(template: Template) -> Workflow:
    """Return the graph as it is when nothing is chosen: a parameter's default need not be what stands there."""
    given = {one.name: one.default for one in template.parameters if one.default is not None}
    optional = tuple(replace(one, required=False) for one in template.parameters)
    return replace(template, parameters=optional).instantiate(**given)


def find_input(workflow: Workflow, slot: Slot, *, declared: Mapping[str, Any] | None = None) -> None:
    """Make sure that a place is there: an input that the node has, or that its class declares.

    Raises:
        NodeNotFoundError: there is no such node.
        InputNotFoundError: the node has no such input.
    """
    if slot.node_id not in workflow:
        raise NodeNotFoundError(slot.node_id, _nearest_nodes(workflow, slot.node_id))
    node = workflow[slot.node_id]
    class_type = node["class_type"]
    names = dict.fromkeys([*node["inputs"], *_declared_inputs(declared or {}, class_type)])
    if slot.input_name not in names:
        nearest = nearest_names(slot.input_name, names, 3)
        raise InputNotFoundError(slot.node_id, class_type, slot.input_name, nearest)


def _nearest_nodes(workflow: Workflow, node_id: str) -> list[str]:
    return [f"{near} ({workflow[near]['class_type']})" for near in nearest_names(str(node_id), workflow)]


def _declared_inputs(object_info: Mapping[str, Any], class_type: str) -> dict[str, Input]:
    declarations = Declarations(object_info)
    return {one.name: one for one in declarations.inputs(class_type)} if class_type in declarations else {}


def _make(name: str, card: object, workflow: Workflow, object_info: Mapping[str, Any]) -> Parameter:
    source = f"the card of parameter {name!r}"
    if not isinstance(card, dict):
        raise TemplateCardError(source, f"{card!r} stands where an object must be")
    said = cast("dict[str, Any]", card)
    if unknown := next((field for field in said if field not in _FIELDS), None):
        raise TemplateCardError(source, f"it has an unknown {unknown!r}; nearest: {nearest_names(unknown, _FIELDS)[0]}")
    parameter = Parameter.from_card({"name": name, **said})
    if not parameter.slots and not parameter.role:
        raise TemplateCardError(source, "it says no place: neither node_id and input_name, nor slots")
    for slot in parameter.slots:
        find_input(workflow, slot, declared=object_info)
    places = parameter.slots or _places(workflow, parameter.role)
    known = _known(workflow, places[0], object_info) if places else {}
    return replace(parameter, **{field: value for field, value in known.items() if field not in said})


def settable_inputs(workflow: Workflow, object_info: Mapping[str, Any] | None = None) -> list[Parameter]:
    """Return every input that has a value of its own, as a parameter named ``NODE.INPUT`` with that value as default.

    Limits and choices are known where ``object_info`` is given.
    """
    roles = find_roles(workflow)
    by_slot = {slot: field.name for field in fields(roles) for slot in getattr(roles, field.name)}
    slots = (Slot(node_id, name) for node_id, node in workflow.items() for name in node["inputs"])
    return [
        Parameter(
            name=f"{slot.node_id}.{slot.input_name}",
            slots=(slot,),
            role=by_slot.get(slot),
            **_known(workflow, slot, object_info or {}),
        )
        for slot in slots
        if not isinstance(slot.value(workflow), list)
    ]


def _places(workflow: Workflow, role: object) -> tuple[Slot, ...]:
    return getattr(find_roles(workflow), role) if isinstance(role, str) and role in _ROLES else ()


def _known(workflow: Workflow, slot: Slot, object_info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the graph, and the engine where there is one, say of a place."""
    value = slot.value(workflow)
    default = None if is_link(value) else value
    declared = _declared_inputs(object_info, workflow[slot.node_id]["class_type"]).get(slot.input_name)
    if declared is None:
        return {"default": default, "type": type_of(value)}
    limits = {"minimum": declared.options.get("min"), "maximum": declared.options.get("max")}
    # A file that is uploaded later is on no list yet.
    choices = () if declared.is_upload else tuple(declared.choices or ())
    return {"default": default, "type": _declared_type(declared), "choices": choices, **limits}


def _declared_type(declared: Input) -> ParameterType:
    if declared.choices is not None:
        return "string" if all(isinstance(choice, str) for choice in declared.choices) else "any"
    return _DECLARED_TYPES.get(declared.type, "any")


def type_of(value: object) -> ParameterType:
    """Return the type that a value has; a number without a fraction may stand where one with it may."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "any"


def _card_fault(template: Template, parameter: Parameter) -> str:
    if parameter.name in RESERVED:
        return f"it must have another name: {parameter.name} means something else"
    for field in ("minimum", "maximum", "multiple_of"):
        value: object = getattr(parameter, field)
        if value is not None and not is_literal(value, (int, float)):
            return f"its {field} is {value!r}, not a number"
    if parameter.minimum is not None and parameter.maximum is not None and parameter.minimum > parameter.maximum:
        return f"its minimum, {parameter.minimum}, is above its maximum, {parameter.maximum}"
    return _role_fault(template, parameter.role) if parameter.role is not None else ""


def _role_fault(template: Template, role: object) -> str:
    if role not in _ROLES:
        return f"its role is {role!r}; nearest: {listing(nearest_names(str(role), _ROLES, 3))}"
    roles = [one.role for one in template.parameters]
    if role in _SIDES and not all(side in roles for side in _SIDES):
        return "width and height go together: the template needs a parameter for each"
    return ""
