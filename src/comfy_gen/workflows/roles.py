"""Finds who plays which part in a graph: the prompt, the seed, the size. By following links, never by node ids. Pure.

A role is the tuple of places that must be written to change it, the most important first; empty where the graph has
no such thing. Values are read from the first place.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.canvas import is_picture_loader, picture_chain, size_slots, starts_empty
from comfy_gen.workflows.conditioning import Side, Trace, trace
from comfy_gen.workflows.graph import Link, is_link, links
from comfy_gen.workflows.models import models_of
from comfy_gen.workflows.passes import Pass, inputs_of, is_settable, sampling_passes
from comfy_gen.workflows.slots import Slot, is_literal, origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comfy_gen.workflows.graph import Workflow

_NUMBERS = (int, float)
_SIDE_INPUTS: dict[Side, tuple[str, ...]] = {
    "positive": ("positive", "conditioning", "cond1", "cond2"),
    "negative": ("negative",),
}
_PAINTERS = ("checkpoints", "diffusion_models")
_MASK_MAKERS = {"ImageToMask", "ImageColorToMask"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The places in one graph where each of these is set."""

    positive: tuple[Slot, ...] = ()
    negative: tuple[Slot, ...] = ()
    seed: tuple[Slot, ...] = ()
    steps: tuple[Slot, ...] = ()
    cfg: tuple[Slot, ...] = ()
    guidance: tuple[Slot, ...] = ()
    """The guidance that Flux and its kin have learnt, which takes the part of cfg there."""
    sampler: tuple[Slot, ...] = ()
    scheduler: tuple[Slot, ...] = ()
    denoise: tuple[Slot, ...] = ()
    """Of the passes that start from a picture or an earlier pass; of all where none does."""
    width: tuple[Slot, ...] = ()
    height: tuple[Slot, ...] = ()
    batch: tuple[Slot, ...] = ()
    length: tuple[Slot, ...] = ()
    """The number of frames of a video."""
    images: tuple[Slot, ...] = ()
    masks: tuple[Slot, ...] = ()
    """Files that are masks and nothing else; a picture may carry its mask in its alpha channel."""
    models: tuple[Slot, ...] = ()
    """Files of the models that paint, in the order in which they do."""
    loras: tuple[Slot, ...] = ()


def find_roles(workflow: Workflow) -> Roles:
    """Find every role that a graph has; a graph without a sampler has few."""
    passes = sampling_passes(workflow)
    positive, negative = prompt_traces(workflow, passes)
    prompts = _prompts(workflow, positive, negative)
    sizes = size_slots(workflow, passes)
    masks = _masks(workflow)
    return Roles(
        positive=prompts[0],
        negative=prompts[1],
        seed=_of_passes(workflow, _noisy(workflow, passes), _NUMBERS, "seed", "noise_seed"),
        steps=_of_passes(workflow, passes, _NUMBERS, "steps"),
        cfg=_of_passes(workflow, passes, _NUMBERS, "cfg", "cfg_conds"),
        guidance=_on_the_way(workflow, positive.nodes, "guidance"),
        sampler=_of_passes(workflow, passes, (str,), "sampler_name"),
        scheduler=_of_passes(workflow, passes, (str,), "scheduler"),
        denoise=_of_passes(workflow, _repainting(workflow, passes), _NUMBERS, "denoise"),
        width=_once(width for width, _ in sizes),
        height=_once(height for _, height in sizes),
        batch=_of_canvas(workflow, passes, "batch_size", "amount"),
        length=_of_canvas(workflow, passes, "length", "video_frames", "num_frames"),
        images=_pictures(workflow, passes, masks),
        masks=_once(slot for slot in _loaded(workflow) if slot.node_id in masks),
        models=_models(workflow, passes),
        loras=_files(workflow, "loras"),
    )


def value_of(workflow: Workflow, role: tuple[Slot, ...]) -> Any:
    """Return the value of a role; None where there is none, or where another node computes it."""
    value = role[0].value(workflow) if role else None
    return None if is_link(value) else value


def literal_of(workflow: Workflow, role: tuple[Slot, ...], *kinds: type) -> Any:
    """Return the value that a role has in this workflow, if it is of one of these kinds; else None."""
    value = value_of(workflow, role)
    return value if is_literal(value, kinds) else None


def prompt_traces(workflow: Workflow, passes: list[Pass]) -> tuple[Trace, Trace]:
    """Return what the positive and the negative conditioning of all passes are made of."""
    return _side(workflow, passes, "positive"), _side(workflow, passes, "negative")


def prompt_in(workflow: Workflow) -> str:
    """Return the text of what a graph is to show; empty where it has none. It looks for no other role."""
    positive, negative = prompt_traces(workflow, sampling_passes(workflow))
    return literal_of(workflow, _prompts(workflow, positive, negative)[0], str) or ""


