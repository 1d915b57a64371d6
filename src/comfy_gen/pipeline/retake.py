"""Writes a take into a workflow: what it changes, by the roles of the inputs. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from comfy_gen.validation.takes import Origin, changes
from comfy_gen.workflows import edits
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.validation.quality import Quality
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.slots import Slot


def changes_of(workflow: Workflow, quality: Quality, number: int) -> dict[str, Any]:
    """Return what a take changes in a workflow."""
    return changes(quality, origin_of(workflow), number)


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
    seed, steps = value_of(workflow, roles.seed), value_of(workflow, roles.steps)
    cfg = value_of(workflow, roles.guidance or roles.cfg)
    positive, negative = value_of(workflow, roles.positive), value_of(workflow, roles.negative)
    return Origin(
        seed=seed if is_literal(seed, (int,)) else None,
        steps=steps if is_literal(steps, (int,)) else None,
        cfg=float(cfg) if is_literal(cfg, (int, float)) else None,
        positive_prompt=positive if isinstance(positive, str) else None,
        negative_prompt=negative if isinstance(negative, str) else None,
    )
