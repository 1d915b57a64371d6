"""Puts two graphs into one. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Node, Workflow


def merge_workflows(workflow1: Workflow, workflow2: Workflow, node_id_prefix: str = "merged_") -> Workflow:
    """Return a graph of its own with the nodes of both; ids of the second get the prefix, and so do its links.

    The prefix is repeated where the first graph has such ids already: what is merged can be merged again.

    Raises:
        InvalidParameterError: the prefix is empty, and both graphs have a node of the same id.
    """
    prefix = _free_prefix(workflow1, workflow2, node_id_prefix)
    merged = copy.deepcopy(workflow1)
    for node_id, node in workflow2.items():
        merged[prefix + node_id] = _moved(node, prefix)
    return merged


def _free_prefix(workflow1: Workflow, workflow2: Workflow, prefix: str) -> str:
    wanted = prefix
    while taken := [node_id for node_id in workflow2 if wanted + node_id in workflow1]:
        if not prefix:
            raise InvalidParameterError("node_id_prefix", prefix, f"given: both workflows have a node {taken[0]}")
        wanted += prefix
    return wanted


def _moved(node: Node, prefix: str) -> Node:
    """Return a copy with its links moved, those that lead nowhere too: else they might lead to the other graph."""
    moved = copy.deepcopy(node)
    inputs = moved["inputs"]
    for name, value in inputs.items():
        if is_link(value):
            inputs[name] = [prefix + value[0], value[1]]
    return moved
