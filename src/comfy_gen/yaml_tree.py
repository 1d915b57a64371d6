"""Reads YAML that may come from anybody into nodes that know their lines. Pure; it knows no fields.

The text is bounded in depth and number of values before anything is made of it: libyaml's composer calls itself for
each level and ends the process where these are many. Tags make no objects, and aliases, with which a few lines stand
for billions of values, are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import yaml
from yaml import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 8
# The one that is built on libyaml is fifteen times as fast, and not built everywhere.
_LOADER = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class UnreadableError(Exception):
    """Nothing can be made of the text."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.line = line
        self.said = said


def read_tree(text: str, *, max_events: int, kind: str) -> nodes.Node | None:
    """Return the node that the text is; None if it is empty.

    Args:
        text: the YAML.
        max_events: keys, values, beginnings and ends that it may have.
        kind: what it is, where that is more than belongs into one: ``a category``.

    Raises:
        UnreadableError: it is no YAML, or too much.
    """
    try:
        _check_events(text, max_events, kind)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The problem alone: what YAML adds is the line of the file, which may hold a secret.
        raise UnreadableError(mark.line + 1 if mark else 1, f"it is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, cast("int", error.position)) + 1
        raise UnreadableError(line, "it is not YAML: it has a character that no text has") from error
    except (OverflowError, ValueError) as error:  # an escape for a character that there is not
        raise UnreadableError(1, "it is not YAML: it names a character that there is not") from error


def line_of(node: nodes.Node) -> int:
    """Return the line where a node begins, from 1."""
    return cast("int", node.start_mark.line) + 1


def kind_of(node: nodes.Node) -> str:
    """Return what YAML takes a node for: ``str``, ``int``, ``bool``, ``null``, ``seq``, ``map``."""
    return str(node.tag).rpartition(":")[2]


def _check_events(text: str, most: int, kind: str) -> None:
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
        if number > most:
            raise UnreadableError(line, f"it has too many values for {kind}")


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=_LOADER)
