"""Lists the inputs of a graph that have a value of their own, each with the parameter that writes there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from comfy_gen.workflows.canvas import is_picture_loader
from comfy_gen.workflows.holes import settable_inputs, type_of
from comfy_gen.workflows.roles import find_roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.parameter import Parameter
    from comfy_gen.workflows.slots import Slot
    from comfy_gen.workflows.template import Template

LiteralType = Literal["string", "integer", "number", "boolean", "choice", "image"]
MOST_CHOICES = 500
"""Of one input that are told."""


@dataclass(frozen=True, slots=True)
class LiteralInput:
    """An input that has a value of its own."""

    slot: Slot
    node_title: str
    class_type: str
    type: LiteralType
    value: str | float | bool
    choices: tuple[Any, ...]
    parameter: Parameter | None
    """The template's own that writes there."""


def literal_inputs(template: Template, object_info: Mapping[str, Any] | None = None) -> list[LiteralInput]:
    """Return every input of every node that has a value of its own, in the graph's order.

    What it may be is known where ``object_info`` is given. Lists and objects, which no widget shows, are left out.
    """
    writers = writers_of(template.workflow, template.parameters)
    known = settable_inputs(template.workflow, object_info)
    return [
        _literal(template.workflow, one, writers.get(one.slots[0]))
        for one in known
        if isinstance(one.default, (str, int, float))
    ]


def writers_of(workflow: Workflow, parameters: Sequence[Parameter]) -> dict[Slot, Parameter]:
    """Return which parameter writes to each place."""
    writers: dict[Slot, Parameter] = {}
    for slot, parameter in _writing(workflow, parameters):
        writers.setdefault(slot, parameter)
    return writers


def _writing(workflow: Workflow, parameters: Sequence[Parameter]) -> Iterator[tuple[Slot, Parameter]]:
    roles = find_roles(workflow)
    for one in parameters:
        role = "guidance" if one.role == "cfg" and roles.guidance else one.role or ""
        places: tuple[Slot, ...] = getattr(roles, role, ())
        # Of several models the first paints first, and it alone is set.
        for slot in one.slots or (places[:1] if one.role == "models" else places):
            yield slot, one


def _literal(workflow: Workflow, known: Parameter, writer: Parameter | None) -> LiteralInput:
    (slot,) = known.slots
    class_type = str(workflow[slot.node_id]["class_type"])
    return LiteralInput(
        slot=slot,
        node_title=title_of(workflow, slot.node_id),
        class_type=class_type,
        type=_type(workflow, known),
        value=known.default,
        choices=known.choices[:MOST_CHOICES],
        parameter=writer,
    )


def title_of(workflow: Workflow, node_id: str) -> str:
    """Return what a node is called in the editor; its class where nobody called it anything."""
    title = workflow[node_id].get("_meta", {}).get("title")
    return title if isinstance(title, str) and title else str(workflow[node_id]["class_type"])


def _type(workflow: Workflow, known: Parameter) -> LiteralType:
    (slot,) = known.slots
    if slot.input_name == "image" and is_picture_loader(workflow, slot.node_id):
        return "image"
    if known.choices:
        return "choice"
    declared = type_of(known.default) if known.type == "any" else known.type
    return "string" if declared == "any" else declared
