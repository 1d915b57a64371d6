"""What all engines declare of their node classes, as if they were one ComfyUI. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.comfyui.routes.files import is_content_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Declaration = dict[str, Any]
"""One class, as ``GET /object_info`` describes it."""
ObjectInfo = dict[str, Declaration]

_SECTIONS = ("required", "optional")


def merged(infos: Sequence[Mapping[str, Declaration]]) -> ObjectInfo:
    """Return the classes of all engines.

    Where several have a class, it is as the first of them declares it, with the choices of all: models and files that
    any of them has. Not among these are the files that engines were given for jobs, for they are not everybody's.
    """
    found: dict[str, list[Declaration]] = {}
    for info in infos:
        for name, declaration in info.items():
            found.setdefault(name, []).append(declaration)
    return {name: _merged_class(declarations) for name, declarations in found.items()}


def shared(info: Mapping[str, Declaration], known: Iterable[Mapping[str, Declaration]]) -> ObjectInfo:
    """Return what an engine declares, where it is the same as what others do by the very objects of theirs.

    A hundred engines that have the same nodes need not fill the memory a hundred times.
    """
    others = list(known)
    return {
        name: next((one[name] for one in others if one.get(name) == declaration), declaration)
        for name, declaration in info.items()
    }


def choices_of(spec: object) -> list[Any] | None:
    """Return the values that an input may have by its declaration, in whichever of the two ways; None for others."""
    if not isinstance(spec, list) or not spec:
        return None
    kind, *others = cast("list[Any]", spec)
    options = cast("dict[str, Any]", others[0]) if others and isinstance(others[0], dict) else {}
    listed = options.get("options") if kind == "COMBO" else kind
    return cast("list[Any]", listed) if isinstance(listed, list) else None


def with_choices(spec: list[Any], choices: list[Any]) -> list[Any]:
    """Return the declaration of an input with these values in the place of its own."""
    kind, *options = spec
    return [kind, {**options[0], "options": choices}, *options[1:]] if kind == "COMBO" else [choices, *options]


def _merged_class(declarations: Sequence[Declaration]) -> Declaration:
    first = declarations[0]
    others = [one for one in declarations[1:] if one is not first]
    inputs = first.get("input")
    if not isinstance(inputs, dict):
        return first
    sections = cast("dict[str, Any]", inputs)
    changed = {
        name: _merged_section(sections[name], _at(others, "input", name))
        for name in _SECTIONS
        if isinstance(sections.get(name), dict)
    }
    if all(changed[name] is sections[name] for name in changed):
        return first
    return {**first, "input": {**sections, **changed}}


def _merged_section(specs: dict[str, Any], others: Sequence[Any]) -> dict[str, Any]:
    united = {name: _merged_spec(spec, _at(others, name)) for name, spec in specs.items()}
    return specs if all(united[name] is spec for name, spec in specs.items()) else united


def _merged_spec(spec: Any, others: Sequence[Any]) -> Any:
    own = choices_of(spec)
    if own is None:
        return spec
    lists = [own, *(found for other in others if (found := choices_of(other)) is not None)]
    union = _united(lists)
    return spec if union == own else with_choices(spec, union)


def _united(lists: Iterable[list[Any]]) -> list[Any]:
    """Return the values of all lists in their order, each once; they need not be texts."""
    found: dict[str, Any] = {}
    for values in lists:
        for value in values:
            if not (isinstance(value, str) and is_content_name(value)):
                found.setdefault(repr(value), value)
    return list(found.values())


def _at(found: Iterable[Any], *path: str) -> list[Any]:
    """Return what lies under a path in those that have something there."""
    inner: list[Any] = list(found)
    for name in path:
        inner = [one[name] for one in inner if isinstance(one, dict) and name in one]
    return inner
