"""Reads the text of a ``config.yaml`` into its values and their lines. Pure; it knows no keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml import nodes

from comfy_gen.config.document import Document, Entry, Nested, Problem
from comfy_gen.yaml_tree import UnreadableError, kind_of, line_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES = 1_000_000
MAX_EVENTS = 1_000
"""The documented file has about 80: one for each key, value, and beginning and end of a section."""
LONGEST_NUMBER = 100
"""Digits. To make a number of a million takes minutes, and none has a use here."""


def read_document(content: bytes) -> Document:
    """Return what the file says; what cannot be read is among its problems."""
    document = Document()
    try:
        root = _tree(content)
    except UnreadableError as error:
        document.problems.append(Problem(error.line, error.said))
        return document
    if isinstance(root, nodes.MappingNode):
        _read_root(root, document)
    elif root is not None and not _is_null(root):
        document.problems.append(Problem(line_of(root), "it must be a mapping of sections"))
    return document


# --- YAML to nodes


def _tree(content: bytes) -> nodes.Node | None:
    if len(content) > MAX_BYTES:
        raise UnreadableError(1, f"it is larger than {MAX_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(content.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from error
    return read_tree(text, max_events=MAX_EVENTS, kind="a configuration")


# --- nodes to entries


def _read_root(root: nodes.MappingNode, document: Document) -> None:
    for section, line, node in _pairs(root, "", document):
        if isinstance(node, nodes.MappingNode):
            document.sections.append((section, line))
            for name, key_line, value in _pairs(node, f"{section}.", document):
                _read_value(section, name, key_line, value, document)
        elif _is_null(node):
            document.sections.append((section, line))  # all that was in it is commented out
        else:
            document.stray.append((section, line))


def _pairs(mapping: nodes.MappingNode, prefix: str, document: Document) -> Iterator[tuple[str, int, nodes.Node]]:
    """Return the keys with their lines and values; one that is there twice is a problem, for YAML keeps the last."""
    seen: dict[str, int] = {}
    for key, value in cast("list[tuple[nodes.Node, nodes.Node]]", mapping.value):
        name, line = str(key.value) if isinstance(key, nodes.ScalarNode) else "a key that is no name", line_of(key)
        if name in seen:
            document.problems.append(Problem(line, f"{prefix}{name} is there twice, first in line {seen[name]}"))
            continue
        seen[name] = line
        yield name, line, value


def _read_value(section: str, name: str, line: int, node: nodes.Node, document: Document) -> None:
    try:
        document.entries.append(Entry(section, name, _value(node), line))
    except ValueError:
        document.problems.append(Problem(line, f"{section}.{name} is not a number"))


def _value(node: nodes.Node) -> Any:
    if isinstance(node, nodes.MappingNode):
        return Nested("a mapping")
    if not isinstance(node, nodes.SequenceNode):
        return _scalar(node)
    items = cast("list[nodes.Node]", node.value)
    if not all(isinstance(item, nodes.ScalarNode) for item in items):
        return Nested("a list of lists or mappings")
    return [_scalar(item) for item in items]


def _scalar(node: nodes.Node) -> Any:
    """Return the value of a node; what YAML takes for a date or the like stays the text it is."""
    construct = _CONSTRUCT.get(kind_of(node))
    if construct is None:
        return str(node.value)
    if len(node.value) > LONGEST_NUMBER:
        raise ValueError
    return construct(yaml.constructor.SafeConstructor(), node)


_CONSTRUCT: dict[str, Callable[[yaml.constructor.SafeConstructor, Any], Any]] = {
    "null": lambda _constructor, _node: None,
    "bool": lambda constructor, node: constructor.construct_yaml_bool(node),
    "int": lambda constructor, node: constructor.construct_yaml_int(node),
    "float": lambda constructor, node: constructor.construct_yaml_float(node),
}


def _is_null(node: nodes.Node) -> bool:
    return kind_of(node) == "null"
