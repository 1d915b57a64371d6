"""Finds modifiers: in a folder of Python files, and among installed packages.

Their code is run here. What fails is told, and the others are found all the same.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import threading
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.errors import ModifierError
from comfy_gen.pipeline.modifiers.fault import FOREIGN, said
from comfy_gen.pipeline.modifiers.modifier import BaseModifier

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path

GROUP = "comfy_gen.modifiers"
"""The entry points."""
_PACKAGE = "modifiers"
"""What the files of a folder are imported as."""
_BASE = f"{_PACKAGE}.basemodifier"
_importing = threading.Lock()


class Found(NamedTuple):
    """The modifiers of one place, and what is wrong with those that cannot be used."""

    modifiers: dict[str, type[BaseModifier]]
    problems: tuple[ModifierError, ...] = ()


def in_folder(folder: Path) -> Found:
    """Return the modifiers in the Python files of a folder, each by its class's name.

    Files may import each other as ``modifiers.NAME``, and `BaseModifier` from ``modifiers.basemodifier``. What begins
    with an underscore is not looked at.
    """
    if not folder.is_dir():
        return Found({}, (ModifierError(str(folder), "there is no such folder"),))
    names = sorted(path.stem for path in folder.glob("*.py"))
    with _importing, _package(folder):
        return _collect(
            (name, lambda name=name: _classes(importlib.import_module(f"{_PACKAGE}.{name}")))
            for name in names
            if not name.startswith("_") and f"{_PACKAGE}.{name}" != _BASE
        )


def installed(points: Iterable[EntryPoint] | None = None) -> Found:
    """Return the modifiers of installed packages, each by its entry point's name."""
    wanted = entry_points(group=GROUP) if points is None else points
    return _collect((point.name, lambda point=point: {point.name: point.load()}) for point in wanted)


def checked(modifier: object) -> type[BaseModifier]:
    """Return what was found as the modifier that it must be.

    Raises:
        TypeError: it is no class of modifiers.
        ComfyGenError: its workflow or its parameters cannot be used.
    """
    if not (isinstance(modifier, type) and issubclass(modifier, BaseModifier)):
        raise TypeError(f"{modifier!r} is no class that extends BaseModifier")
    modifier.parameters()
    if modifier.WORKFLOW_JSON:
        modifier.find()
    return modifier


def _collect(sources: Iterable[tuple[str, Callable[[], dict[str, object]]]]) -> Found:
    modifiers: dict[str, type[BaseModifier]] = {}
    problems: list[ModifierError] = []
    for source, load in sources:
        try:
            loaded = load()
        except FOREIGN as error:  # the file's own fault, whatever it is: the other files are none the worse for it
            problems.append(ModifierError(source, said(error)))
            continue
        for name, modifier in loaded.items():
            problems += _take(modifiers, name, modifier)
    return Found(modifiers, tuple(problems))


def _take(modifiers: dict[str, type[BaseModifier]], name: str, modifier: object) -> list[ModifierError]:
    """Add a modifier; return what stands against it."""
    if name in modifiers:
        return [ModifierError(name, f"{modifiers[name].__module__} has one of that name too")]
    try:
        modifiers[name] = checked(modifier)
    except FOREIGN as error:  # of the class, which may say its parameters in a way of its own
        return [ModifierError(name, said(error))]
    return []


def _classes(module: ModuleType) -> dict[str, object]:
    """Return the modifiers that a module defines, not those that it imports."""
    classes = inspect.getmembers(module, inspect.isclass)
    own = [one for _, one in classes if one.__module__ == module.__name__ and issubclass(one, BaseModifier)]
    return {one.__name__: one for one in own if not one.__name__.startswith("_")}


@contextmanager
def _package(folder: Path) -> Generator[None]:
    """Have the folder be importable as a package while its files are loaded, whatever else has that name."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_inside(name)}
    package, base = ModuleType(_PACKAGE), ModuleType(_BASE)
    package.__path__ = [str(folder)]
    base.__dict__["BaseModifier"] = BaseModifier
    sys.modules |= {_PACKAGE: package, _BASE: base}
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _is_inside(name)]:
            del sys.modules[name]
        sys.modules |= before


def _is_inside(name: str) -> bool:
    return name == _PACKAGE or name.startswith(f"{_PACKAGE}.")
