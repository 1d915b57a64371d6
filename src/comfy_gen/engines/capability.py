"""What an engine can run: its node classes and its model files. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.checks.declarations import Declarations
from comfy_gen.workflows.models import BUILT_IN, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comfy_gen.engines.need import Need


@dataclass(frozen=True, slots=True)
class Capability:
    """What one engine has. Made by `capability_of`."""

    classes: frozenset[str] = frozenset()
    models: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """File names by folder, with forward slashes; a folder that is not here is one that nothing is known of."""

    def has(self, folder: str, name: str) -> bool:
        """Tell whether it has a model file. A folder that nothing is known of is trusted to hold it."""
        known = self.models.get(folder)
        return known is None or name in known or name in BUILT_IN.get(folder, ())


def capability_of(object_info: Mapping[str, Any], models: Mapping[str, Iterable[str]]) -> Capability:
    """Return what an engine has, of its answers to ``GET /object_info`` and, by folder, ``GET /models/{folder}``.

    What its loaders offer counts as well: packs keep files in folders of their own (GGUF), and offer them under the
    inputs that everybody uses.
    """
    found = {folder: set(names) for folder, names in models.items()}
    for folder, name in _offered(object_info):
        found.setdefault(folder, set()).add(name)
    known = {folder: frozenset(name.replace("\\", "/") for name in names) for folder, names in found.items()}
    return Capability(frozenset(object_info), known)


def lacks(capability: Capability, need: Need) -> tuple[str, ...]:
    """Return what an engine lacks to run a workflow, one phrase for each thing; empty where it can. Knows no tags."""
    classes = [f"the node class {name}" for name in need.classes if name not in capability.classes]
    models = [f"the file {folder}/{name}" for folder, name in need.models if not capability.has(folder, name)]
    return (*classes, *models)


def _offered(object_info: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    declarations = Declarations(object_info)
    for class_type in declarations.names():
        for given in declarations.inputs(class_type):
            folder = folder_of(class_type, given.name)
            if folder:
                yield from ((folder, str(name)) for name in given.choices or ())
