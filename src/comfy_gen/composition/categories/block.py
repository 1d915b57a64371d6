"""One mapping of a file, which is asked for its fields by name and kind. Pure.

What does not fit is noted with its line, and reading goes on: all problems are told at once. Whatever was not asked
for by the time a block is closed is an unknown field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from yaml import nodes

from comfy_gen.composition.categories.document import Problem
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.yaml_tree import kind_of, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST = 200
"""Characters of a text."""
MOST = 64
"""Entries of a list."""
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{0,9})?")


@dataclass(frozen=True, slots=True)
class Notes:
    """What reading a file comes upon."""

    problems: list[Problem] = field(default_factory=list[Problem])
    places: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """The lines of texts, by field and text: ``("composition.requires", "fog")``."""


class Block:
    """A mapping, or the lack of one, whose fields are all left out."""

    def __init__(self, node: nodes.Node | None, notes: Notes, name: str = "") -> None:
        self.notes = notes
        self.name = name
        self.line = 1 if node is None else line_of(node)
        self._children: list[Block] = []
        self._asked: dict[str, None] = {}
        self._keys: dict[str, int] = {}
        self._fields: dict[str, nodes.Node] = {}
        if isinstance(node, nodes.MappingNode):
            self._fields = dict(self._pairs(node))
        elif node is not None:
            self.note(self.line, f"{name} must be a mapping, such as {{key: value}}")

    def note(self, line: int, said: str) -> None:
        """Note a problem."""
        self.notes.problems.append(Problem(line, said))

    def path(self, key: str) -> str:
        """Return a field's name as it is told: with those of the blocks that it is in."""
        return f"{self.name}.{key}" if self.name else key

    def line_at(self, key: str) -> int:
        """Return the line of a field; that of the block where it is left out."""
        return self._keys.get(key, self.line)

    def text(self, key: str, default: str | None = None, *, form: str = "", expected: str = "") -> str:
        """Return a text on one line; it must be there unless there is a default. ``form`` is a regular expression."""
        node = self._ask(key, is_required=default is None)
        said = "" if node is None else self._text(node, self.path(key))
        if said and form and not re.fullmatch(form, said):
            self.note(self.line_at(key), f"{self.path(key)} is {said!r}, but must be {expected}")
            said = ""
        return said or default or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, each once."""
        path, found = self.path(key), dict[str, int]()
        for node in self._entries(key):
            said = self._text(node, path)
            if said in found:
                self.note(line_of(node), f"{path} has {said!r} twice")
            elif said:
                found[said] = self.notes.places[path, said] = line_of(node)
        return tuple(found)

    def word(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        """Return one of the words that there are for a field."""
        said = self.text(key, default)
        return said if not said or self._is_one(key, said, words) else default or ""

    def words(self, key: str, words: Sequence[str]) -> tuple[str, ...]:
        """Return a list of the words that there are for a field."""
        return tuple(said for said in self.texts(key) if self._is_one(key, said, words))

    def number(
        self, key: str, low: float, high: float, default: float | None = None, *, is_whole: bool = False
    ) -> float:
        """Return a number between two; it must be there unless there is a default."""
        node = self._ask(key, is_required=default is None)
        if node is None:
            return low if default is None else default
        said = str(node.value) if isinstance(node, nodes.ScalarNode) else ""
        value = float(said) if _NUMBER.fullmatch(said) else None
        if value is not None and low <= value <= high and not (is_whole and value % 1):
            return value
        kind = "a whole number" if is_whole else "a number"
        shown = repr(said[:40]) if said else f"a {_shape(node)}"
        self.note(line_of(node), f"{self.path(key)} is {shown}, but must be {kind} from {low:g} to {high:g}")
        return low if default is None else default

    def block(self, key: str) -> Block:
        """Return the mapping of a field; one without fields where it is left out."""
        return self._child(self._ask(key), self.path(key))

    def blocks(self, key: str) -> list[Block]:
        """Return a list of mappings."""
        return [self._child(node, self.path(key)) for node in self._entries(key)]

    def has(self, key: str) -> bool:
        """Tell whether a field is there; one that is empty is not."""
        return self._ask(key) is not None

    def close(self) -> None:
        """Note the fields that nobody asked for, here and further in."""
        for key, line in self._keys.items():
            if key not in self._asked:
                meant = nearest_names(key[:LONGEST], self._asked, 1)
                near = f"; the nearest field is {self.path(meant[0])}" if meant else ""
                self.note(line, f"there is no field {self.path(key)[:80]}{near}")
        for child in self._children:
            child.close()

    def _pairs(self, node: nodes.MappingNode) -> Iterator[tuple[str, nodes.Node]]:
        for key, value in cast("list[tuple[nodes.Node, nodes.Node]]", node.value):
            name = str(key.value) if isinstance(key, nodes.ScalarNode) else "(not a name)"
            if name in self._keys:
                first = self._keys[name]
                self.note(line_of(key), f"{self.path(name)[:80]} is there twice, first in line {first}")
                continue
            self._keys[name] = line_of(key)
            yield name, value

    def _ask(self, key: str, *, is_required: bool = False) -> nodes.Node | None:
        self._asked[key] = None
        node = self._fields.get(key)
        is_there = node is not None and kind_of(node) != "null"
        if is_required and not is_there:
            self.note(self.line_at(key), f"{self.path(key)} is missing")
        return node if is_there else None

    def _entries(self, key: str) -> list[nodes.Node]:
        node = self._ask(key)
        if node is None:
            return []
        if not isinstance(node, nodes.SequenceNode):
            self.note(line_of(node), f"{self.path(key)} must be a list, such as [one, another]")
            return []
        entries = cast("list[nodes.Node]", node.value)
        if len(entries) > MOST:
            self.note(line_of(node), f"{self.path(key)} has {len(entries)} entries, and {MOST} are the most")
        return entries[:MOST]

    def _text(self, node: nodes.Node, path: str) -> str:
        """Return a node's text, with a problem noted where it is empty: the empty one."""
        said = " ".join(str(node.value).split()) if isinstance(node, nodes.ScalarNode) else ""
        if not isinstance(node, nodes.ScalarNode):
            trouble = f"must be a text, not a {_shape(node)}"
        elif kind_of(node) == "bool":
            trouble = f'has {said}, which YAML takes for true or false: put it in quotes, "{said}"'
        elif not said or kind_of(node) == "null":
            trouble = "has an empty text"
        elif len(said) > LONGEST:
            trouble = f"has a text of {len(said)} characters, and {LONGEST} are the most"
        elif not said.isprintable():
            trouble = f"has characters that cannot be seen: {said[:40]!r}"
        else:
            return said
        self.note(line_of(node), f"{path} {trouble}")
        return ""

    def _is_one(self, key: str, said: str, words: Sequence[str]) -> bool:
        if said in words:
            return True
        line = self.notes.places.get((self.path(key), said), self.line_at(key))
        meant = nearest_names(said, words, 1)[0]
        self.note(line, f"{self.path(key)} has {said!r}, and may have {', '.join(words)}; the nearest is {meant}")
        return False

    def _child(self, node: nodes.Node | None, name: str) -> Block:
        child = Block(node, self.notes, name)
        self._children.append(child)
        return child


def _shape(node: nodes.Node) -> str:
    return {"seq": "list", "map": "mapping"}.get(kind_of(node), "text")
