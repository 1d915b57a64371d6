"""Gives a template the parameters that somebody names: each is an input of a node. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ComfyGenError, InvalidParameterError, InvalidRequestError, WorkflowError
from comfy_gen.workflows.deriving import derive_template, sound
from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.holes import RESERVED, find_input, settable_inputs
from comfy_gen.workflows.literals import writers_of
from comfy_gen.workflows.roles import find_roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.workflows.parameter import Parameter
    from comfy_gen.workflows.slots import Slot
    from comfy_gen.workflows.template import Template

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SIDES = frozenset({"width", "height"})


@dataclass(frozen=True, slots=True)
class Naming:
    """An input of a node, and what it is to be called."""

    slot: Slot
    name: str
    title: str | None = None
    """None leaves it as it is, as with the description."""
    description: str | None = None


def name_inputs(
    template: Template, namings: Sequence[Naming], object_info: Mapping[str, Any] | None = None
) -> Template:
    """Return the template with these parameters, and no others but those that have no place in the graph.

    What an input was before it stays: a prompt under another name is still the prompt, wherever the graph has it. Of
    several places that were one parameter each is one of its own if more than one is named.

    Raises:
        InvalidParameterError, NodeNotFoundError, InputNotFoundError: one thing that cannot be.
        InvalidRequestError: several; with all of them.
    """
    if faults := list(_faults(template, namings)):
        raise faults[0] if len(faults) == 1 else InvalidRequestError(faults, undone="changed")
    naming = _Naming(template, object_info)
    shares = Counter(id(naming.before(one.slot)) for one in namings)
    parameters = [naming.parameter(one, is_alone=shares[id(naming.before(one.slot))] == 1) for one in namings]
    named = tuple(_with_sides(parameters, template))
    presets = _renamed(template, {one.name: naming.before(one.slot) for one in namings})
    return replace(template, parameters=(*named, *_placeless(template)), presets=presets)


class _Naming:
    """A template, and what its inputs were before."""

    def __init__(self, template: Template, object_info: Mapping[str, Any] | None) -> None:
        workflow = template.workflow
        derived = derive_template(template.name, workflow, object_info).parameters
        self._before = writers_of(workflow, template.parameters)
        self._before = {**writers_of(workflow, derived), **self._before}
        self._known = {one.slots[0]: one for one in settable_inputs(workflow, object_info)}

    def before(self, slot: Slot) -> Parameter:
        """Return what wrote there, or would have; the place itself where nothing did."""
        return self._before.get(slot) or self._known[slot]

    def parameter(self, naming: Naming, *, is_alone: bool) -> Parameter:
        before, own = self.before(naming.slot), self._known[naming.slot]
        if naming.slot not in self._before:
            made = sound(replace(own, role=None))
        elif is_alone:
            made = before
        else:
            made = replace(before, role=None, slots=(naming.slot,), default=own.default)
        title = made.title if naming.title is None else naming.title
        description = made.description if naming.description is None else naming.description
        return replace(made, name=naming.name, title=title, description=description)


def _with_sides(parameters: Sequence[Parameter], template: Template) -> Iterator[Parameter]:
    """Give the parameters; of a canvas's sides one alone is just a number, for both are set at once."""
    roles = find_roles(template.workflow)
    is_whole = {one.role for one in parameters} >= _SIDES
    for one in parameters:
        if one.role in _SIDES and not is_whole:
            yield replace(one, role=None, slots=getattr(roles, one.role))
        else:
            yield one


def _placeless(template: Template) -> list[Parameter]:
    """Return the parameters that nobody can name, as nothing stands there yet: a mask beside a picture."""
    written = {one.name for one in writers_of(template.workflow, template.parameters).values()}
    return [one for one in template.parameters if one.name not in written]


def _renamed(template: Template, before: Mapping[str, Parameter]) -> Mapping[str, Mapping[str, Any]]:
    """Return the template's presets by the new names, without what has none any more."""
    new = {one.name: name for name, one in before.items()} | {one.name: one.name for one in _placeless(template)}
    return {
        preset: {new[name]: value for name, value in values.items() if name in new}
        for preset, values in template.presets.items()
    }


def _faults(template: Template, namings: Sequence[Naming]) -> Iterator[ComfyGenError]:
    names = {one.name for one in _placeless(template)}
    slots: set[Slot] = set()
    for place, one in enumerate(namings):
        if expected := _name_fault(one.name, names):
            yield InvalidParameterError(f"inputs[{place}].name", one.name, expected)
        yield from _slot_faults(template, one.slot, place, slots)
        names.add(one.name)
        slots.add(one.slot)


def _name_fault(name: str, taken: set[str]) -> str:
    if not _NAME.fullmatch(name):
        return "1 to 63 of a-z, 0-9 and '_', beginning with a letter"
    if name in RESERVED:
        return f"another name: {name} means something else"
    return "another name: it is that of another input" if name in taken else ""


def _slot_faults(template: Template, slot: Slot, place: int, taken: set[Slot]) -> Iterator[ComfyGenError]:
    try:
        find_input(template.workflow, slot)
    except WorkflowError as error:
        yield error
        return
    value = slot.value(template.workflow)
    if is_link(value) or not isinstance(value, (str, int, float)):
        yield InvalidParameterError(f"inputs[{place}].input", slot.input_name, "an input with a value of its own")
    elif slot in taken:
        yield InvalidParameterError(f"inputs[{place}].input", slot.input_name, "named once")
