"""Says in words what a JSON Schema allows. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts.reference.page import any_of, code, link, sentence, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OBJECTS = "objects.md"
NULL = "null"
OR_NULL = " (or null)"
_NOUNS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`", "null": NULL}
_PLURALS = {"text": "texts", "number": "numbers", "whole number": "whole numbers", "object": "objects", "file": "files"}
_FORMATS = {"uuid": "id (UUID)", "uri": "URL", "binary": "file", "date-time": "time"}


def words_of(schema: Mapping[str, Any], file: str | None = OBJECTS) -> str:
    """Return what a value may be; objects with a name are links into a file, if there is one."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name if file is None else link(name, name, file)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        words = dict.fromkeys(words_of(one, file) for one in choices)
        is_nullable = words.pop(NULL, 0) is None
        return " or ".join(words) + (OR_NULL if is_nullable else "")
    if "enum" in schema or "const" in schema:
        return any_of(schema.get("enum") or [schema["const"]])
    return _plain(schema, file)


def rows_of(schema: Mapping[str, Any], *, file: str | None = OBJECTS) -> Iterator[tuple[str, str, str]]:
    """Yield of each field that is answered its name, what it may be, and what it means."""
    for name, field in schema.get("properties", {}).items():
        yield code(name), words_of(field, file), meaning_of(field)


def asked_rows_of(of: str, schema: Mapping[str, Any], *, file: str | None = OBJECTS) -> Iterator[tuple[str, str, str]]:
    """Yield the same of each field that is asked for, with whether it must be given; each has to say what it means."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        told(f"{name} of {of}", field.get("description") or _own_text(field))
        kind = words_of(field, file).removesuffix(OR_NULL)
        yield code(name), f"{kind}, required" if name in required else kind, meaning_of(field)


def meaning_of(schema: Mapping[str, Any]) -> str:
    """Return what is said of a value, and what it is where nobody gives it."""
    default = schema.get("default")
    usual = "" if default in (None, "", [], {}) else f"Default {code(_json(default))}."
    return f"{sentence(schema.get('description', ''))} {usual}".strip()


def _own_text(schema: Mapping[str, Any]) -> str:
    """Return what an object is called: one that has a name says itself what it is."""
    return json.dumps(schema).partition("#/components/schemas/")[2]


def _plain(schema: Mapping[str, Any], file: str | None) -> str:
    kind = schema.get("type")
    if kind == "array":
        count = _count(schema, "Items")
        return f"list of {count}{' ' if count else ''}{_plural(words_of(schema.get('items', {}), file))}"
    if kind == "object" or "additionalProperties" in schema:
        inner = schema.get("additionalProperties")
        return f"object of {_plural(words_of(inner, file))}" if isinstance(inner, dict) and inner else "object"
    if kind is None:
        return "any value"
    length = _count(schema, "Length")
    noun = _FORMATS.get(schema.get("format", "")) or _NOUNS[kind]
    return f"{noun}{f' of {length} characters' if length else ''}{_range(schema)}"


def _plural(words: str) -> str:
    for noun, several in _PLURALS.items():
        if words.startswith(noun):
            return f"{several}{words.removeprefix(noun)}"
    return words


def _range(schema: Mapping[str, Any]) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        said = f" from {_json(low)} to {_json(high)}"
    else:
        bounds = ((low, "{} or more"), (above, "above {}"), (high, "{} or less"), (below, "below {}"))
        said = "".join(f", {words.format(_json(bound))}" for bound, words in bounds if bound is not None)
    step = schema.get("multipleOf")
    return said if step is None else f"{said}, a multiple of {_json(step)}"


def _count(schema: Mapping[str, Any], of: str) -> str:
    """Return how long a text may be, or how many a list may have."""
    low, high = schema.get(f"min{of}", 0), schema.get(f"max{of}")
    if high is None:
        return f"{low} or more" if low else ""
    return f"{low}" if low == high else f"{low} to {high}" if low else f"up to {high}"


def _json(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
