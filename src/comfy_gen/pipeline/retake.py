"""Writes a take into a workflow: what it changes, by the roles of the inputs. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from comfy_gen.validation.takes import Origin
from comfy_gen.workflows import edits
from comfy_gen.workflows.roles import find_roles, literal_of, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.slots import Slot


def retaken(workflow: Workflow, changed: Mapping[str, Any]) -> Workflow:
    """Return a copy of a workflow with these changes; the workflow itself where there are none.

    Where passes have a cfg each, or encoders a text, what differs from the first is left: it is about something else.
    """
    if not changed:
        return workflow
    taken, roles = copy.deepcopy(workflow), find_roles(workflow)
    if "seed" in changed:
        edits.set_seed(taken, changed["seed"])
    if "steps" in changed:
        edits.set_steps(taken, changed["steps"])
    slots = {
        "cfg": roles.guidance or roles.cfg,
        "positive_prompt": roles.positive,
        "negative_prompt": roles.negative,
    }
    for name in slots.keys() & changed.keys():
        _put_like_first(taken, slots[name], changed[name])
    return taken


def _put_like_first(workflow: Workflow, slots: tuple[Slot, ...], value: object) -> None:
    first = value_of(workflow, slots)
    for slot in slots:
        if slot.value(workflow) == first:
            slot.put(workflow, value)


def origin_of(workflow: Workflow) -> Origin:
    """Return what a workflow has of all that a take may change."""
    roles = find_roles(workflow)
    cfg = literal_of(workflow, roles.guidance or roles.cfg, int, float)
    return Origin(
        seed=literal_of(workflow, roles.seed, int),
        steps=literal_of(workflow, roles.steps, int),
        cfg=None if cfg is None else float(cfg),
        positive_prompt=literal_of(workflow, roles.positive, str),
        negative_prompt=literal_of(workflow, roles.negative, str),
    )
