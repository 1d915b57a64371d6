"""Reads the text of a manifest; all that is wrong is told at once, with its line. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from yaml import nodes

from comfy_gen.errors import ModelReferenceError
from comfy_gen.models.model import Model
from comfy_gen.models.reference import parse_reference
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.yaml_tree import UnreadableError, kind_of, line_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1_000_000
MAX_EVENTS = 50_000
LONGEST = 500
"""Characters of a text; an address may have more than a name."""
SECTIONS = ("models", "sets", "preload")
FIELDS = ("file", "folder", "source", "title", "sha256", "size", "licence", "base", "triggers", "page")
_NAME = re.compile(r"[A-Za-z0-9][\w.:+-]*", re.ASCII)
_FOLDER = re.compile(r"[A-Za-z0-9_][\w-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"\d{1,15}")


class Problem(NamedTuple):
    """What is wrong, and where."""

    line: int
    said: str


class Line(NamedTuple):
    """A text and where it stands."""

    text: str
    line: int


@dataclass(slots=True)
class Document:
    """What a manifest's text says."""

    models: dict[str, Model] = field(default_factory=dict[str, Model])
    sets: dict[str, list[Line]] = field(default_factory=dict[str, "list[Line]"])
    preload: dict[str, list[Line]] = field(default_factory=dict[str, "list[Line]"])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    """Where each model and each set stands."""
    problems: list[Problem] = field(default_factory=list[Problem])

    def note(self, line: int, said: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(line, said))


def read_document(text: str) -> Document:
    """Return what a manifest's text says, and what is wrong with it."""
    document = Document()
    try:
        root = _root(text)
    except UnreadableError as error:
        document.note(error.line, error.said)
        return document
    if root is not None:
        for name, line, node in _pairs(root, "", document):
            _read_section(name, line, node, document)
    return document


def _root(text: str) -> nodes.MappingNode | None:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise UnreadableError(1, f"it is larger than {MAX_BYTES:,} bytes")
    root = read_tree(text, max_events=MAX_EVENTS, kind="a manifest")
    if root is None or kind_of(root) == "null":
        return None
    if not isinstance(root, nodes.MappingNode):
        raise UnreadableError(line_of(root), "it must be a mapping of models, sets and preload")
    return root


def _read_section(name: str, line: int, node: nodes.Node, document: Document) -> None:
    if name not in SECTIONS:
        document.note(line, f"there is no section {name!r}; the nearest is {nearest_names(name, SECTIONS, 1)[0]}")
    elif isinstance(node, nodes.MappingNode):
        for key, key_line, value in _pairs(node, f"{name}.", document):
            _read_entry(name, Line(key, key_line), value, document)
    elif kind_of(node) != "null":
        document.note(line, f"{name} must be a mapping of names")


def _read_entry(section: str, key: Line, node: nodes.Node, document: Document) -> None:
    if section == "preload":
        document.preload[key.text] = _texts(node, f"preload.{key.text}", document)
        return
    if not _NAME.fullmatch(key.text):
        document.note(key.line, f"{key.text!r} is no name: letters, digits and any of . _ - + :")
        return
    document.lines[key.text] = key.line
    if section == "sets":
        document.sets[key.text] = _texts(node, f"sets.{key.text}", document)
    elif isinstance(node, nodes.MappingNode):
        document.models[key.text] = _ModelReader(key.text, node, document).read()
    else:
        document.note(key.line, f"models.{key.text} must be a mapping, such as {{file: …, folder: …, source: …}}")


