"""What is different in one job: a role's or an input's new value, as a person wrote it. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.updates import ROLES, apply_settings, apply_updates, parse_update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.workflows.graph import Workflow


class Change(NamedTuple):
    """One value; ``name`` is a role such as ``seed``, or ``NODE.INPUT``."""

    name: str
    text: str

    @property
    def is_of_node(self) -> bool:
        """Whether it names a node's input."""
        return "." in self.name


def parse_change(text: str, option: str) -> Change:
    """Read ``ROLE=VALUE`` or ``NODE.INPUT=VALUE``.

    Raises:
        InvalidParameterError: it is something else, or there is no such role.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidParameterError(option, text, "ROLE=VALUE or NODE.INPUT=VALUE, such as seed=42")
    return Change(checked_name(name.strip(), option), value)


def checked_name(name: str, option: str) -> str:
    """Return a name that may be changed.

    Raises:
        InvalidParameterError: it is neither a role nor ``NODE.INPUT``; with the nearest roles.
    """
    node_id, point, input_name = name.partition(".")
    if name in ROLES or (point and node_id and input_name):
        return name
    nearest = ", ".join(nearest_names(name, ROLES, limit=3)) if name else ", ".join(ROLES)
    raise InvalidParameterError(option, name, f"NODE.INPUT or one of {', '.join(ROLES)}", f"nearest: {nearest}.")


def changed(workflow: Workflow, changes: Sequence[Change]) -> Workflow:
    """Return a copy of the workflow with these values; of two for the same name the later counts.

    Raises:
        InvalidParameterError: a node or an input is not there, or a value is of another type.
        RoleNotFoundError: the workflow has no such role.
    """
    copied = copy.deepcopy(workflow)
    last = {change.name: change for change in changes}.values()
    updates = [parse_update("=".join(change)) for change in last if change.is_of_node]
    settings = [(change.name, change.text) for change in last if not change.is_of_node]
    return apply_updates(apply_settings(copied, settings), updates)
