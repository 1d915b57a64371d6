"""Checks the models on this machine: against what is known of them, and against what their own headers say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from comfy_gen.errors import InvalidParameterError, ModelIntegrityError
from comfy_gen.errors.base import listing
from comfy_gen.models.architecture import family_of
from comfy_gen.models.content import check_content, is_safetensors_name
from comfy_gen.models.digest import sha256_of
from comfy_gen.models.folder import LocalModel
from comfy_gen.models.model import Model
from comfy_gen.models.pickles import is_pickle_name
from comfy_gen.models.progress import Progress
from comfy_gen.models.registry import Entry, key_of
from comfy_gen.models.safetensors import read_header
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from comfy_gen.models.folder import ModelFolder
    from comfy_gen.models.registry import Registry

State = Literal["good", "entered", "damaged", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of checking a file."""

    model: LocalModel
    state: State
    """``entered``: nothing was known of it; it is in order as far as it tells itself, and its hash is known now."""
    sha256: str = ""
    """Of its bytes as they are; empty where they were not read."""
    reason: str = ""
    """What is wrong with it, or is to be known of it."""


async def verify(
    folder: ModelFolder,
    registry: Registry,
    names: Sequence[str] = (),
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> list[Checked]:
    """Read the named models, or all, from end to end; those that nobody knew are entered in the list.

    A name is a file's, with or without its folder or its ending, or what a manifest calls it.

    Raises:
        InvalidParameterError: a name fits none.
        ModelRegistryError: the list is damaged.
        OutputPathError: it cannot be written.
    """
    entries = registry.entries()
    here = {key_of(local.folder, local.file): local for local in folder.files()}
    chosen = _chosen(sorted(here.keys() | entries.keys()), entries, names)
    checked: list[Checked] = []
    for key in chosen:
        if key in here:
            checked.append(await _verify_one(here[key], entries.get(key), registry, on_progress))
        else:
            checked.append(_missing(folder, entries[key]))
    return checked


def _chosen(keys: Sequence[str], entries: dict[str, Entry], names: Sequence[str]) -> list[str]:
    """Return the files that any of the names fits; all if there are no names."""
    wrong: list[InvalidParameterError] = []
    for name in names:
        if not any(_fits(name, key, entries.get(key)) for key in keys):
            nearest = nearest_names(name, [PurePosixPath(key).name for key in keys], 3)
            advice = f"nearest: {listing(nearest)}." if nearest and not wrong else ""
            wrong.append(InvalidParameterError("model", name, "a model that is here", advice))
    if wrong:
        raise replace(wrong[0], others=wrong[1:])
    return [key for key in keys if not names or any(_fits(name, key, entries.get(key)) for name in names)]


def _fits(name: str, key: str, entry: Entry | None) -> bool:
    file = key.partition("/")[2]
    own = entry.model.name if entry else ""
    return name in {key, file, PurePosixPath(file).name, PurePosixPath(file).stem} or name == own != ""


async def _verify_one(
    local: LocalModel, entry: Entry | None, registry: Registry, on_progress: Callable[[Progress], None]
) -> Checked:
    if entry and entry.size != local.size:
        reason = f"it has {local.size} bytes; when it was listed, it had {entry.size}"
        return Checked(model=local, state="damaged", reason=reason)
    try:
        await asyncio.to_thread(check_content, local.file, local.path)
        sha256 = await sha256_of(local.path, lambda done: on_progress(_progress(local, done)))
    except ModelIntegrityError as error:
        return Checked(model=local, state="damaged", reason=error.reason)
    except OSError as error:
        return Checked(model=local, state="damaged", reason=f"it cannot be read: {error.strerror or error}")
    if entry and entry.sha256 != sha256:
        return Checked(model=local, state="damaged", sha256=sha256, reason=f"its SHA-256 was {entry.sha256}")
    known = entry or await asyncio.to_thread(_new_entry, local, sha256)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    registry.record(replace(known, mtime_ns=local.mtime_ns, checked_at=now))
    reason = "a pickle: it may run code when it is loaded" if is_pickle_name(local.file) else ""
    return Checked(model=local, state="good" if entry else "entered", sha256=sha256, reason=reason)


def _new_entry(local: LocalModel, sha256: str) -> Entry:
    family = family_of(read_header(local.path)) if is_safetensors_name(local.file) else ""
    model = Model(file=local.file, folder=local.folder, sha256=sha256, size=local.size, base=family)
    return Entry(model=model, sha256=sha256, size=local.size, mtime_ns=local.mtime_ns)


def missing_models(folder: ModelFolder, registry: Registry) -> list[LocalModel]:
    """Return the models that are listed and here no more, as they were.

    Raises:
        ModelRegistryError: the list is damaged.
    """
    entries = registry.entries()
    here = {key_of(local.folder, local.file) for local in folder.files()}
    return [_as_listed(folder, entry) for key, entry in entries.items() if key not in here]


def _as_listed(folder: ModelFolder, entry: Entry) -> LocalModel:
    model = entry.model
    path = folder.place(model.folder, model.file)
    return LocalModel(folder=model.folder, file=model.file, path=path, size=entry.size, mtime_ns=entry.mtime_ns)


def _missing(folder: ModelFolder, entry: Entry) -> Checked:
    reason = "it was listed, and is here no more; to forget it: comfygen models remove"
    return Checked(model=_as_listed(folder, entry), state="missing", reason=reason)


def _progress(local: LocalModel, done: int) -> Progress:
    return Progress(file=local.file, phase="checking", done=done, total=local.size)
