"""Tells which of the models that workflows need are there, and where the others come from. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import ModelReferenceError
from comfy_gen.models.fallbacks import Fallback, fallbacks
from comfy_gen.models.model import Model
from comfy_gen.models.names import is_weights, plain_name
from comfy_gen.models.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from comfy_gen.models.manifest import Manifest
    from comfy_gen.workflows.template import Template

Need = tuple[str, str]
"""A folder and a file."""
MAX_HINTS = 1000
MAX_DEPTH = 32
_FOLDER = re.compile(r"[A-Za-z0-9_][\w-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NeedState:
    """A file that is needed."""

    folder: str
    file: str
    is_there: bool
    fallbacks: tuple[Fallback, ...] = ()
    """What is there and may stand in for it."""
    model: Model | None = None
    """Where it comes from, if anybody says so: the manifest, or the workflow itself."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "folder": self.folder,
            "file": self.file,
            "is_there": self.is_there,
            "fallbacks": [{"file": one.file, "reason": one.reason} for one in self.fallbacks],
            "model": self.model.as_json() if self.model else None,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """All that a workflow needs."""

    needs: tuple[NeedState, ...]

    @property
    def missing(self) -> tuple[NeedState, ...]:
        """What is not there."""
        return tuple(need for need in self.needs if not need.is_there)

    @property
    def is_complete(self) -> bool:
        """Whether everything is there."""
        return not self.missing

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {"is_complete": self.is_complete, "needs": [need.as_json() for need in self.needs]}


def needs_of_template(template: Template) -> tuple[Need, ...]:
    """Return the files that a template loads unless others are chosen."""
    return tuple(dict.fromkeys((need.folder, need.file) for need in template.models))


def coverage(
    needs: Iterable[Need],
    available: Mapping[str, Sequence[str]],
    manifest: Manifest | None = None,
    hints: Iterable[Model] = (),
) -> Coverage:
    """Return which of the needs are there.

    Args:
        needs: folders and files.
        available: the files by folder, as an engine or this machine has them.
        manifest: says where models come from.
        hints: what a workflow itself says of that (`model_hints`), for those that the manifest does not know.
    """
    told = {(hint.folder, hint.file): hint for hint in hints}
    return Coverage(tuple(_state(need, available.get(need[0], ()), manifest, told) for need in needs))


def model_hints(document: Mapping[str, Any]) -> list[Model]:
    """Return the models that a workflow of ComfyUI's editor names with their addresses, each once.

    The editor keeps them with the nodes that load them (``properties.models``), in subgraphs too; older files have
    one list for all. What is in there is anybody's: names are made plain, and addresses that are none are left out.
    """
    found = (hint for entry in _entries(document) if (hint := _hint(entry)))
    unique = {(hint.folder, hint.file): hint for _, hint in zip(range(MAX_HINTS), found, strict=False)}
    return list(unique.values())


def _state(need: Need, files: Sequence[str], manifest: Manifest | None, hints: Mapping[Need, Model]) -> NeedState:
    folder, file = need
    wanted = file.replace("\\", "/")
    model = (manifest.model_of(folder, file) if manifest else None) or hints.get((folder, wanted))
    if any(name.replace("\\", "/") == wanted for name in files):
        return NeedState(folder, file, is_there=True, model=model)
    return NeedState(folder, file, is_there=False, fallbacks=fallbacks(need, files), model=model)


def _entries(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Go through a document for lists called ``models``; it may be nested as its author pleased."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in cast("dict[object, object]", value).items():
            if key == "models" and isinstance(inner, list):
                yield from (entry for entry in cast("list[Any]", inner) if isinstance(entry, dict))
            else:
                yield from _entries(inner, depth + 1)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _entries(inner, depth + 1)


def _hint(entry: Mapping[str, Any]) -> Model | None:
    file, folder, url = (_said(entry, key) for key in ("name", "directory", "url"))
    if not is_weights(file) or not plain_name(file) or not _FOLDER.fullmatch(folder):
        return None
    try:
        source = str(parse_reference(url))
    except ModelReferenceError:
        return None
    is_sha256 = _said(entry, "hash_type").upper() in ("", "SHA256")
    sha256 = _said(entry, "hash").lower() if is_sha256 else ""
    return Model(
        file=plain_name(file), folder=folder, source=source, sha256=sha256 if _SHA256.fullmatch(sha256) else ""
    )


def _said(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""
