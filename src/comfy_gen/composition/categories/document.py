"""The text of a category's file as a mapping of nodes. Pure; it knows no fields."""

from __future__ import annotations

from typing import NamedTuple

from yaml import nodes

from comfy_gen.yaml_tree import UnreadableError, line_of, read_tree

MAX_BYTES = 64 * 1024
MAX_EVENTS = 4_000
"""The fullest of the files that ship has about 200: one for each key, value, and beginning and end of a list."""


class Problem(NamedTuple):
    """What is wrong with a file, and where."""

    line: int
    said: str


def read_document(text: str) -> nodes.MappingNode:
    """Return the mapping that the text is.

    Raises:
        UnreadableError: it is none, or too much.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise UnreadableError(1, f"it is larger than {MAX_BYTES // 1024} KiB")
    root = read_tree(text, max_events=MAX_EVENTS, kind="a category")
    if root is None:
        raise UnreadableError(1, "it is empty")
    if not isinstance(root, nodes.MappingNode):
        raise UnreadableError(line_of(root), "it must be a mapping, such as id: portrait")
    return root
