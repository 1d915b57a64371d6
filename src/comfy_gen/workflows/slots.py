"""Places in a graph where a value stands: one input of one node, found behind reroutes and primitive nodes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow

# What the one value of a primitive node is called, in ComfyUI's own nodes and in the common custom ones.
_VALUE_INPUTS = ("value", "text", "string", "prompt", "seed", "noise_seed", "int", "float", "number", "Value", "Text")
# What the one input of a reroute is called.
_REROUTE_INPUTS = {"", "*", "any", "input", "value", "anything", *_VALUE_INPUTS}


@dataclass(frozen=True, slots=True)
class Slot:
    """Input ``input_name`` of node ``node_id``."""

    node_id: str
    input_name: str

    def value(self, workflow: Workflow) -> Any:
        """Return what stands there: a value, a link, or None where there is no such input."""
        return workflow.get(self.node_id, {}).get("inputs", {}).get(self.input_name)

    def put(self, workflow: Workflow, value: object) -> None:
        """Write the value there, over a link too."""
        workflow[self.node_id].setdefault("inputs", {})[self.input_name] = value


def origin(workflow: Workflow, slot: Slot, kinds: tuple[type, ...]) -> Slot:
    """Return where the slot's value really stands: behind reroutes, in a primitive node.

    Where a link leads to anything that computes (a concatenation, arithmetic), the slot itself is returned: writing
    there replaces the link, and so the value becomes exactly what is written.
    """
    seen: set[str] = set()
    current = slot
    while is_link(value := current.value(workflow)):
        source: str = value[0]
        following = _sole_value(workflow, source, slot.input_name, kinds)
        if following is None or source in seen:
            return slot
        seen.add(source)
        current = following
    return current


def _sole_value(workflow: Workflow, node_id: str, wanted: str, kinds: tuple[type, ...]) -> Slot | None:
    inputs: dict[str, Any] = workflow.get(node_id, {}).get("inputs", {})
    linked = [name for name, value in inputs.items() if is_link(value)]
    if linked:
        alone = len(inputs) == 1 and linked[0] in _REROUTE_INPUTS
        return Slot(node_id, linked[0]) if alone else None
    literals = [name for name, value in inputs.items() if is_literal(value, kinds)]
    named = [name for name in literals if name in _VALUE_INPUTS or name == wanted]
    return Slot(node_id, named[0]) if len(named) == 1 and _is_primitive(literals, kinds) else None


def _is_primitive(literals: list[str], kinds: tuple[type, ...]) -> bool:
    """Tell whether the node has one text, or is numeric: a seed node may carry a counter beside its seed."""
    return len(literals) == 1 or str not in kinds


def is_literal(value: object, kinds: tuple[type, ...]) -> bool:
    """Tell whether the value is one of the kinds; true and false are no numbers."""
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