def model_path(workflow: Workflow, sampling: Pass) -> list[str]:
    """Return the nodes between a pass and the file of its model, the pass's end first."""
    path: dict[str, None] = {}  # in order, and quick to ask
    todo = deque(slot.value(workflow) for slot in sampling.slots(workflow, "model"))
    while todo:
        value = todo.popleft()
        if not is_link(value) or value[0] in path or value[0] not in workflow:
            continue
        path[value[0]] = None
        todo.extend(v for name, v in inputs_of(workflow, value[0]).items() if name.startswith("model"))
    return [*path]


def _side(workflow: Workflow, passes: list[Pass], side: Side) -> Trace:
    starts = [slot for sampling in passes for slot in sampling.slots(workflow, *_SIDE_INPUTS[side])]
    return trace(workflow, starts, side)


def _prompts(workflow: Workflow, positive: Trace, negative: Trace) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Return the two prompts' places, never one place for both: an encoder that serves both sides is positive."""
    own_negative = [slot for slot in negative.texts if slot not in positive.texts]
    behind = positive.origins(workflow), [origin(workflow, slot, (str,)) for slot in own_negative]
    if set(behind[0]) & set(behind[1]):
        return _once(positive.texts), _once(own_negative)
    return _once(behind[0]), _once(behind[1])


def _of_passes(workflow: Workflow, passes: list[Pass], kinds: tuple[type, ...], *names: str) -> tuple[Slot, ...]:
    return _once(slot for sampling in passes for slot in sampling.values(workflow, kinds, *names))


def _noisy(workflow: Workflow, passes: list[Pass]) -> list[Pass]:
    return [sampling for sampling in passes if sampling.adds_noise(workflow)] or passes


def _repainting(workflow: Workflow, passes: list[Pass]) -> list[Pass]:
    return [sampling for sampling in passes if not starts_empty(workflow, sampling)] or passes


def _of_canvas(workflow: Workflow, passes: list[Pass], *names: str) -> tuple[Slot, ...]:
    nodes = [node_id for sampling in passes for node_id in picture_chain(workflow, sampling)]
    return _on_the_way(workflow, nodes, *names)


def _on_the_way(workflow: Workflow, nodes: list[str], *names: str) -> tuple[Slot, ...]:
    own = [Slot(node_id, name) for node_id in nodes for name in names if name in inputs_of(workflow, node_id)]
    places = [origin(workflow, slot, _NUMBERS) for slot in own]
    return _once(slot for slot in places if is_settable(workflow, slot, _NUMBERS))


def _loaded(workflow: Workflow) -> list[Slot]:
    return [Slot(node_id, "image") for node_id in workflow if is_picture_loader(workflow, node_id)]


def _pictures(workflow: Workflow, passes: list[Pass], masks: set[str]) -> tuple[Slot, ...]:
    """Return the loaded pictures; those that are painted over come before those that only guide."""
    repainted = {node_id for sampling in passes for node_id in picture_chain(workflow, sampling)}
    pictures = [slot for slot in _loaded(workflow) if slot.node_id not in masks]
    return _once(sorted(pictures, key=lambda slot: slot.node_id not in repainted))


def _masks(workflow: Workflow) -> set[str]:
    """Return the nodes that load pictures which serve as masks only."""
    loaders = {slot.node_id: list[Link]() for slot in _loaded(workflow)}
    for link in links(workflow):
        if link.source in loaders:
            loaders[link.source].append(link)
    return {node_id for node_id, uses in loaders.items() if _is_mask(workflow, node_id, uses)}


def _is_mask(workflow: Workflow, node_id: str, uses: list[Link]) -> bool:
    if "Mask" in str(workflow[node_id].get("class_type")):
        return True
    return bool(uses) and all(
        link.slot == 1 or workflow[link.target].get("class_type") in _MASK_MAKERS for link in uses
    )


def _models(workflow: Workflow, passes: list[Pass]) -> tuple[Slot, ...]:
    painters = _files(workflow, *_PAINTERS)
    if not passes:
        return painters
    on_paths = dict.fromkeys(node_id for sampling in passes for node_id in model_path(workflow, sampling))
    places = {node_id: place for place, node_id in enumerate(on_paths)}
    return tuple(sorted((slot for slot in painters if slot.node_id in places), key=lambda slot: places[slot.node_id]))


def _files(workflow: Workflow, *folders: str) -> tuple[Slot, ...]:
    return _once(Slot(use.node_id, use.input_name) for use in models_of(workflow) if use.folder in folders)


def _once(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    return tuple(dict.fromkeys(slots))
