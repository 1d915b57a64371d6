"""Manifests: models by name, sets of them, and what engines load before anybody asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.errors import ModelManifestError, ModelReferenceError
from comfy_gen.models.manifest_document import Document, read_document
from comfy_gen.models.model import Model
from comfy_gen.models.reference import CivitaiVersion, is_reference, parse_reference, without_login
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comfy_gen.models.manifest_document import Line, Problem

DEFAULT = "default"
"""The set that is fetched where none is named."""
EVERY_ENGINE = "*"
TEMPLATE = "template:"
"""Before a template's name: the set of the models that it needs."""
_SHIPPED = Path(__file__).with_name("models.yaml")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What may be asked for by name."""

    models: Mapping[str, Model] = field(default_factory=dict[str, Model])
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    """Names of models, by the set's name."""
    preload: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    """Names of models and sets or of files, by the engine's name; ``*``: every engine."""

    def find(self, text: str) -> list[Model]:
        """Return the models that are meant: by a name, a set, a file's name or a reference.

        Raises:
            ModelReferenceError: it means none; with the nearest names.
        """
        said = text.strip()
        if named := self._named(said):
            return named
        if not is_reference(said):
            nearest = nearest_names(said, [*self.models, *self.sets, *self._files()], 3)
            raise ModelReferenceError(said, "no model, set or file of the manifest is called so", nearest)
        return [self._referred(said)]

    def model_of(self, folder: str, file: str) -> Model | None:
        """Return the model whose file it is."""
        wanted = (folder, file.replace("\\", "/"))
        return next((model for model in self.models.values() if (model.folder, model.file) == wanted), None)

    def preload_for(self, engine: str) -> list[Model]:
        """Return what an engine is to load before anybody asks, each file once; its own before every engine's.

        A file that the manifest does not know is a model without a folder.
        """
        texts = [text for key in (engine, EVERY_ENGINE) for text in self.preload.get(key, ())]
        models = [model for text in texts for model in self._named(text) or [Model(file=text, folder="")]]
        return list({(model.folder, model.file): model for model in models}.values())

    def _named(self, text: str) -> list[Model]:
        lowered = text.lower()
        for name, model in self.models.items():
            if name.lower() == lowered:
                return [model]
        for name, members in self.sets.items():
            if name.lower() == lowered:
                return [self.models[member] for member in members]
        file = text.replace("\\", "/")
        return [model for model in self.models.values() if file in (model.file, f"{model.folder}/{model.file}")]

    def _files(self) -> Iterator[str]:
        return (model.file for model in self.models.values())

    def _referred(self, text: str) -> Model:
        reference = parse_reference(text)
        known = (model for model in self.models.values() if model.source == str(reference))
        # What the address calls a file is no more than a guess, and a source asked for it knows better.
        file = "" if isinstance(reference, CivitaiVersion) else reference.file
        name = file or without_login(str(reference))
        return next(known, None) or Model(file="", folder="", name=name, source=str(reference))


def load_manifest(own: Path | None = None) -> Manifest:
    """Return what ships, with somebody's own manifest over it: of two models, sets or engines of one name, theirs.

    Raises:
        ModelManifestError: their own cannot be read, or something is wrong in it; it names all of that.
    """
    shipped = _shipped()
    return shipped if own is None else _over(shipped, own)


@cache
def _shipped() -> Manifest:
    manifest = _over(Manifest(), _SHIPPED)
    templates = {f"{TEMPLATE}{name}": _names_for(name, manifest) for name in template_names()}
    return Manifest(manifest.models, {**manifest.sets, **templates}, manifest.preload)


def _names_for(template: str, manifest: Manifest) -> tuple[str, ...]:
    models = (manifest.model_of(need.folder, need.file) for need in load_template(template).models)
    return tuple(model.name for model in models if model)


def _over(below: Manifest, path: Path) -> Manifest:
    document = read_document(_read(path))
    models = {**below.models, **document.models}
    own = {name: _members(members, {*models, *document.lines}, document) for name, members in document.sets.items()}
    for name in document.models.keys() & {**below.sets, **document.sets}.keys():
        document.note(document.lines[name], f"{name} is the name of a model and of a set")
    if document.problems:
        raise ModelManifestError([f"{path}:{said}" for said in _sorted(document.problems)])
    preload = {engine: tuple(line.text for line in lines) for engine, lines in document.preload.items()}
    return Manifest(models, {**below.sets, **own}, {**below.preload, **preload})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ModelManifestError([f"{path}: it cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ModelManifestError([f"{path}: it is not UTF-8 text"]) from error


_MOST_NEAREST = 5
"""As many problems get a nearest name: to look for thousands would take hours."""


def _members(members: Iterable[Line], names: set[str], document: Document) -> tuple[str, ...]:
    found = dict[str, None]()
    for member in members:
        if member.text in names:
            found[member.text] = None
            continue
        is_among_few = len(document.problems) < _MOST_NEAREST
        nearest = nearest_names(member.text, sorted(names), 1) if is_among_few else ()
        near = f"; the nearest is {nearest[0]}" if nearest else ""
        document.note(member.line, f"there is no model {member.text!r}{near}")
    return tuple(found)


def _sorted(problems: Iterable[Problem]) -> list[str]:
    return [f"{problem.line}: {problem.said}" for problem in sorted(problems)]
