"""The graph that ComfyUI runs: a dict of nodes in API format, and the questions one asks of it. Pure.

A workflow is plain JSON data, so that a caller can read, print and edit it without us::

    {"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}, "_meta": {"title": "Sampler"}}}

An input is either a value or a link ``[node_id, output_slot]``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeGuard, cast

from comfy_gen.errors import WorkflowFormatError, WorkflowIsUiFormatError, WorkflowSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = dict[str, Any]
"""``class_type``, ``inputs`` and perhaps ``_meta``."""

Workflow = dict[str, Node]
"""Nodes by id. Ids are strings; subgraphs give ids such as ``"57:8"``."""

_DEEPEST = 100
"""How far lists and objects may be nested: more than any node wants, and less than Python can copy."""


class Link(NamedTuple):
    """One edge: ``source``'s output ``slot`` feeds ``target``'s input ``input_name``."""

    source: str
    slot: int
    target: str
    input_name: str


def is_link(value: object) -> TypeGuard[list[Any]]:
    """Tell whether an input's value is a link.

    ComfyUI takes every list for a link and refuses those of another shape; a two-element list of a node id and a
    slot is the only good one.
    """
    if not isinstance(value, list):
        return False
    pair = cast("list[object]", value)
    return len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], int) and not isinstance(pair[1], bool)


def links(workflow: Workflow) -> Iterator[Link]:
    """Yield every link of the graph, also those whose source is not there."""
    for node_id, node in workflow.items():
        for name, value in node.get("inputs", {}).items():
            if is_link(value):
                yield Link(source=value[0], slot=value[1], target=node_id, input_name=name)


def ancestors(workflow: Workflow, node_id: str) -> set[str]:
    """Return the node and every node that it depends on, directly or not; ends on cycles too."""
    seen: set[str] = set()
    todo = [node_id]
    while todo:
        current = todo.pop()
        if current in seen or current not in workflow:
            continue
        seen.add(current)
        todo.extend(value[0] for value in workflow[current].get("inputs", {}).values() if is_link(value))
    return seen


def nodes_of_type(workflow: Workflow, *class_types: str) -> list[str]:
    """Return the ids of the nodes of these classes, in the graph's own order."""
    return [node_id for node_id, node in workflow.items() if node.get("class_type") in class_types]


def free_node_id(workflow: Workflow) -> str:
    """Return an id that no node has: one above the highest number in use."""
    numbers = [int(node_id) for node_id in workflow if node_id.isdecimal()]
    return str(max(numbers, default=0) + 1)


def parse_workflow(text: str, *, source: str = "the workflow") -> Workflow:
    """Read a workflow from JSON text.

    ``source`` names the text in errors. A body as ``POST /prompt`` takes it, ``{"prompt": {…}}``, is unwrapped.

    Raises:
        WorkflowSyntaxError: the text is not JSON (it is also a ``json.JSONDecodeError``).
        WorkflowIsUiFormatError: it is what ComfyUI's editor saves.
        WorkflowFormatError: it is other JSON, or has a number that JSON does not know.
    """

    def refuse(literal: str) -> NoReturn:
        raise WorkflowFormatError(source, f"it has the number {literal}, which JSON does not know")

    try:
        data: object = json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise WorkflowSyntaxError(source, error) from error
    except RecursionError as error:
        raise WorkflowFormatError(source, "it is nested too deeply") from error
    return as_workflow(data, source=source)


def as_workflow(data: object, *, source: str = "the workflow") -> Workflow:
    """Return JSON data as a workflow, once its shape has been checked; the data itself, not a copy.

    Raises:
        WorkflowIsUiFormatError: it is what ComfyUI's editor saves.
        WorkflowFormatError: it is something else, and why.
    """
    if not isinstance(data, dict):
        raise WorkflowFormatError(source, f"it is a JSON {_json_name(data)}, not an object of nodes")
    graph = cast("dict[str, Any]", data)
    if isinstance(graph.get("nodes"), list):
        raise WorkflowIsUiFormatError(source)
    if isinstance(graph.get("prompt"), dict) and "class_type" not in graph["prompt"]:
        graph = cast("dict[str, Any]", graph["prompt"])
    if not graph:
        raise WorkflowFormatError(source, "it has no nodes")
    if _is_deeper(graph, _DEEPEST):
        raise WorkflowFormatError(source, "it is nested too deeply")
    for node_id, node in graph.items():
        if reason := _node_fault(node):
            raise WorkflowFormatError(source, f"node {node_id!r} {reason}")
    return graph


def _is_deeper(data: object, limit: int) -> bool:
    """Tell whether lists and objects are nested in more than ``limit`` levels; without recursion."""
    level = [data]
    for _ in range(limit):
        # By identity: what stands in many places, or in itself, is looked into once on each level.
        level = [*{id(part): part for whole in level for part in _parts(whole)}.values()]
        if not any(isinstance(part, (dict, list)) for part in level):
            return False
    return True


def _parts(whole: object) -> Iterable[object]:
    if isinstance(whole, dict):
        return cast("dict[str, object]", whole).values()
    return cast("list[object]", whole) if isinstance(whole, list) else ()


def _node_fault(node: object) -> str:
    if not isinstance(node, dict):
        return f"is a JSON {_json_name(node)}, not an object"
    fields = cast("dict[str, object]", node)
    if not isinstance(fields.get("class_type"), str):
        return "has no class_type"
    if not isinstance(fields.get("inputs"), dict):
        return "has no inputs"
    return ""


def _json_name(value: object) -> str:
    match value:
        case list():
            return "array"
        case str():
            return "string"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "null"
