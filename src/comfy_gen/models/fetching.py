"""Fetches models into ComfyUI's folders: everything that stands against it first, then one file after another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from comfy_gen.errors import (
    ComfyGenError,
    InvalidParameterError,
    InvalidRequestError,
    ModelIntegrityError,
    ModelReferenceError,
)
from comfy_gen.models.content import check_name, is_safetensors_name
from comfy_gen.models.digest import sha256_of
from comfy_gen.models.download import DownloadOptions, download
from comfy_gen.models.folder import folder_name
from comfy_gen.models.part_file import taken_by
from comfy_gen.models.peek import header_at
from comfy_gen.models.progress import Progress
from comfy_gen.models.registry import Entry
from comfy_gen.models.safetensors import kind_of
from comfy_gen.models.space import check_space

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from comfy_gen.models.folder import LocalModel, ModelFolder
    from comfy_gen.models.model import Model, Offer
    from comfy_gen.models.registry import Registry


class Finder(Protocol):
    """Who knows where models come from."""

    async def find(self, model: Model) -> Offer:
        """Return how a model's file is asked for, and what its source says of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A model that is to be fetched, and where to."""

    offer: Offer
    """Its ``model`` has all that is known of it."""
    path: Path
    is_here: bool
    """Whether there is nothing to be fetched."""
    to_fetch: int | None
    """Bytes; None where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A model that is here."""

    model: Model
    path: Path
    size: int
    sha256: str
    is_new: bool
    """False where it was here already."""
    resumed_bytes: int = 0


class Fetcher:
    """Brings models from their sources to this machine, and enters them in the list."""

    def __init__(
        self, folder: ModelFolder, registry: Registry, sources: Finder, options: DownloadOptions | None = None
    ) -> None:
        self._folder = folder
        self._registry = registry
        self._sources = sources
        self._options = options or DownloadOptions()

    async def fetch(
        self, models: Sequence[Model], on_progress: Callable[[Progress], None] = lambda _: None
    ) -> list[Fetched]:
        """Fetch what is not here yet; raises what `plan` and `download` do."""
        return await self.carry_out(await self.plan(models, on_progress), on_progress)

    async def plan(
        self, models: Sequence[Model], on_progress: Callable[[Progress], None] = lambda _: None
    ) -> list[Planned]:
        """Say what has to be fetched; each model once, in order. No file is fetched for it.

        Raises:
            ComfyGenError: what stands against it: a source that does not give it, a name that is none, a pickle.
            InvalidRequestError: several things stand against it.
            DiskSpaceError: there is no room for all of them together.
        """
        planned: dict[Path, Planned] = {}
        problems: list[ComfyGenError] = []
        for model in models:
            try:
                one = await self._plan_one(model, on_progress)
            except ComfyGenError as problem:
                problems.append(problem)
            else:
                planned.setdefault(one.path, one)
        if problems:
            raise problems[0] if len(problems) == 1 else InvalidRequestError(problems)
        check_space((one.path.parent, _room_for(one)) for one in planned.values())
        return list(planned.values())

    async def _plan_one(self, model: Model, on_progress: Callable[[Progress], None]) -> Planned:
        offer = await self._sources.find(model)
        known = replace(offer.model, folder=folder_name(offer.model.folder) or await self._folder_of(offer))
        path = self._folder.place(known.folder, known.file)
        if not self._options.allow_pickle:
            check_name(known.file)
        is_here = await self._is_here(known, on_progress)
        offer = replace(offer, model=known)
        return Planned(offer=offer, path=path, is_here=is_here, to_fetch=0 if is_here else known.size)

    async def _folder_of(self, offer: Offer) -> str:
        """Return the folder that a model's own tensors tell, where its source does not say."""
        if is_safetensors_name(offer.model.file):
            header = await header_at(offer, self._options)
            if header and (folder := kind_of(header)):
                return folder
        reason = "nobody says which of ComfyUI's folders it belongs in; name it with --folder"
        raise ModelReferenceError(offer.model.source or offer.model.file, reason)

    async def _is_here(self, model: Model, on_progress: Callable[[Progress], None]) -> bool:
        """Tell whether a model lies at its place already, as it should be.

        Raises:
            InvalidParameterError: another file lies there, which is not ours to replace.
        """
        local = self._folder.find(model.folder, model.file)
        if local is None:
            return False
        entry = self._registry.find(local.folder, local.file)
        if model.size in (None, local.size):
            sha256 = await self._sha256_of(local, entry, on_progress)
            if model.sha256 in ("", sha256):
                if entry is None:
                    self._enter(model, local, sha256)
                return True
        if entry is None or (model.sha256 != entry.sha256 and model.source != entry.model.source):
            raise InvalidParameterError(
                "file",
                model.file,
                f"a name that is free: {local.path} is there, and is another file",
                f"fetch it under another name (--as), or: comfygen models remove {local.folder}/{local.file}",
            )
        return False  # ours, and damaged or of an older version

    async def _sha256_of(self, local: LocalModel, entry: Entry | None, on_progress: Callable[[Progress], None]) -> str:
        """Return a file's hash: as it is listed, unless the file was written since."""
        if entry and (entry.size, entry.mtime_ns) == (local.size, local.mtime_ns):
            return entry.sha256
        return await sha256_of(local.path, lambda done: on_progress(_checking(local, done)))

    async def carry_out(
        self, planned: Sequence[Planned], on_progress: Callable[[Progress], None] = lambda _: None
    ) -> list[Fetched]:
        """Fetch what was planned, one after another; raises what `download` does."""
        return [await self._carry_out_one(one, on_progress) for one in planned]

    async def _carry_out_one(self, planned: Planned, on_progress: Callable[[Progress], None]) -> Fetched:
        model, path = planned.offer.model, planned.path
        if planned.is_here:
            entry = self._registry.find(model.folder, model.file)
            size, sha256 = (entry.size, entry.sha256) if entry else (model.size or 0, model.sha256)
            return Fetched(model=model, path=path, size=size, sha256=sha256, is_new=False)
        done = await download(planned.offer, path, self._options, on_progress)
        local = self._folder.find(model.folder, model.file)
        if local is None:
            raise ModelIntegrityError(model.file, "it was deleted as soon as it was here")
        self._enter(model, local, done.sha256, is_fetched=True)
        return Fetched(
            model=model,
            path=path,
            size=done.size,
            sha256=done.sha256,
            is_new=True,
            resumed_bytes=done.resumed_bytes,
        )

    def _enter(self, model: Model, local: LocalModel, sha256: str, *, is_fetched: bool = False) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        here = replace(model, folder=local.folder, file=local.file, size=local.size, sha256=sha256)
        self._registry.record(
            Entry(
                model=here,
                sha256=sha256,
                size=local.size,
                mtime_ns=local.mtime_ns,
                fetched_at=now if is_fetched else "",
                checked_at=now,
            )
        )


def _room_for(planned: Planned) -> int:
    """Return the bytes of disk that it takes, beside those that a part of it takes already."""
    return max(0, (planned.to_fetch or 0) - taken_by(planned.path))


def _checking(local: LocalModel, done: int) -> Progress:
    return Progress(file=local.file, phase="checking", done=done, total=local.size)
