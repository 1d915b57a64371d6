"""Looks an item of the index up in the code, really: what is imported is there, what is asked for is answered."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any, get_args

from scripts.mission import faces
from scripts.mission.index import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.mission.index import Item


class MissingError(Exception):
    """Something that the index names is not there."""


def place_of(item: Item) -> str:
    """Return where an item is in the code.

    Raises:
        MissingError: One of its names is nowhere.
    """
    places = [_RESOLVERS[item.kind](item, name) for name in item.names]
    return ", ".join(dict.fromkeys(places))


def check_tests(item: Item) -> None:
    """Look for the tests of an item.

    Raises:
        MissingError: One of them is not there.
    """
    for test in item.tests:
        file, _, name = test.partition("::")
        if not (PROJECT / "tests" / file).is_file() or (name and name not in _tests_in(file)):
            raise MissingError(f"there is no test {test}")


@functools.cache
def _tests_in(file: str) -> frozenset[str]:
    """Return the functions of a file of tests."""
    tree = ast.parse((PROJECT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def found_at(path: str) -> Any:
    """Import what a dotted path names.

    Raises:
        MissingError: It is nowhere.
    """
    parts = path.replace(":", ".").split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
            for name in parts[length:]:
                found = getattr(found, name)
        except (ModuleNotFoundError, AttributeError):
            continue
        return found
    raise MissingError(f"{path} is not there")


# --- things to import


def _object(item: Item, _: str) -> str:
    found_at(item.at)
    return item.at


def _callable(item: Item, name: str) -> str:
    """Compare a signature with the documented one; of which here there may be more, at its end."""
    found = found_at(item.at)
    documented = name.partition("(")[2].removesuffix(")")
    if not documented:
        return item.at
    wanted = inspect.signature(eval(f"lambda {documented}: None")).parameters  # noqa: S307  # an expression of our own index
    signature = inspect.signature(found)
    ours = [one for one in signature.parameters.values() if one.name != "self"]
    if [one.name for one in ours[: len(wanted)]] != [*wanted]:
        raise MissingError(f"{item.at} has not the documented parameters: {signature}")
    for known, parameter in zip(ours, wanted.values(), strict=False):
        if parameter.default is not parameter.empty and known.default != parameter.default:
            raise MissingError(f"{item.at} has not the documented default {parameter}: {signature}")
    if any(map(_is_needed, ours[len(wanted) :])):
        raise MissingError(f"{item.at} needs more than is documented: {signature}")
    return item.at


def _is_needed(parameter: inspect.Parameter) -> bool:
    """Tell whether a call must have it."""
    is_any = parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    return parameter.default is parameter.empty and not is_any


def _field(item: Item, name: str) -> str:
    """Look for a field of a class, whether pydantic's or any other's."""
    owner = found_at(item.at)
    known = {name for kind in owner.__mro__ for name in getattr(kind, "__annotations__", {})} | set(dir(owner))
    known |= {field.alias for field in getattr(owner, "model_fields", {}).values()}
    if name not in known:
        raise MissingError(f"{item.at} has no {name}")
    return item.at


def _word(item: Item, name: str) -> str:
    """Look for a word among those of a collection, or in the text of a function or module."""
    where = found_at(item.at)
    words = get_args(where) or (() if inspect.ismodule(where) or (callable(where) and not _is_enum(where)) else where)
    known = {str(word) for word in words} or set(re.findall(r"\w+", inspect.getsource(where)))
    if name not in known:
        raise MissingError(f"{item.at} does not know {name}")
    return item.at


def _is_enum(where: Any) -> bool:
    return hasattr(where, "__members__")


# --- faces of the program


def _known(kind: str, names: Callable[[], dict[str, str]]) -> Callable[[Item, str], str]:
    """Look a name up among those of a face of the program, each with its place."""

    def resolve(_: Item, name: str) -> str:
        place = names().get(faces.nameless(name))
        if place is None:
            raise MissingError(f"there is no {kind} {name}")
        return place

    return resolve


def _parameter(item: Item, name: str) -> str:
    if name.lower() not in faces.parameters(item.at):
        raise MissingError(f"{item.at} takes no {name}")
    return f"`{item.at}`"


def _status(item: Item, name: str) -> str:
    if name not in faces.statuses(item.at):
        raise MissingError(f"{item.at} never answers {name}")
    return faces.endpoints()[faces.nameless(item.at)]


def _tool(_: Item, name: str) -> str:
    tool, _bracket, parameters = name.removesuffix(")").partition("(")
    known = faces.tools().get(tool)
    if known is None or not set(parameters.split(", ")) <= known:
        raise MissingError(f"there is no tool {name}")
    return f"comfy_gen.mcp: {tool}"


def _command(_: Item, name: str) -> str:
    place = faces.command_place(name)
    if not place:
        raise MissingError(f"there is no command {name}")
    return place


def _file(_: Item, name: str) -> str:
    if not (PROJECT / name).exists():
        raise MissingError(f"there is no {name}")
    return name


_RESOLVERS: dict[str, Callable[[Item, str], str]] = {
    "class": _callable,
    "command": _command,
    "constant": _object,
    "endpoint": _known("endpoint", faces.endpoints),
    "engine": _known("route of an engine", faces.engine_routes),
    "event": _word,
    "field": _field,
    "file": _file,
    "function": _callable,
    "method": _callable,
    "module": _object,
    "parameter": _parameter,
    "setting": _known("setting", faces.settings),
    "status": _status,
    "tool": _tool,
    "variable": _known("variable", faces.variables),
    "word": _word,
}
