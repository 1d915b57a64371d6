"""Checks one link of a workflow: that its source is there and gives what the input takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.checks.findings import Fault, Finding, Place, Via

if TYPE_CHECKING:
    from comfy_gen.workflows.checks.declarations import Input
    from comfy_gen.workflows.checks.problem import Problem


_ANYTHING = frozenset({"*", "COMFY_MATCHTYPE_V3"})
"""Types that fit all others; of the second it is the editor that sees to it that they are the same."""


def examine_link(place: Place, link: list[Any]) -> list[Finding]:
    """Return what is wrong with a link, and the link itself where its source can be checked in turn."""
    scope, declared = place.scope, place.declared
    if len(link) != 2:
        return [_bad_link(place, link)]
    source, slot = link
    try:
        scope.workflow[source]
    except (KeyError, TypeError) as error:
        claim = f"{declared.name} is linked to node {source!r}, which is not in the workflow"
        return [Fault(error, claim, declared.name)]
    class_type = scope.class_of(source)
    if class_type is None:  # that is a problem of its own; nothing is known of its outputs
        return [Via(source, declared, link)]
    outputs = scope.declarations.outputs(class_type)
    try:
        received = outputs[slot]
    except (IndexError, TypeError) as error:
        claim = f"{declared.name} is linked to output {slot!r} of node {source} ({class_type}), {_has(outputs)}"
        return [Fault(error, claim, declared.name), Via(source, declared, link, is_followed=False)]
    if not _fits(received, declared.type):
        mismatch = _mismatch(place, link, received)
        return [mismatch, Via(source, declared, link, is_followed=not mismatch.is_refused)]
    return [Via(source, declared, link)]


def _has(outputs: tuple[Any, ...] | list[Any]) -> str:
    named = ", ".join(f"{slot} ({output})" for slot, output in enumerate(outputs))
    return f"which has only {named}" if named else "which has none"


def _fits(received: object, wanted: object) -> bool:
    """Tell whether an output may feed an input: the types are equal, or share one of several between commas.

    A plain ``*`` is taken to fit everything, as it does for the node classes that ship with ComfyUI. A custom class
    may declare a ``*`` that its server compares to the letter; ``object_info`` does not tell them apart.
    """
    if received == wanted or not _ANYTHING.isdisjoint(one for one in (received, wanted) if isinstance(one, str)):
        return True
    if isinstance(received, list) and wanted == "COMBO":
        return True
    if not isinstance(received, str) or not isinstance(wanted, str):
        return False
    receives, wants = ({part.strip() for part in side.split(",")} for side in (received, wanted))
    return not receives.isdisjoint(wants)


def _bad_link(place: Place, link: list[Any]) -> Problem:
    declared = place.declared
    return place.problem(
        "bad_linked_input",
        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        f"{declared.name} is {link!r}, but a list must be a link [node id, output slot]",
        input_config=declared.config,
        received_value=link,
    )


def _mismatch(place: Place, link: list[Any], received: object) -> Problem:
    declared = place.declared
    return place.problem(
        "return_type_mismatch",
        "Return type mismatch between linked nodes",
        f"{declared.name} takes {_kind(declared)}, but output {link[1]} of node {link[0]} gives {received}",
        details=f"{declared.name}, received_type({received}) mismatch input_type({declared.type})",
        input_config=declared.config,
        received_type=received,
        linked_node=link,
    )


def _kind(declared: Input) -> str:
    return "one of a list of values" if declared.is_combo or isinstance(declared.type, list) else str(declared.type)
