"""Changes a workflow by role. Every function works in place and returns the workflow, as the mission's names do.

A role that the graph does not have is an error, never a silent no: who asks for a negative prompt shall not believe
that it was used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.errors import InvalidParameterError, RoleNotFoundError
from comfy_gen.workflows.canvas import enlargements
from comfy_gen.workflows.graph import free_node_id, links
from comfy_gen.workflows.loras import insert_lora
from comfy_gen.workflows.passes import Pass, sampling_passes
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.slots import Slot

__all__ = [
    "insert_lora",
    "set_batch",
    "set_cfg",
    "set_denoise",
    "set_input_image",
    "set_length",
    "set_mask",
    "set_model",
    "set_prompt",
    "set_sampler",
    "set_scheduler",
    "set_seed",
    "set_size",
    "set_steps",
]

_NUMBERS = (int, float)


def set_prompt(workflow: Workflow, positive: str | None, negative: str | None = None) -> Workflow:
    """Write the prompts into every text encoder of their side; None leaves a side as it is.

    An empty negative prompt for a graph that has none is what that graph does anyway, and no error.
    """
    roles = find_roles(workflow)
    if positive is not None and not roles.positive:
        raise RoleNotFoundError("prompt", "no sampler's positive conditioning comes from a text encoder")
    if negative and not roles.negative:
        raise RoleNotFoundError(
            "negative prompt", "no sampler's negative conditioning comes from a text encoder of its own"
        )
    _write(workflow, roles.positive, positive)
    _write(workflow, roles.negative, negative)
    return workflow


def set_seed(workflow: Workflow, seed: int) -> Workflow:
    """Seed every pass that adds noise."""
    return _set(workflow, "seed", find_roles(workflow).seed, seed, "no sampler takes one")


def set_steps(workflow: Workflow, steps: int) -> Workflow:
    """Set the number of steps; where passes share the steps, each keeps its share."""
    slots = find_roles(workflow).steps
    splits = {split: value for one in sampling_passes(workflow) for split, value in _splits(workflow, one, steps)}
    _set(workflow, "steps", slots, steps, "no sampler or scheduler counts steps")
    for split, value in splits.items():
        split.put(workflow, value)
    return workflow


def set_cfg(workflow: Workflow, cfg: float) -> Workflow:
    """Set how closely to follow the prompt: a Flux graph's guidance, any other's cfg."""
    roles = find_roles(workflow)
    return _set(workflow, "cfg", roles.guidance or roles.cfg, cfg, "no sampler or guider takes it, nor has it guidance")


def set_sampler(workflow: Workflow, name: str) -> Workflow:
    """Choose the sampler of every pass."""
    return _set(workflow, "sampler", find_roles(workflow).sampler, name, "no node lets one choose")


def set_scheduler(workflow: Workflow, name: str) -> Workflow:
    """Choose the scheduler of every pass."""
    return _set(workflow, "scheduler", find_roles(workflow).scheduler, name, "no node lets one choose")


def set_denoise(workflow: Workflow, denoise: float) -> Workflow:
    """Set how much to repaint, in the passes that start from a picture, or in all where none does."""
    return _set(workflow, "denoise", find_roles(workflow).denoise, denoise, "no sampler or scheduler takes it")


def set_size(workflow: Workflow, width: int, height: int) -> Workflow:
    """Set the canvas's size, and every other input that says the same size; later passes enlarge it as before.

    Raises:
        InvalidParameterError: a side is not a multiple of 8, which no latent can have.
    """
    for name, side in (("width", width), ("height", height)):
        if side < 8 or side % 8:
            near = max(8, round(side / 8) * 8)
            raise InvalidParameterError(name, side, "a multiple of 8", f"the nearest that works is {near}.")
    roles = find_roles(workflow)
    enlarged = _enlarged(workflow, (roles.width, width), (roles.height, height))
    reason = "no sampler starts from a canvas of a given width and height"
    _set(workflow, "size", roles.width, width, reason)
    _set(workflow, "size", roles.height, height, reason)
    for slot, side in enlarged:
        slot.put(workflow, side)
    return workflow


def set_batch(workflow: Workflow, count: int) -> Workflow:
    """Set how many pictures one run makes."""
    return _set(workflow, "batch size", find_roles(workflow).batch, count, "no sampler's canvas has one")


def set_length(workflow: Workflow, frames: int) -> Workflow:
    """Set the number of frames of a video."""
    return _set(workflow, "length", find_roles(workflow).length, frames, "no sampler's canvas has frames")


def set_input_image(workflow: Workflow, name: str) -> Workflow:
    """Make every node that loads a picture load this file of the engine's input folder; masks stay."""
    return _set(workflow, "input image", find_roles(workflow).images, name, "no node loads a picture")


