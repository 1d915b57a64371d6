"""Sampling passes: each sampler of a graph together with the nodes that tell it how to sample. Pure.

A sampler is known by its shape, not by its name alone, so that those of custom nodes are found too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.graph import ancestors, is_link
from comfy_gen.workflows.slots import Slot, is_literal, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.workflows.graph import Workflow

_SAMPLERS = {"KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced"}
# SamplerCustomAdvanced is told all it needs by other nodes, which hang on these inputs.
_SETUP_INPUTS = ("guider", "noise", "sampler", "sigmas", "sigmas_1", "sigmas_2")


@dataclass(frozen=True, slots=True)
class Pass:
    """One sampler and its guider, noise, sampler choice and sigmas, where these are nodes of their own."""

    sampler: str
    parts: tuple[str, ...]
    """Ids of the nodes, the sampler's own first."""

    def slots(self, workflow: Workflow, *names: str) -> list[Slot]:
        """Return the inputs of these names in any part."""
        return [Slot(part, name) for part in self.parts for name in names if name in inputs_of(workflow, part)]

    def values(self, workflow: Workflow, kinds: tuple[type, ...], *names: str) -> list[Slot]:
        """Return where the values of these inputs really stand, wherever one of these kinds stands there."""
        places = [origin(workflow, slot, kinds) for slot in self.slots(workflow, *names)]
        return [slot for slot in places if is_settable(workflow, slot, kinds)]

    def adds_noise(self, workflow: Workflow) -> bool:
        """Tell whether the seed matters: the second expert of a pair continues the first one's noise."""
        return inputs_of(workflow, self.sampler).get("add_noise", True) not in ("disable", False)


def inputs_of(workflow: Workflow, node_id: str) -> dict[str, Any]:
    """Return a node's inputs; empty where there is no such node."""
    return workflow.get(node_id, {}).get("inputs", {})


def is_settable(workflow: Workflow, slot: Slot, kinds: tuple[type, ...]) -> bool:
    """Tell whether a value of these kinds stands there, or a link whose place a value may take."""
    value = slot.value(workflow)
    return is_literal(value, kinds) or is_link(value)


def sampling_passes(workflow: Workflow) -> list[Pass]:
    """Return the passes of a graph in the order in which they run, as far as one follows from another."""
    samplers = {*samplers_of(workflow)}
    order = {node_id: len(ancestors(workflow, node_id) & samplers) for node_id in workflow if node_id in samplers}
    return [Pass(node_id, tuple(_parts(workflow, node_id))) for node_id in sorted(order, key=order.__getitem__)]


def samplers_of(workflow: Workflow) -> list[str]:
    """Return the nodes that sample, in the graph's own order."""
    return [node_id for node_id in workflow if is_sampler(workflow, node_id)]


def is_sampler(workflow: Workflow, node_id: str) -> bool:
    """Tell whether the node samples: by its class, or because it takes what only samplers take."""
    if workflow[node_id].get("class_type") in _SAMPLERS:
        return True
    inputs = inputs_of(workflow, node_id)
    counts = "steps" in inputs and ("seed" in inputs or "noise_seed" in inputs)
    return (counts and is_link(inputs.get("positive"))) or ("guider" in inputs and "sigmas" in inputs)


def _parts(workflow: Workflow, sampler: str) -> Iterator[str]:
    todo, seen = [sampler], set[str]()
    while todo:
        node_id = todo.pop(0)
        if node_id in seen or node_id not in workflow:
            continue
        seen.add(node_id)
        yield node_id
        inputs = inputs_of(workflow, node_id)
        names = [name for name in _SETUP_INPUTS if is_link(inputs.get(name))] or _only_link(inputs, sampler, node_id)
        todo.extend(inputs[name][0] for name in names)


def _only_link(inputs: dict[str, Any], sampler: str, node_id: str) -> list[str]:
    """Follow a reroute between the sampler and a part: a node with nothing but one link."""
    return list(inputs) if node_id != sampler and len(inputs) == 1 and is_link(next(iter(inputs.values()))) else []
