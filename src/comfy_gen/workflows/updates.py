"""Changes that a person writes as text: ``3.seed=42`` for one input, ``seed=42`` for a role. Pure.

The value's type is the input's own, by the engine's declaration where that is known, by what stands there otherwise.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import InvalidParameterError, RoleNotFoundError
from comfy_gen.workflows import edits
from comfy_gen.workflows.checks.declarations import Declarations, Input
from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.roles import find_roles, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class Update:
    """One input's new value, as it was written."""

    node_id: str
    input_name: str
    text: str


def parse_update(text: str) -> Update:
    """Read ``NODE.INPUT=VALUE``; the value may hold anything, an equals sign too.

    Raises:
        InvalidParameterError: it is something else.
    """
    place, equals, value = text.partition("=")
    node_id, point, input_name = place.strip().partition(".")
    if not (equals and point and node_id and input_name):
        raise InvalidParameterError("update", text, "NODE.INPUT=VALUE, such as 3.seed=42")
    return Update(node_id, input_name, value)


def parse_setting(text: str) -> tuple[str, str]:
    """Read ``ROLE=VALUE``.

    Raises:
        InvalidParameterError: it is something else, or there is no such role; with the nearest.
    """
    role, equals, value = text.partition("=")
    role = role.strip()
    if not equals:
        raise InvalidParameterError("set", text, "ROLE=VALUE, such as seed=42")
    if role not in ROLES:
        nearest = ", ".join(nearest_names(role, ROLES, 3))
        raise InvalidParameterError("set", role, f"one of {', '.join(ROLES)}", f"nearest: {nearest}.")
    return role, value


def apply_updates(
    workflow: Workflow, updates: Iterable[Update], object_info: Mapping[str, Any] | None = None
) -> Workflow:
    """Write every update in place and return the workflow; nothing is written if one of them cannot be.

    ``object_info`` is the engine's declaration of node classes, which tells types and names of inputs for sure.

    Raises:
        InvalidParameterError: nodes or inputs that are not there, values of another type; it names all of them.
    """
    values: list[tuple[Update, Any]] = []
    errors: list[InvalidParameterError] = []
    for update in updates:
        try:
            values.append((update, _value(workflow, update, object_info)))
        except InvalidParameterError as error:
            errors.append(error)
    if errors:
        errors[0].others = tuple(errors[1:])
        raise errors[0]
    for update, value in values:
        workflow[update.node_id]["inputs"][update.input_name] = value
    return workflow


def apply_settings(workflow: Workflow, settings: Iterable[tuple[str, str]]) -> Workflow:
    """Write every setting in place, wherever its role is.

    Raises:
        InvalidParameterError: a value is no number where one is needed.
        RoleNotFoundError: the workflow has no such role.
    """
    sides: dict[str, int] = {}
    for role, text in settings:
        kind, edit = ROLES[role]
        value: Any = _number(role, text, kind) if kind is not str else text
        if role in ("width", "height"):
            sides[role] = value
        else:
            edit(workflow, value)
    return _set_sides(workflow, sides) if sides else workflow


def _set_sides(workflow: Workflow, sides: dict[str, int]) -> Workflow:
    """Set both sides at once: whatever else says the canvas's size is known by saying both."""
    roles = find_roles(workflow)
    now = {"width": value_of(workflow, roles.width), "height": value_of(workflow, roles.height)} | sides
    if not all(isinstance(side, int) for side in now.values()):
        raise RoleNotFoundError("size", "no sampler starts from a canvas of a given width and height")
    return edits.set_size(workflow, now["width"], now["height"])


ROLES: dict[str, tuple[type, Callable[[Workflow, Any], Workflow]]] = {
    "prompt": (str, edits.set_prompt),
    "negative": (str, lambda workflow, text: edits.set_prompt(workflow, None, text)),
    "seed": (int, edits.set_seed),
    "steps": (int, edits.set_steps),
    "cfg": (float, edits.set_cfg),
    "sampler": (str, edits.set_sampler),
    "scheduler": (str, edits.set_scheduler),
    "denoise": (float, edits.set_denoise),
    "width": (int, edits.set_batch),
    "height": (int, edits.set_batch),
    "batch": (int, edits.set_batch),
    "length": (int, edits.set_length),
    "image": (str, edits.set_input_image),
    "mask": (str, edits.set_mask),
    "model": (str, edits.set_model),
}
"""What can be set by name, with the type of its value; both sides of a size are set together."""


def _value(workflow: Workflow, update: Update, object_info: Mapping[str, Any] | None) -> Any:
    node = workflow.get(update.node_id)
    place = f"{update.node_id}.{update.input_name}"
    if node is None:
        raise InvalidParameterError("update", place, f"at a node that is there: {', '.join(workflow)}")
    declared = _declared(node["class_type"], object_info)
    names = [*declared, *node["inputs"]] if declared else list(node["inputs"])
    if update.input_name not in names:
        nearest = ", ".join(nearest_names(update.input_name, names, 3))
        expected = f"at an input that {node['class_type']} has"
        raise InvalidParameterError("update", place, expected, f"nearest: {nearest}." if names else "")
    if update.input_name in declared:
        return _typed_as(place, update.text, declared[update.input_name])
    return _typed_like(place, update.text, node["inputs"][update.input_name])


def _declared(class_type: str, object_info: Mapping[str, Any] | None) -> dict[str, Input]:
    declarations = Declarations(object_info or {})
    return {one.name: one for one in declarations.inputs(class_type)} if class_type in declarations else {}


def _typed_as(place: str, text: str, declared: Input) -> Any:
    """Return the value with the type that the engine declares."""
    match declared.type:
        case "INT":
            return _number(place, text, int)
        case "FLOAT":
            return _number(place, text, float)
        case "BOOLEAN":
            return _truth(place, text)
        case _ if declared.choices is not None:
            return next((choice for choice in declared.choices if str(choice) == text), text)
        case "STRING":
            return text
        case _:
            return _json_or_text(text)


def _typed_like(place: str, text: str, present: object) -> Any:
    """Return the value with the type of what stands there; over a link, whatever the text is as JSON."""
    match present:
        case bool():
            return _truth(place, text)
        case int():
            return _number(place, text, int)
        case float():
            return _number(place, text, float)
        case str():
            return text
        case _:
            return _json_or_text(text)


def _number(place: str, text: str, kind: type) -> Any:
    try:
        number = kind(text)
    except ValueError as error:
        raise InvalidParameterError(place, text, "a whole number" if kind is int else "a number") from error
    if not math.isfinite(number):
        raise InvalidParameterError(place, text, "a number")
    return number


def _truth(place: str, text: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.strip().lower() not in known:
        raise InvalidParameterError(place, text, "true or false")
    return known[text.strip().lower()]


def _json_or_text(text: str) -> Any:
    try:
        value = cast("object", json.loads(text))
    except ValueError:
        return text
    return value if is_link(value) or isinstance(value, bool | int | float) else text
