"""Checks what can be known of a workflow without any engine: the shape of its nodes, and where its links lead. Pure."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.checks.problem import Problem
from comfy_gen.workflows.graph import is_link, links

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.workflows.graph import Workflow


def check_structure(workflow: Mapping[str, Any]) -> list[Problem]:
    """Return all that is wrong with a workflow whatever the engine; its nodes may have any shape."""
    found = [problem for node_id, node in workflow.items() for problem in _examine(workflow, node_id, node)]
    return [*found, *_circles(workflow)]


def circles(workflow: Workflow) -> Iterator[list[str]]:
    """Yield the circles of a graph, each beginning and ending with the same node."""
    sources: dict[str, set[str]] = {node_id: set() for node_id in workflow}
    for link in links(workflow):
        sources[link.target].add(link.source)
    while circle := _find_circle(sources):
        yield circle
        sources[circle[1]].discard(circle[0])


def _find_circle(sources: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(sources).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def _examine(workflow: Mapping[str, Any], node_id: str, node: object) -> Iterator[Problem]:
    if not isinstance(node, dict):
        yield _problem(node_id, {}, "invalid_prompt", f"it is {node!r}, not an object with class_type and inputs")
        return
    fields = cast("dict[str, Any]", node)
    if not isinstance(fields.get("class_type"), str) or not fields["class_type"]:
        yield _problem(node_id, fields, "invalid_prompt", "it has no class_type")
    inputs = fields.get("inputs")
    if not isinstance(inputs, dict):
        yield _problem(node_id, fields, "invalid_prompt", "it has no inputs")
        return
    for name, value in cast("dict[str, Any]", inputs).items():
        if isinstance(value, list):
            yield from _examine_link(workflow, node_id, fields, name, cast("list[Any]", value))


def _examine_link(
    workflow: Mapping[str, Any], node_id: str, fields: dict[str, Any], name: str, link: list[Any]
) -> Iterator[Problem]:
    if not is_link(link):
        claim = f"{name} is {link!r}, but a list must be a link [node id, output slot]"
        yield _problem(node_id, fields, "bad_linked_input", claim, input_name=name)
    elif link[0] not in workflow:
        claim = f"{name} is linked to node {link[0]!r}, which is not in the workflow"
        yield _problem(node_id, fields, "dangling_link", claim, input_name=name)
    elif link[1] < 0:
        claim = f"{name} is linked to output {link[1]} of node {link[0]}, but outputs count from 0"
        yield _problem(node_id, fields, "bad_linked_input", claim, input_name=name)


def _circles(workflow: Mapping[str, Any]) -> Iterator[Problem]:
    whole = {node_id: node for node_id, node in workflow.items() if _is_whole(node)}
    for circle in circles(whole):
        named = " → ".join(f"{node_id} ({whole[node_id].get('class_type', 'no class')})" for node_id in circle)
        claim = f"nodes feed each other in a circle: {named}"
        yield Problem(type="dependency_cycle", message="Dependency cycle detected", details=named, claim=claim)


def _is_whole(node: object) -> bool:
    return isinstance(node, dict) and isinstance(cast("dict[str, Any]", node).get("inputs"), dict)


def _problem(
    node_id: str,
    fields: dict[str, Any],
    kind: str,
    claim: str,
    *,
    input_name: str | None = None,
) -> Problem:
    class_type = fields.get("class_type")
    return Problem(
        type=kind,
        message=claim,
        details=f"Node ID '#{node_id}'",
        claim=claim,
        node_id=node_id,
        class_type=class_type if isinstance(class_type, str) else None,
        input_name=input_name,
    )
