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
from comfy_gen.models.reference import without_login
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

    model: Model
    """With all that is known of it."""
    path: Path
    offer: Offer | None = None
    """None: it is here, and there is nothing to be fetched."""
    to_fetch: int | None = 0
    """Bytes; None where nobody knows."""

    @property
    def is_here(self) -> bool:
        """Whether there is nothing to be fetched."""
        return self.offer is None


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
        self._hashes: dict[LocalModel, str] = {}
        """What was read from end to end, so that it is not read twice."""

    async def fetch(
        self, models: Sequence[Model], on_progress: Callable[[Progress], None] = lambda _: None
    ) -> list[Fetched]:
        """Fetch what is not here yet; raises what `plan` and `download` do."""
        return await self.carry_out(await self.plan(models, on_progress), on_progress)

    async def plan(
        self, models: Sequence[Model], on_progress: Callable[[Progress], None] = lambda _: None
    ) -> list[Planned]:
        """Say what has to be fetched; each model once, in order. No file is fetched for it.

        No source is asked for a model that is here with the hash that is wanted.

        Raises:
            ComfyGenError: what stands against it: a source that does not give it, a name that is none, a pickle.
            ModelRegistryError: the list is damaged.
            InvalidRequestError: several things stand against it.
            DiskSpaceError: there is no room for all of them together.
        """
        self._registry.entries()  # a list that is damaged is told now rather than when all is fetched
        planned: dict[Path, Planned] = {}
        problems: list[ComfyGenError] = []
        for model in models:
            try:
                one = await self._plan_known(model, on_progress) or await self._plan_one(model, on_progress)
                _check_same(planned.setdefault(one.path, one), one)
            except ComfyGenError as problem:
                problems.append(problem)
        if problems:
            raise problems[0] if len(problems) == 1 else InvalidRequestError(problems, "fetched")
        check_space((one.path.parent, _room_for(one)) for one in planned.values())
        return list(planned.values())

    async def _plan_known(self, model: Model, on_progress: Callable[[Progress], None]) -> Planned | None:
        """Return a model that needs no source, for it is here with the hash that is wanted."""
        if not (model.sha256 and model.folder and model.file):
            return None
        model = replace(model, source=without_login(model.source))
        local = self._folder.find(model.folder, model.file)
        if local is None or model.size not in (None, local.size):
            return None
        entry = self._registry.find(local.folder, local.file)
        if await self._sha256_of(local, entry, on_progress) != model.sha256:
            return None
        if entry is None:
            self._enter(model, local, model.sha256)
        return Planned(model=replace(model, folder=local.folder, size=local.size), path=local.path)

    async def _plan_one(self, model: Model, on_progress: Callable[[Progress], None]) -> Planned:
        self._check_name(model.file)  # before a source is asked, which need not be reached for it
        offer = await self._sources.find(model)
        self._check_name(offer.model.file)
        told = replace(offer.model, source=without_login(offer.model.source))
        known = replace(told, folder=folder_name(told.folder) or await self._folder_of(replace(offer, model=told)))
        path = self._folder.place(known.folder, known.file)
        if await self._is_here(known, on_progress):
            return Planned(model=known, path=path)
        return Planned(model=known, path=path, offer=replace(offer, model=known), to_fetch=known.size)

    def _check_name(self, file: str) -> None:
        if not self._options.allow_pickle:
            check_name(file)

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
        is_ours = entry is not None and model.source == entry.model.source
        wanted = model.sha256 or (entry.sha256 if entry and is_ours else "")
        # A name alone says nothing: where neither hash nor size is known, what lies there may be anything.
        if model.size == local.size or (model.size is None and wanted):
            sha256 = await self._sha256_of(local, entry, on_progress)
            if wanted in ("", sha256):
                if entry is None:
                    self._enter(model, local, sha256)
                return True
        if entry is None or not (is_ours or model.sha256 == entry.sha256):
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
        if local not in self._hashes:
            self._hashes[local] = await sha256_of(local.path, lambda done: on_progress(_checking(local, done)))
        return self._hashes[local]

    async def carry_out(
        self, planned: Sequence[Planned], on_progress: Callable[[Progress], None] = lambda _: None
    ) -> list[Fetched]:
        """Fetch what was planned, one after another; raises what `download` does."""
        return [await self._carry_out_one(one, on_progress) for one in planned]

    async def _carry_out_one(self, planned: Planned, on_progress: Callable[[Progress], None]) -> Fetched:
        model, path = planned.model, planned.path
        if planned.offer is None:
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


def _check_same(first: Planned, other: Planned) -> None:
    """See that what would come to one place is one file.

    Raises:
        InvalidParameterError: they are two.
    """
    one, another = first.model, other.model
    is_same = one.source == another.source or (one.sha256 and one.sha256 == another.sha256)
    if not is_same:
        expected = f"the name of one file; {one.source} and {another.source} both have it"
        raise InvalidParameterError("file", one.file, expected, "fetch them one at a time, one of them with --as.")


def _checking(local: LocalModel, done: int) -> Progress:
    return Progress(file=local.file, phase="checking", done=done, total=local.size)
