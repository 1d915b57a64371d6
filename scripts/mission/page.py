"""Writes the page: what differs, and for each document a table of its headings, items and examples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.mission.index import PROJECT, path_of
from scripts.mission.resolving import check_tests, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.mission.index import Document, Example, Heading, Item

PAGE = PROJECT / "docs" / "mission.md"

_HEAD = """\
# The specification, and where it is

ComfyGen was built to four documents. They are the specification; what a real ComfyUI does is right where they say
something else. This page goes through them, heading by heading: every function, endpoint, command, variable, event,
field and example, where it is in the code, and which tests show it. Where we differ on purpose, a line says so, with
the reason.

It is made of `tests/mission/*.yaml` by `make mission`, which imports each function and compares its signature, looks
each endpoint up in the application's routes, each command in the command line, each variable among the settings, and
each test among the tests. `tests/mission/test_map.py` fails when something is gone, or this page is old; where the
documents themselves are at hand, it also fails when they have something that is not here. The examples are all run by
one module, `tests/mission/test_examples.py`, under the names that they have here:
`pytest tests/mission -k synchronous-request`. Files of tests are named from `tests/` on.

{counts}

## Where it differs, and why

{differences}
"""
DIFFERS = ("our choice", "the document is wrong", "general content")
"""How a note begins that tells of a difference."""
_PAGE_NAMED = re.compile(r"\b([\w-]+\.md)\b")
_COLUMNS = "| documented | kind | here | shown by |\n|---|---|---|---|\n"


def render(documents: Sequence[Document]) -> str:
    """Return the page."""
    parts = [_HEAD.format(counts=_counts(documents), differences="\n".join(_differences(documents)))]
    for number, document in enumerate(documents, 1):
        rows = "".join(row for heading in document.headings for row in _rows(document, heading))
        parts.append(f"\n## {number}. {document.title}\n\n{_COLUMNS}{rows}")
    return "".join(parts)


def _differences(documents: Sequence[Document]) -> Iterator[str]:
    """Yield a line for each note that tells of a difference."""
    for number, document in enumerate(documents, 1):
        for heading in document.headings:
            for note in (heading.note, *(one.note for one in (*heading.items, *heading.examples))):
                if note.startswith(DIFFERS):
                    yield f"- {number}. *{heading.title.partition('(')[0].strip()}*: {_linked(note)}"


def _counts(documents: Sequence[Document]) -> str:
    lines = ["| document | headings | items | examples |\n|---|---|---|---|"]
    lines += [f"| {one.title} | {len(one.headings)} | {_items(one)} | {_examples(one)} |" for one in documents]
    return "\n".join(lines)


def _items(document: Document) -> int:
    return sum(len(item.names) for heading in document.headings for item in heading.items)


def _examples(document: Document) -> int:
    return sum(len(heading.examples) for heading in document.headings)


def _rows(document: Document, heading: Heading) -> Iterator[str]:
    yield f"| **{_cell(heading.title)}** | | {_linked(heading.note)} | |\n"
    yield from map(_item_row, heading.items)
    for example in heading.examples:
        yield _example_row(document, example)


def _item_row(item: Item) -> str:
    check_tests(item)
    names = ", ".join(f"`{_cell(name)}`" for name in item.names)
    note = f" ({_linked(item.note)})" if item.note else ""
    place = ", ".join(f"`{one.strip('`')}`" for one in place_of(item).split(", "))
    return f"| {names} | {item.kind} | {place}{note} | {', '.join(f'`{test}`' for test in item.tests)} |\n"


def _example_row(document: Document, example: Example) -> str:
    path = path_of(document.name, example)
    where = f"[{path.name}](../{path.relative_to(PROJECT).as_posix()})"
    if path.is_relative_to(PROJECT / "docs"):
        where = f"[{path.name}]({path.name})"
    note = f" ({_linked(example.note)})" if example.note else ""
    return f"| {document.name}/{example.name} | example | {where}{note} | `test_example` ({example.way}) |\n"


def _linked(note: str) -> str:
    """Return a note in which pages are links."""
    return _PAGE_NAMED.sub(lambda found: f"[{found[1]}]({_place(found[1])})", _cell(note))


def _place(page: str) -> str:
    """Return where a page is, seen from the others."""
    return f"../{page}" if (PROJECT / page).exists() else page


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