def set_mask(workflow: Workflow, name: str, *, channel: str = "red") -> Workflow:
    """Take the mask from this file of the engine's input folder.

    Where the graph takes it from the picture's own alpha channel, it is taken from ``channel`` of the file instead.
    """
    masks = find_roles(workflow).masks
    if masks:
        return _set(workflow, "mask", masks, name, "")
    users = [link for link in links(workflow) if link.slot == 1 and _loads_picture(workflow, link.source)]
    if not users:
        raise RoleNotFoundError("mask", "nothing in it takes a mask")
    node_id = free_node_id(workflow)
    workflow[node_id] = {"class_type": "LoadImageMask", "inputs": {"image": name, "channel": channel}}
    for link in users:
        workflow[link.target]["inputs"][link.input_name] = [node_id, 0]
    return workflow


def set_model(workflow: Workflow, name: str) -> Workflow:
    """Load this file as the model that paints first; a refiner's or second expert's stays."""
    return _set(workflow, "model", find_roles(workflow).models[:1], name, "no node loads a model that paints")


def _set(workflow: Workflow, role: str, slots: tuple[Slot, ...], value: object, reason: str) -> Workflow:
    if not slots:
        raise RoleNotFoundError(role, reason)
    _write(workflow, slots, value)
    return workflow


def _write(workflow: Workflow, slots: tuple[Slot, ...], value: object) -> None:
    for slot in slots if value is not None else ():
        slot.put(workflow, value)


def _enlarged(workflow: Workflow, *sides: tuple[tuple[Slot, ...], int]) -> list[tuple[Slot, int]]:
    """Return what later passes must enlarge to, for the new canvas to grow by as much as the old one did."""
    old = [value_of(workflow, slots) for slots, _ in sides]
    if not all(is_literal(side, _NUMBERS) and side > 0 for side in old):
        return []
    factors = [new / side for (_, new), side in zip(sides, old, strict=True)]
    pairs = enlargements(workflow, sampling_passes(workflow))
    scaled = [
        (slot, slot.value(workflow) * factor) for pair in pairs for slot, factor in zip(pair, factors, strict=True)
    ]
    return [(slot, round(side / 8) * 8) for slot, side in scaled]


def _loads_picture(workflow: Workflow, node_id: str) -> bool:
    return any(slot.node_id == node_id for slot in find_roles(workflow).images)


def _splits(workflow: Workflow, sampling: Pass, steps: int) -> list[tuple[Slot, Any]]:
    """Return where the pass starts or ends within the steps, as it must be when there are so many steps."""
    counts = [slot.value(workflow) for slot in sampling.values(workflow, _NUMBERS, "steps")]
    if not counts or not is_literal(counts[0], _NUMBERS) or counts[0] < 1:
        return []
    places = sampling.values(workflow, _NUMBERS, "start_at_step", "end_at_step", "step")
    now = [(slot, slot.value(workflow)) for slot in places]
    return [(slot, _moved(at, counts[0], steps)) for slot, at in now if is_literal(at, _NUMBERS)]


def _moved(at: int, old: int, new: int) -> int:
    """Return the step at the same share of the way. ComfyUI's nodes say "to the end" with any large number."""
    if at >= old:
        return new if at == old else max(at, new)
    return max(1, min(new, round(at * new / old))) if at else 0
