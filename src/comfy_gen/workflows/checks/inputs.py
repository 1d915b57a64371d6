"""Checks the inputs of one node against what its class declares. Does not look behind its links.

Every rule, and every word of ``type``, ``message``, ``details`` and ``extra_info``, is as ComfyUI 0.3.75 answers;
the recordings that say so are ``07_*`` in ``tests/protocol``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.checks.declarations import Input
from comfy_gen.workflows.checks.edges import examine_link
from comfy_gen.workflows.checks.findings import Fault, Finding, Place, Scope
from comfy_gen.workflows.checks.values import examine_file, examine_value
from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def examine(scope: Scope, node_id: str) -> Iterator[Finding]:
    """Yield what there is to say of a node's inputs, in the order its class declares them.

    Of a class that the engine does not have, only the links can be checked.
    """
    class_type = scope.class_of(node_id)
    if class_type is None:
        yield from _examine_stranger(scope, node_id)
        return
    node = scope.workflow[node_id]
    if "inputs" not in node:
        yield Fault(KeyError("inputs"), "it has no inputs")
        return
    places = [Place(scope, node_id, class_type, declared) for declared in scope.declarations.inputs(class_type)]
    for rule in (_examine_input, examine_file):  # ComfyUI looks for files after everything else
        for place in places:
            yield from _guard(rule, place, node["inputs"])


def _examine_stranger(scope: Scope, node_id: str) -> Iterator[Finding]:
    node = scope.workflow[node_id]
    if not isinstance(node, dict):
        return
    fields = cast("dict[str, Any]", node)
    inputs = fields.get("inputs")
    for name, value in cast("dict[str, Any]", inputs).items() if isinstance(inputs, dict) else ():
        if is_link(value):
            anything = Input(name, "*", {}, required=False)
            yield from examine_link(Place(scope, node_id, str(fields.get("class_type")), anything), value)


def _guard(rule: Callable[[Place, Any], list[Finding]], place: Place, inputs: Any) -> list[Finding]:
    """Return what the rule finds; ``inputs`` may be no object, a value may have no order: ComfyUI trips over them."""
    try:
        return rule(place, inputs)
    except TypeError as error:
        return [Fault(error, f"{place.declared.name} cannot be checked: {error}", place.declared.name)]


def _examine_input(place: Place, inputs: Any) -> list[Finding]:
    declared = place.declared
    if declared.is_dynamic:
        return []
    if declared.name not in inputs:
        return [_missing(place)] if declared.required else []
    value = inputs[declared.name]
    if isinstance(value, list):
        return examine_link(place, cast("list[Any]", value))
    return examine_value(place, value)


def _missing(place: Place) -> Finding:
    claim = f"it needs the input {place.declared.name}, which is missing"
    return place.problem("required_input_missing", "Required input is missing", claim)
