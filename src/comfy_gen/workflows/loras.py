"""Inserts LoRAs between the models of a graph and all that use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.errors import RoleNotFoundError
from comfy_gen.workflows.graph import free_node_id, is_link, links
from comfy_gen.workflows.passes import Pass, inputs_of, sampling_passes
from comfy_gen.workflows.roles import prompt_traces

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow

Output = tuple[str, int]
"""A node's id and the number of one of its outputs."""


def insert_lora(
    workflow: Workflow, name: str, strength: float = 1.0, *, clip_strength: float | None = None
) -> Workflow:
    """Put a LoRA behind the model's loader, and behind the LoRAs that are there already.

    Where model and text encoder come from one checkpoint, the LoRA changes both, the encoder by ``clip_strength`` or
    else by ``strength``. Where they have loaders of their own it changes the model alone, unless ``clip_strength``
    is given. A pair of experts that read the same prompt gets it twice; a refiner with a prompt of its own does not.

    Raises:
        RoleNotFoundError: no sampler leads to a model.
    """
    models = list(dict.fromkeys(_model_outputs(workflow)))
    if not models:
        raise RoleNotFoundError("place for a LoRA", "no sampler leads to a model")
    clip = _clip_output(workflow)
    if clip_strength is None and clip and _root(workflow, clip, "clip") == _root(workflow, models[0], "model"):
        clip_strength = strength
    for model in models:
        wants_clip = clip is not None and bool(clip_strength) and model == models[0]
        _insert(workflow, model, clip if wants_clip else None, name, (strength, clip_strength or 0.0))
    return workflow


def _model_outputs(workflow: Workflow) -> list[Output]:
    passes = sampling_passes(workflow)
    starts = [slot.value(workflow) for one in _of_one_prompt(workflow, passes) for slot in one.slots(workflow, "model")]
    return [_place(workflow, (link[0], link[1]), "model") for link in starts if is_link(link)]


def _of_one_prompt(workflow: Workflow, passes: list[Pass]) -> list[Pass]:
    """Return the passes that read the same prompt as the first one: they are one model, perhaps in two halves."""
    encoders = [set(prompt_traces(workflow, [sampling])[0].encoders) for sampling in passes]
    return [one for one, own in zip(passes, encoders, strict=True) if one is passes[0] or own & encoders[0]]


def _clip_output(workflow: Workflow) -> Output | None:
    encoders = prompt_traces(workflow, sampling_passes(workflow)[:1])[0].encoders
    sources = (inputs_of(workflow, node_id).get("clip") for node_id in encoders)
    link = next((source for source in sources if is_link(source)), None)
    return _place(workflow, (link[0], link[1]), "clip") if link else None


def _place(workflow: Workflow, output: Output, carried: str) -> Output:
    """Return the output to continue from: the loader's, or that of the last LoRA right behind it."""
    trail = _trail(workflow, output, carried)
    while len(trail) > 1 and "lora_name" in inputs_of(workflow, trail[-2][0]):
        trail.pop()
    return trail[-1]


def _root(workflow: Workflow, output: Output, carried: str) -> str:
    return _trail(workflow, output, carried)[-1][0]


def _trail(workflow: Workflow, output: Output, carried: str) -> list[Output]:
    """Return the outputs from this one back to the loader's."""
    trail = [output]
    while (link := _fed_by(inputs_of(workflow, trail[-1][0]), carried)) and (link[0], link[1]) not in trail:
        trail.append((link[0], link[1]))
    return trail


def _fed_by(inputs: dict[str, Any], carried: str) -> list[Any] | None:
    value = inputs.get(carried)
    if value is None and len(inputs) == 1:  # a reroute
        value = next(iter(inputs.values()))
    return value if is_link(value) else None


def _insert(workflow: Workflow, model: Output, clip: Output | None, name: str, strengths: tuple[float, float]) -> None:
    node_id = free_node_id(workflow)
    _rewire(workflow, model, (node_id, 0))
    inputs: dict[str, Any] = {"model": list(model), "lora_name": name, "strength_model": strengths[0]}
    if clip:
        _rewire(workflow, clip, (node_id, 1))
        inputs |= {"clip": list(clip), "strength_clip": strengths[1]}
    class_type = "LoraLoader" if clip else "LoraLoaderModelOnly"
    workflow[node_id] = {"class_type": class_type, "inputs": inputs, "_meta": {"title": f"LoRA {name}"}}


def _rewire(workflow: Workflow, old: Output, new: Output) -> None:
    for link in list(links(workflow)):
        if (link.source, link.slot) == old:
            workflow[link.target]["inputs"][link.input_name] = list(new)