class _ModelReader:
    """Reads one model, whose wrong fields are noted and left empty."""

    def __init__(self, name: str, node: nodes.MappingNode, document: Document) -> None:
        self._name = name
        self._line = line_of(node)
        self._document = document
        self._fields = {key: (line, value) for key, line, value in _pairs(node, f"models.{name}.", document)}

    def read(self) -> Model:
        """Return the model."""
        for key, (line, _) in self._fields.items():
            if key not in FIELDS:
                self._note(line, key, f"there is no such field; the nearest is {nearest_names(key, FIELDS, 1)[0]}")
        return Model(
            name=self._name,
            file=self._file(),
            folder=self._matching("folder", _FOLDER, "the name of one of ComfyUI's folders", is_required=True),
            source=self._source(),
            title=self._text("title"),
            sha256=self._matching("sha256", _SHA256, "64 digits of 0-9 and a-f", is_lower=True),
            size=int(self._matching("size", _SIZE, "a number of bytes") or 0) or None,
            licence=self._text("licence"),
            base=self._text("base"),
            triggers=self._triggers(),
            page=self._text("page"),
        )

    def _note(self, line: int, key: str, said: str) -> None:
        self._document.note(line, f"models.{self._name}.{key}: {said}")

    def _line_of(self, key: str) -> int:
        return self._fields[key][0] if key in self._fields else self._line

    def _text(self, key: str, *, is_required: bool = False) -> str:
        if key in self._fields:
            return _text(self._fields[key][1], f"models.{self._name}.{key}", self._document)
        if is_required:
            self._note(self._line, key, "it is missing")
        return ""

    def _matching(
        self, key: str, form: re.Pattern[str], expected: str, *, is_required: bool = False, is_lower: bool = False
    ) -> str:
        said = self._text(key, is_required=is_required)
        said = said.lower() if is_lower else said
        if said and not form.fullmatch(said):
            self._note(self._line_of(key), key, f"{said[:80]!r} is not {expected}")
            return ""
        return said

    def _file(self) -> str:
        said = self._text("file", is_required=True)
        if said and ("\\" in said or ":" in said or not all(part.strip(". ") for part in said.split("/"))):
            self._note(self._line_of("file"), "file", f"{said!r} is not the name of a file in the folder")
            return ""
        return said

    def _source(self) -> str:
        said = self._text("source")
        try:
            return str(parse_reference(said)) if said else ""
        except ModelReferenceError as error:
            self._note(self._line_of("source"), "source", error.message)
            return ""

    def _triggers(self) -> tuple[str, ...]:
        if "triggers" not in self._fields:
            return ()
        found = _texts(self._fields["triggers"][1], f"models.{self._name}.triggers", self._document)
        return tuple(one.text for one in found)


def _pairs(node: nodes.MappingNode, prefix: str, document: Document) -> Iterator[tuple[str, int, nodes.Node]]:
    """Return keys with their lines and values; one that is there twice is a problem, for YAML keeps the last."""
    seen: dict[str, int] = {}
    for key, value in cast("list[tuple[nodes.Node, nodes.Node]]", node.value):
        name, line = str(key.value) if isinstance(key, nodes.ScalarNode) else "a key that is no name", line_of(key)
        if name in seen:
            document.note(line, f"{prefix}{name[:80]} is there twice, first in line {seen[name]}")
            continue
        seen[name] = line
        yield name[:200], line, value


def _texts(node: nodes.Node, path: str, document: Document) -> list[Line]:
    if kind_of(node) == "null":
        return []
    if not isinstance(node, nodes.SequenceNode):
        document.note(line_of(node), f"{path} must be a list, such as [one, another]")
        return []
    found = [Line(_text(one, path, document), line_of(one)) for one in cast("list[nodes.Node]", node.value)]
    return [one for one in found if one.text]


def _text(node: nodes.Node, path: str, document: Document) -> str:
    said = str(node.value) if isinstance(node, nodes.ScalarNode) else ""
    if not isinstance(node, nodes.ScalarNode):
        trouble = "must be a text"
    elif kind_of(node) == "null" or not said.strip():
        trouble = "is empty"
    elif len(said) > LONGEST or not said.isprintable():
        trouble = f"is longer than {LONGEST} characters, or has some that cannot be seen"
    else:
        return said.strip()
    document.note(line_of(node), f"{path} {trouble}")
    return ""
