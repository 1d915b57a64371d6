"""Turns what a file, the environment and flags say into checked values, and lists everything that is wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.config.document import Document, Entry, Nested, Problem
from comfy_gen.config.keys import KEYS, PREFIX, SECTIONS, Key
from comfy_gen.config.masks import masked, masked_misfit
from comfy_gen.config.values import Origin, Source, Value
from comfy_gen.errors import listing
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST_SHOWN = 60
"""A value or a name that is longer is cut in messages."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source sets, by path, and what is wrong with it."""

    values: dict[str, Value] = field(default_factory=dict[str, Value])
    problems: list[str] = field(default_factory=list[str])

    def take(self, key: Key, given: Any, origin: Origin) -> None:
        """Keep a value if it is fit, and else say what is wrong."""
        problem = _put(self.values, key, given, origin)
        if problem:
            self.problems.append(f"{origin}: {problem}")


def default_layer() -> Layer:
    """Return what is so where nobody sets it."""
    return Layer({path: Value(key, key.default) for path, key in KEYS.items()})


def file_layer(document: Document, file: str) -> Layer:
    """Return what a file sets; its problems are in the order of its lines."""
    layer = Layer()
    found = [*document.problems, *_wrong_names(document)]
    for entry in document.entries:
        if entry.section in SECTIONS:
            found += _take_entry(layer, entry, file)
    layer.problems.extend(f"{file}:{line}: {said}" for line, said in sorted(found))
    return layer


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return what variables set; one that is empty counts as not set."""
    layer = Layer()
    for key in KEYS.values():
        name = next((name for name in key.variables if environ.get(name)), None)
        if name is not None:
            layer.take(key, _parsed(key, environ[name]), Origin(Source.ENVIRONMENT, name))
    layer.problems.extend(_unknown_variables(environ))
    return layer


def flag_layer(flags: Mapping[str, object]) -> Layer:
    """Return what flags set, by path; one that is None was not given.

    Raises:
        KeyError: there is no such path.
    """
    layer = Layer()
    for path, given in flags.items():
        if given is not None:
            layer.take(KEYS[path], given, Origin(Source.FLAG))
    return layer


# --- one value


def _put(values: dict[str, Value], key: Key, given: Any, origin: Origin) -> str:
    """Put a value among the others and return nothing, or return what is wrong with it."""
    try:
        values[key.path] = Value(key, key.kind.check(given), origin)
    except ValueError:
        return _unfit(key, given)
    return ""


def _parsed(key: Key, said: str) -> object:
    """Return what the text of a variable stands for; the text itself, which is unfit, where that is nothing."""
    try:
        return key.kind.parse(said)
    except ValueError:
        return said


def _unfit(key: Key, given: Any) -> str:
    must = f"must be {key.kind.expected}"
    if key.is_secret:
        return f"{key.path} {must}"
    return f"{key.path} {_described(given)}, but {must}"


def _described(given: Any) -> str:
    if isinstance(given, Nested):
        return f"is {given.what}"
    if isinstance(given, list):
        return "is a list"
    if given is None:
        return "has no value"
    if isinstance(given, bool):
        return f"is {str(given).lower()}"
    return f"is {_cut(masked_misfit(given))!r}" if isinstance(given, str) else f"is {_cut(str(given))}"


def _cut(said: str) -> str:
    return said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}…"


# --- names


def _take_entry(layer: Layer, entry: Entry, file: str) -> Iterable[Problem]:
    """Keep one value of the file, or return what is wrong."""
    path = f"{entry.section}.{entry.name}"
    key = KEYS.get(path)
    if key is None:
        near = [key.path for key in KEYS.values() if key.section == entry.section]
        return [Problem(entry.line, _unknown("key", path, near))]
    problem = _put(layer.values, key, entry.value, Origin(Source.FILE, file, entry.line))
    return [Problem(entry.line, problem)] if problem else []


def _wrong_names(document: Document) -> Iterable[Problem]:
    """Return what is wrong with the names at the top of the file."""
    for name, line in document.sections:
        if name not in SECTIONS:
            yield Problem(line, _unknown("section", name, SECTIONS))
    for name, line in document.stray:
        known = f"{name} must be a section, with its values below it"
        yield Problem(line, known if name in SECTIONS else _unknown("section", name, [*SECTIONS, *KEYS]))


def _unknown_variables(environ: Mapping[str, str]) -> Iterable[str]:
    """Return a sentence for each variable that looks like one of a section and is none."""
    known = [name for key in KEYS.values() for name in key.variables if name.startswith(PREFIX)]
    beginnings = tuple(f"{PREFIX}{section}_".upper() for section in SECTIONS)
    for name in sorted(environ):
        if name.startswith(beginnings) and name not in known:
            yield f"the environment: {_unknown('variable', name, known)}"


def _unknown(what: str, name: str, names: Iterable[str]) -> str:
    shown = _cut(masked(name))
    return f"there is no {what} {shown!r}; nearest: {listing(nearest_names(shown, names, limit=3))}"
