"""The page of the objects: what the HTTP service's routes take and answer, field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts.reference.document import routes, schemas
from scripts.reference.page import page, paragraphs, table, told
from scripts.reference.schema import asked_rows_of, rows_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD = """\
What [the routes](http.md) take and answer, by name. In what is sent, fields that are not required may be left out, and
those that are not known are refused; in what is answered, every field is there."""


def render() -> str:
    """Return the page."""
    asked = _asked()
    sent = {name: one for name, one in sorted(schemas().items()) if name in asked}
    answered = {name: one for name, one in sorted(schemas().items()) if name not in asked}
    return page(
        "HTTP objects",
        HEAD,
        "## What is sent",
        *(part for name, one in sent.items() for part in _object(name, one, is_asked=True)),
        "## What is answered",
        *(part for name, one in answered.items() for part in _object(name, one, is_asked=False)),
    )


def _object(name: str, schema: Mapping[str, Any], *, is_asked: bool) -> Iterator[str]:
    yield f"### {name}"
    yield paragraphs(told(name, schema.get("description")))
    if "properties" not in schema:
        yield f"{words_of(schema)}."
    yield table(
        ["field", "value", "meaning"], asked_rows_of(name, schema, file="") if is_asked else rows_of(schema, file="")
    )


def _asked() -> set[str]:
    """Return the names of the objects that are sent, with all that is in them."""
    found: set[str] = set()
    waiting = [one.facts["requestBody"] for one in routes() if "requestBody" in one.facts]
    waiting += [one.facts.get("parameters", ()) for one in routes()]
    while waiting:
        new = _names_in(waiting.pop()) - found
        found |= new
        waiting += [schemas()[name] for name in new]
    return found


def _names_in(facts: Any) -> set[str]:
    names = json.dumps(facts).split('"#/components/schemas/')[1:]
    return {name.partition('"')[0] for name in names}
