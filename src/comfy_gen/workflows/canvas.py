"""Follows a sampler's latent back to what it starts from: an empty canvas of some size, or a picture. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.passes import Pass, inputs_of, is_sampler
from comfy_gen.workflows.slots import Slot, is_literal, origin

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow

# Links that do not carry the picture itself. What is left over may have any name: custom nodes have their own.
_OTHER_THAN_PICTURE = (
    *("positive", "negative", "cond", "model", "clip", "vae", "guider", "noise", "sampler", "sigmas", "control_net"),
    *("upscale_model", "mask", "audio", "style_model", "ref_image", "reference", "pulid", "ipadapter"),
)
_NUMBERS = (int, float)
_PAIRS = (("width", "height"), ("target_width", "target_height"))


def picture_chain(workflow: Workflow, sampling: Pass) -> list[str]:
    """Return the nodes that the sampler's latent comes from, nearest first; an earlier sampler ends the chain."""
    chain: dict[str, None] = {}  # in order, and quick to ask
    todo = deque([sampling.sampler])
    while todo:
        node_id = todo.popleft()
        if node_id in chain or node_id not in workflow:
            continue
        if node_id != sampling.sampler:
            chain[node_id] = None
            if is_sampler(workflow, node_id):
                continue
        inputs = inputs_of(workflow, node_id)
        todo.extend(v[0] for name, v in inputs.items() if is_link(v) and not name.startswith(_OTHER_THAN_PICTURE))
    return [*chain]


def starts_empty(workflow: Workflow, sampling: Pass) -> bool:
    """Tell whether the pass starts from nothing: neither from a loaded picture nor from an earlier pass."""
    chain = picture_chain(workflow, sampling)
    pictures = any(is_sampler(workflow, node) or is_picture_loader(workflow, node) for node in chain)
    return bool(chain) and not pictures


def is_picture_loader(workflow: Workflow, node_id: str) -> bool:
    """Tell whether the node loads a picture by its file name."""
    class_type = str(workflow[node_id].get("class_type", ""))
    return "Load" in class_type and isinstance(inputs_of(workflow, node_id).get("image"), str)


def size_slots(workflow: Workflow, passes: list[Pass]) -> list[tuple[Slot, Slot]]:
    """Return the inputs for width and height: those of the canvas first, then others that say the same size."""
    firsts = [sampling for sampling in passes if not _follows_another(workflow, sampling)]
    canvases = [pair for sampling in firsts if (pair := _canvas(workflow, sampling))]
    return list(dict.fromkeys(canvases + _echoes(workflow, canvases)))


def enlargements(workflow: Workflow, passes: list[Pass]) -> list[tuple[Slot, Slot]]:
    """Return the inputs for width and height by which later passes enlarge the picture of earlier ones."""
    later = [sampling for sampling in passes if _follows_another(workflow, sampling)]
    pairs = [pair for sampling in later if (pair := _canvas(workflow, sampling))]
    return list(dict.fromkeys(pair for pair in pairs if _is_size(workflow, pair)))


def _follows_another(workflow: Workflow, sampling: Pass) -> bool:
    return any(is_sampler(workflow, node_id) for node_id in picture_chain(workflow, sampling))


def _canvas(workflow: Workflow, sampling: Pass) -> tuple[Slot, Slot] | None:
    pairs = (_pair(workflow, node_id, *_PAIRS[0]) for node_id in picture_chain(workflow, sampling))
    return next((pair for pair in pairs if pair), None)


def _pair(workflow: Workflow, node_id: str, width: str, height: str) -> tuple[Slot, Slot] | None:
    """Return where the node's width and height stand; in the node itself when one number serves for both."""
    own = Slot(node_id, width), Slot(node_id, height)
    if any(slot.input_name not in inputs_of(workflow, node_id) for slot in own):
        return None
    behind = origin(workflow, own[0], _NUMBERS), origin(workflow, own[1], _NUMBERS)
    return own if behind[0] == behind[1] else behind


def _echoes(workflow: Workflow, canvases: list[tuple[Slot, Slot]]) -> list[tuple[Slot, Slot]]:
    """Return the places that repeat the canvas's size: two-text encoders, model sampling, schedulers."""
    sizes = {(pair[0].value(workflow), pair[1].value(workflow)) for pair in canvases if _is_size(workflow, pair)}
    pairs = (_pair(workflow, node_id, *names) for node_id in workflow for names in _PAIRS)
    sized = [pair for pair in pairs if pair and _is_size(workflow, pair)]
    return [pair for pair in sized if (pair[0].value(workflow), pair[1].value(workflow)) in sizes]


def _is_size(workflow: Workflow, pair: tuple[Slot, Slot]) -> bool:
    return all(is_literal(slot.value(workflow), _NUMBERS) for slot in pair)
