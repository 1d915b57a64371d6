"""Reads the index of the specification: of each document its headings, with their items and examples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
INDEX = PROJECT / "tests" / "mission"
EXAMPLES = PROJECT / "examples" / "mission"
DOCUMENTS = PROJECT.parent / "shared" / "mission"
"""Where the documents themselves lie for those who have them. Nothing here needs them."""

_OF_AN_ITEM = frozenset({"at", "tests", "note"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the specification names, or several alike."""

    kind: str
    names: tuple[str, ...]
    at: str
    """Where it is: a dotted path, or an endpoint; empty where its name says it."""
    tests: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Example:
    """One block of code of the specification, as it stands in this project."""

    name: str
    way: str
    """How it is run; `tests/mission/test_examples.py` knows the ways."""
    source: str
    """A file, or a block of a page: ``docs/page.md#Heading/language/number``."""
    shows: str
    """What it has to print, as a regular expression."""
    to: str
    """Where a request goes."""
    gives: int
    """The status of its answer."""
    sends: str
    """The example that is the request of an answer."""
    mended: dict[str, str]
    """What is written here, and what the document says there."""
    note: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, and what the specification has below it."""

    title: str
    note: str
    items: tuple[Item, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One of the four documents."""

    name: str
    title: str
    file: str
    headings: tuple[Heading, ...]


def read_index() -> list[Document]:
    """Return all documents, in their order."""
    return [_document(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(INDEX.glob("*.yaml"))]


def text_of(document: str, example: Example) -> str:
    """Return the text of an example."""
    page, _, place = example.source.partition("#")
    if place:
        return _block(PROJECT / page, *place.split("/"))
    return path_of(document, example).read_text(encoding="utf-8")


def path_of(document: str, example: Example) -> Path:
    """Return the file that an example is, or stands on."""
    name = example.source.partition("#")[0]
    return PROJECT / name if "/" in name else EXAMPLES / document / name


def _block(page: Path, heading: str, language: str, number: str) -> str:
    """Return a block of code of a page: of those of a language below a heading of the second level."""
    section = f"\n{page.read_text(encoding='utf-8')}".partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    begun = f"\n{section}".split(f"\n```{language}\n")[1:]
    return begun[int(number)].partition("\n```")[0] + "\n"


def _document(said: dict[str, Any]) -> Document:
    headings = tuple(map(_heading, said["headings"]))
    return Document(said["name"], said["title"], said["file"], headings)


def _heading(said: dict[str, Any]) -> Heading:
    items, examples = (
        tuple(map(read, said.get(name, ()))) for name, read in (("items", _item), ("examples", _example))
    )
    return Heading(said["heading"], said.get("note", ""), items, examples)


def _item(said: dict[str, Any]) -> Item:
    (kind,) = said.keys() - _OF_AN_ITEM
    return Item(kind, _several(said[kind]), said.get("at", ""), _several(said["tests"]), said.get("note", ""))


def _example(said: dict[str, Any]) -> Example:
    nothing = {"shows": "", "to": "", "gives": 200, "sends": "", "mended": {}, "note": ""}
    return Example(**nothing | said)


def _several(said: str | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)
