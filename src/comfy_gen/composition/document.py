"""Reads YAML that may come from anybody into nodes that know their lines. Pure; it knows no fields.

The text is bounded in size, depth and number of values before anything is made of it: libyaml's composer calls itself
for each level and ends the process where these are many. Tags make no objects, and aliases, with which a few lines
stand for billions of values, are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import yaml
from yaml import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_EVENTS = 4_000
"""The fullest of the files that ship has about 200: one for each key, value, and beginning and end of a list."""
# The one that is built on libyaml is fifteen times as fast, and not built everywhere.
_LOADER = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class Problem(NamedTuple):
    """What is wrong with a file, and where."""

    line: int
    said: str


class UnreadableError(Exception):
    """Nothing can be made of the text."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.problem = Problem(line, said)


def read_document(text: str) -> nodes.MappingNode:
    """Return the mapping that the text is.

    Raises:
        UnreadableError: it is none, or too much.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise UnreadableError(1, f"it is larger than {MAX_BYTES // 1024} KiB")
    root = _compose(text)
    if root is None:
        raise UnreadableError(1, "it is empty")
    if not isinstance(root, nodes.MappingNode):
        raise UnreadableError(line_of(root), "it must be a mapping, such as id: portrait")
    return root


def line_of(node: nodes.Node) -> int:
    """Return the line where a node begins, from 1."""
    return cast("int", node.start_mark.line) + 1


def kind_of(node: nodes.Node) -> str:
    """Return what YAML takes a node for: ``str``, ``int``, ``bool``, ``null``, ``seq``, ``map``."""
    return str(node.tag).rpartition(":")[2]


def _compose(text: str) -> nodes.Node | None:
    try:
        _check_events(text)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(mark.line + 1 if mark else 1, f"it is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, cast("int", error.position)) + 1
        raise UnreadableError(line, "it is not YAML: it has a character that no text has") from error
    except (OverflowError, ValueError) as error:  # an escape for a character that there is not
        raise UnreadableError(1, "it is not YAML: it names a character that there is not") from error


def _check_events(text: str) -> None:
    depth = 0
    for number, event in enumerate(_events(text)):
        line = cast("yaml.Mark", event.start_mark).line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise UnreadableError(line, "anchors and aliases (& and *) are not used here")
        if getattr(event, "tag", None) is not None:
            raise UnreadableError(line, "tags (!) are not used here")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise UnreadableError(line, "it is nested too deep")
        if number > MAX_EVENTS:
            raise UnreadableError(line, "it has too many values for a category")


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=_LOADER)
