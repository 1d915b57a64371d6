"""The node classes of all engines as one ComfyUI would list them, each person's uploads among their choices."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections import OrderedDict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comfy_gen.engines.merging import choices_of, with_choices
from comfy_gen.pipeline.media import media_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.engines.merging import Declaration, ObjectInfo

MOST = 16
"""Answers that are kept; each is a few megabytes."""
_KINDS = {
    "image_upload": ("image/",),
    "animated_image_upload": ("image/",),
    "video_upload": ("video/", "image/gif", "image/webp"),
    "audio_upload": ("audio/", "video/"),
    "file_upload": ("",),
}
"""By how a class says that a file may be uploaded for an input: what the media types of these files begin with."""


class Answer(NamedTuple):
    """A text as it is sent."""

    plain: bytes
    small: bytes
    """Compressed."""
    tag: str


class Catalogue:
    """The answers to ``GET /object_info``. Each is written once for all who are told the same."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[int, tuple[str, ...]], tuple[ObjectInfo, Answer]] = OrderedDict()

    async def answer(self, info: ObjectInfo, files: Sequence[str]) -> Answer:
        """Return what is told of these classes to somebody who uploaded these files."""
        key = id(info), tuple(files)
        kept = self._answers.get(key)
        if kept is None:
            kept = self._answers[key] = info, await asyncio.to_thread(_answer, info, files)  # it keeps its id with it
            while len(self._answers) > MOST:
                self._answers.popitem(last=False)
        return kept[1]


def with_files(info: ObjectInfo, files: Sequence[str]) -> ObjectInfo:
    """Return the classes with somebody's files among the choices of inputs that files are uploaded for."""
    return {name: _with_files(declaration, files) for name, declaration in info.items()} if files else info


def _with_files(declaration: Declaration, files: Sequence[str]) -> Declaration:
    inputs: Any = declaration.get("input")
    required: Any = cast("dict[str, Any]", inputs).get("required") if isinstance(inputs, dict) else None
    if not isinstance(required, dict):
        return declaration
    specs = cast("dict[str, Any]", required)
    changed = {name: _with_choices(spec, files) for name, spec in specs.items() if _is_upload(spec)}
    return {**declaration, "input": {**inputs, "required": {**specs, **changed}}} if changed else declaration


def _with_choices(spec: list[Any], files: Sequence[str]) -> list[Any]:
    kinds = tuple(kind for mark in _marks(spec) for kind in _KINDS[mark])
    own = choices_of(spec) or []
    fitting = {file for file in files if media_type_of(PurePosixPath(file).suffix.lower()).startswith(kinds)}
    return with_choices(spec, sorted({*map(str, own), *fitting}))


def _is_upload(spec: Any) -> bool:
    """Tell whether an input takes what lies in the folder for input."""
    return choices_of(spec) is not None and bool(_marks(spec)) and spec[1].get("image_folder", "input") == "input"


def _marks(spec: list[Any]) -> list[str]:
    options: Any = spec[1] if len(spec) > 1 else None
    return (
        [mark for mark in _KINDS if cast("Mapping[str, Any]", options).get(mark)] if isinstance(options, dict) else []
    )


def _answer(info: ObjectInfo, files: Sequence[str]) -> Answer:
    plain = json.dumps(with_files(info, files), separators=(",", ":")).encode()
    return Answer(plain, gzip.compress(plain, 5, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"')
