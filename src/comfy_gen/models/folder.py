"""ComfyUI's folder of models on this machine: what lies in it, and where in it things belong."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError, OutputPathError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMER = {"unet": "diffusion_models", "clip": "text_encoders", "t2i_adapter": "controlnet"}
"""Folders that ComfyUI reads as if they were others: https://github.com/comfyanonymous/ComfyUI, folder_paths.py."""
_WEIGHTS = frozenset({".safetensors", ".sft", ".gguf", ".onnx", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".pkl"})
_DEEPEST = 8
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,63}", re.ASCII)
_LONGEST_NAME = 255
"""Bytes of a name that common file systems take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A model's file on this machine."""

    folder: str
    """As ComfyUI calls it: diffusion_models also for what lies in ``unet``."""
    file: str
    """As ComfyUI names it: with the folders of its own, and forward slashes."""
    path: Path
    size: int
    mtime_ns: int


def folder_name(folder: str) -> str:
    """Return what ComfyUI calls a folder today: text_encoders for ``clip``."""
    return _FORMER.get(folder, folder)


class ModelFolder:
    """The folder ``models`` of a ComfyUI, which need not be there yet."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def files(self) -> list[LocalModel]:
        """Return all models, in order; what is not whole yet or no weights is left out."""
        try:
            tops = [one for one in self.root.iterdir() if one.is_dir() and not one.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OutputPathError(self.root, error.strerror or str(error)) from error
        found = {
            (model.folder, model.file): model
            for top in sorted(tops, key=lambda top: (top.name not in _FORMER, top.name))
            for model in _models_in(top)
        }  # where two have a name, it is the one of today's folder, which `place` names too
        return [found[key] for key in sorted(found)]

    def find(self, folder: str, file: str) -> LocalModel | None:
        """Return a file of this name, if it is there."""
        path = self.place(folder, file)
        try:
            state = path.stat()
        except OSError:
            return None
        return LocalModel(
            folder=folder_name(folder), file=file, path=path, size=state.st_size, mtime_ns=state.st_mtime_ns
        )

    def place(self, folder: str, file: str) -> Path:
        """Return where a file is, or would be.

        Raises:
            InvalidParameterError: the names would lead elsewhere, or are none that a file can have.
        """
        if not _FOLDER_NAME.fullmatch(folder):
            raise InvalidParameterError("folder", folder, "a folder of ComfyUI, such as checkpoints or loras")
        if not _is_plain(file):
            raise InvalidParameterError("file", file, "a file's name, perhaps in folders, that stays in its folder")
        folder = folder_name(folder)
        former = [own for own, now in _FORMER.items() if now == folder]
        places = [self.root / one / file for one in (folder, *former)]
        return next((place for place in places if place.is_file()), places[0])

    def remove(self, folder: str, file: str) -> int:
        """Delete a file, or the link to it, and return how many bytes that frees.

        Raises:
            InvalidParameterError: there is none of that name.
            OutputPathError: it cannot be deleted.
        """
        path = self.place(folder, file)
        if not path.is_file() and not path.is_symlink():
            raise InvalidParameterError("model", f"{folder}/{file}", "a model that is here")
        try:
            size = 0 if path.is_symlink() else path.stat().st_size
            path.unlink()
        except OSError as error:
            raise OutputPathError(path, error.strerror or str(error)) from error
        return size


def _models_in(top: Path) -> Iterator[LocalModel]:
    for path in _walk(top, frozenset(), _DEEPEST):
        try:
            state = path.stat()
        except OSError:  # a link that leads nowhere, or gone since
            continue
        yield LocalModel(
            folder=folder_name(top.name),
            file=path.relative_to(top).as_posix(),
            path=path,
            size=state.st_size,
            mtime_ns=state.st_mtime_ns,
        )


def _walk(folder: Path, above: frozenset[str], depth: int) -> Iterator[Path]:
    """Yield the weights in a folder, through links too; one that leads back to where we came from ends there."""
    real = os.path.realpath(folder)
    if depth == 0 or real in above:
        return
    try:
        inside = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError:  # not ours to read
        return
    for one in inside:
        if one.is_dir():
            yield from _walk(one, above | {real}, depth - 1)
        elif one.suffix.lower() in _WEIGHTS and one.is_file():
            yield one


def _is_plain(file: str) -> bool:
    parts = file.split("/")
    return PurePosixPath(file).name != "" and all(
        part.isprintable()
        and not part.startswith(".")
        and "\\" not in part
        and 0 < len(part.encode(errors="replace")) <= _LONGEST_NAME
        for part in parts
    )
