"""Reads the text of a ``config.yaml`` into its values and their lines. Pure; it knows no keys.

The text may come from anybody: it is bounded in size, depth and number of values before anything is made of it, tags
make no objects, and aliases, with which a few lines stand for billions of values, are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml import nodes

from comfy_gen.config.document import Document, Entry, Nested, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES = 1_000_000
MAX_DEPTH = 8
MAX_EVENTS = 1_000
"""The documented file has about 80: one for each key, value, and beginning and end of a section."""
LONGEST_NUMBER = 100
"""Digits. To make a number of a million takes minutes, and none has a use here."""


def read_document(content: bytes) -> Document:
    """Return what the file says; what cannot be read is among its problems."""
    document = Document()
    try:
        root = _compose(content)
    except _UnreadableError as error:
        document.problems.append(error.problem)
        return document
    if isinstance(root, nodes.MappingNode):
        _read_root(root, document)
    elif root is not None and not _is_null(root):
        document.problems.append(Problem(_line(root), "it must be a mapping of sections"))
    return document


# --- YAML to nodes


class _UnreadableError(Exception):
    """Nothing can be made of the file."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.problem = Problem(line, said)


def _compose(content: bytes) -> nodes.Node | None:
    if len(content) > MAX_BYTES:
        raise _UnreadableError(1, f"it is larger than {MAX_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError(content.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from error
    try:
        _check_events(text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The problem alone: what YAML adds is the line of the file, which may hold a secret.
        raise _UnreadableError(mark.line + 1 if mark else 1, f"it is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, cast("int", error.position)) + 1
        raise _UnreadableError(line, "it is not YAML: it has a character that no text has") from error
    except (OverflowError, ValueError) as error:  # an escape for a character that there is not
        raise _UnreadableError(1, "it is not YAML: it names a character that there is not") from error


def _check_events(text: str) -> None:
    """Look at the file piece by piece, so that one that is too much is put down before it is in memory."""
    depth = 0
    for number, event in enumerate(_events(text)):
        line = cast("yaml.Mark", event.start_mark).line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _UnreadableError(line, "anchors and aliases (& and *) are not used here")
        if getattr(event, "tag", None) is not None:
            raise _UnreadableError(line, "tags (!) are not used here")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _UnreadableError(line, "it is nested too deep")
        if number > MAX_EVENTS:
            raise _UnreadableError(line, "it has too many values for a configuration")


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=yaml.SafeLoader)


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
        name, line = str(key.value) if isinstance(key, nodes.ScalarNode) else "a key that is no name", _line(key)
        if name in seen:
            document.problems.append(Problem(line, f"{prefix}{name} is there twice, first in line {seen[name]}"))
            continue
        seen[name] = line
        yield name, line, value


def _read_value(section: str, name: str, line: int, node: nodes.Node, document: Document) -> None:
    try:
        document.entries.append(Entry(section, name, _scalar(node), line))
    except ValueError:
        document.problems.append(Problem(line, f"{section}.{name} is not a number"))


def _scalar(node: nodes.Node) -> Any:
    """Return the value of a node; what YAML takes for a date or the like stays the text it is."""
    if isinstance(node, nodes.MappingNode):
        return Nested("a mapping")
    if isinstance(node, nodes.SequenceNode):
        return Nested("a list")
    construct = _CONSTRUCT.get(_kind(node))
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
    return _kind(node) == "null"


def _kind(node: nodes.Node) -> str:
    """Return what YAML takes a node for: the last part of its tag."""
    return str(node.tag).rpartition(":")[2]


def _line(node: nodes.Node) -> int:
    return cast("int", node.start_mark.line) + 1
