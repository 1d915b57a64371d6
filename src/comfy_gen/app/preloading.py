"""Says which models engines are to load before any job asks: by the settings, and by the manifest of models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.errors import ModelReferenceError
from comfy_gen.jobs.work.preloading import EVERY_ENGINE
from comfy_gen.workflows.warming import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comfy_gen.config import Settings
    from comfy_gen.models.manifest import Manifest
    from comfy_gen.models.model import Model

_LOADED_ALONG = ("vae",)
"""What comes with a model that paints, where both are named at once."""


def preload_of(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Return what each engine is to load, by its name; ``*`` for every engine.

    Raises:
        ModelManifestError: the manifest that the settings name cannot be used.
    """
    if not (settings.fleet.preload or settings.models.manifest):  # no manifest need be read
        return {}
    from comfy_gen.models.manifest import load_manifest  # noqa: PLC0415  # YAML, and few want it

    manifest = load_manifest(settings.models.manifest)
    return preload_by(manifest, settings.fleet.preload)


def preload_by(manifest: Manifest, words: Iterable[str] = ()) -> Mapping[str, tuple[str, ...]]:
    """Return what each engine is to load, by a manifest and by words such as ``MODEL`` and ``ENGINE=MODEL``."""
    wanted = {engine: list(texts) for engine, texts in manifest.preload.items()}
    for word in words:
        engine, _, text = word.rpartition("=")
        wanted.setdefault(engine or EVERY_ENGINE, []).append(text)
    whole = replace(manifest, preload={engine: tuple(texts) for engine, texts in wanted.items()})
    return {engine: _files(_own(whole, engine)) for engine in wanted}


def files_meant(manifest: Manifest, text: str) -> tuple[str, ...]:
    """Return the files that are meant by a name, a set or a file's name; what the manifest does not know, as it is."""
    try:
        return _files(manifest.find(text)) or (text,)
    except ModelReferenceError:
        return (text,)


def _own(manifest: Manifest, engine: str) -> Sequence[Model]:
    """Return what an engine is to load, but for what every engine is."""
    return replace(manifest, preload={engine: manifest.preload[engine]}).preload_for(engine)


def _files(models: Sequence[Model]) -> tuple[str, ...]:
    """Return the files that can be loaded by themselves; of a whole set the rest is loaded along with these."""
    paths = {f"{model.folder}/{model.file}" if model.folder else model.file: model.folder for model in models}
    alone = [path for path, folder in paths.items() if path and (not folder or folder in FOLDERS)]
    heavy = [path for path in alone if paths[path] not in _LOADED_ALONG]
    return tuple(heavy or alone)
