"""Follows a sampler's conditioning back to the texts it was made of. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.passes import inputs_of
from comfy_gen.workflows.slots import Slot, origin

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow

Side = Literal["positive", "negative"]

# What text encoders call their texts; those with several encoders inside (SDXL, Flux, SD3) take one for each.
_TEXT_INPUTS = (
    *("text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "llama", "bert", "mt5xl"),
    *("prompt", "user_prompt", "tags"),
)
# Its output is the same whatever text goes in, so that text is nobody's prompt.
_SILENCERS = {"ConditioningZeroOut"}


@dataclass(frozen=True, slots=True)
class Trace:
    """What a conditioning was made of."""

    texts: list[Slot] = field(default_factory=list[Slot])
    """The encoders' own inputs."""
    encoders: list[str] = field(default_factory=list[str])
    nodes: list[str] = field(default_factory=list[str])
    """Every node on the way, encoders too."""

    def origins(self, workflow: Workflow) -> list[Slot]:
        """Return where the texts really stand: primitive nodes may feed the encoders."""
        return [origin(workflow, slot, (str,)) for slot in self.texts]


def trace(workflow: Workflow, starts: list[Slot], side: Side) -> Trace:
    """Follow the links from a sampler's or guider's inputs to the encoders behind them."""
    found = Trace()
    todo = deque(starts)
    seen: set[tuple[str, int]] = set()
    while todo:
        value = todo.popleft().value(workflow)
        if not is_link(value) or (value[0], value[1]) in seen:
            continue
        seen.add((value[0], value[1]))
        found.nodes.append(value[0])
        onward = _onward(workflow, value[0], value[1])
        if onward is None:
            _note_encoder(workflow, value[0], side, found)
        else:
            todo.extend(Slot(value[0], name) for name in onward)
    return found


def _onward(workflow: Workflow, node_id: str, output: int) -> list[str] | None:
    """Return the inputs that carry this output's conditioning; None where it is made, not passed on."""
    if workflow.get(node_id, {}).get("class_type") in _SILENCERS:
        return []
    inputs = inputs_of(workflow, node_id)
    linked = [name for name, value in inputs.items() if is_link(value)]
    if paired := [name for name in linked if name.startswith(("positive", "negative"))]:
        # Nodes that take and give a pair, such as ControlNetApplyAdvanced, give the positive one first.
        return [name for name in paired if name.startswith("positive" if output == 0 else "negative")]
    if passed := [name for name in linked if name.startswith("cond")]:
        return passed
    is_reroute = len(inputs) == 1 and linked and linked[0] not in _TEXT_INPUTS
    return linked if is_reroute else None


def _note_encoder(workflow: Workflow, node_id: str, side: Side, found: Trace) -> None:
    inputs = inputs_of(workflow, node_id)
    # Loaders that encode as well call their two texts by their sides.
    names: tuple[str, ...] = (side,) if isinstance(inputs.get(side), str) else _TEXT_INPUTS
    texts = [Slot(node_id, name) for name in names if _is_text(inputs.get(name))]
    if texts and node_id not in found.encoders:
        found.texts.extend(texts)
        found.encoders.append(node_id)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or is_link(value)
