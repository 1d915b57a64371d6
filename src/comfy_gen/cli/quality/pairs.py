"""Reads pictures with their prompts from a folder, however they are kept together."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import InputImageError, InvalidParameterError, MetadataNotFoundError
from comfy_gen.pipeline.postprocess import PICTURES
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.picture import read_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TABLES = ("metadata.csv", "metadata.jsonl")
"""As data sets have them: one line for each picture."""
TEXTS = ("text", "prompt", "caption")
"""What the prompt is called in them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a picture was to show."""

    text: str
    negative: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that nothing is learnt of."""

    file: str
    reason: str


@dataclass(slots=True)
class Pairs:
    """The pictures of a folder that have a prompt, and what else there is."""

    folder: Path
    prompts: dict[str, str] = field(default_factory=dict[str, str])
    """By the names of the pictures."""
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


def read_pairs(folder: Path) -> Pairs:
    """Return the prompts of a folder's pictures: of its table, of a text beside each, or else of the picture itself.

    Raises:
        InvalidParameterError: it is no folder, or may not be read.
    """
    pairs = Pairs(folder)
    try:
        names = sorted(path.name for path in folder.iterdir() if _is_picture(path))
    except OSError as error:
        raise InvalidParameterError("FOLDER", str(folder), f"a folder ({error.strerror or error})") from error
    told = dict(_told(pairs))
    for name in [*told, *(name for name in names if name not in told)]:
        _add(pairs, name, told.get(name))
    return pairs


def stored_prompt(content: bytes, *, source: str) -> Prompt | None:
    """Return the prompt that a picture carries, as ComfyUI or A1111 put it there; None if there is none.

    Raises:
        InputImageError: it is no picture, or corrupt.
    """
    try:
        found = read_metadata(content, source=source)
    except MetadataNotFoundError:
        return None
    # What ran, before what a program noted of it.
    settings = found.settings if found.workflow is None else parameters_of(found.workflow)
    prompt = settings.prompt.strip() if settings is not None else ""
    return Prompt(prompt, settings.negative.strip()) if settings is not None and prompt else None


def read(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InputImageError: there is none, or it may not be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputImageError(str(path), error.strerror or str(error)) from error


def spread_over(names: Sequence[str], most: int) -> list[str]:
    """Return so many of the names at most, from all over."""
    kept = min(most, len(names))
    return [names[place * len(names) // kept] for place in range(kept)]


def _add(pairs: Pairs, name: str, told: str | None) -> None:
    try:
        prompt = _prompt_of(pairs.folder / name) if told is None else told.strip()
    except (InputImageError, _TextError) as error:
        pairs.left_out.append(LeftOut(name, error.reason))
        return
    if prompt:
        pairs.prompts[name] = prompt
    else:
        pairs.left_out.append(LeftOut(name, "it has no prompt"))


class _TextError(Exception):
    """A text cannot be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _prompt_of(picture: Path) -> str:
    """Return what is beside a picture or in it; nothing where there is nothing."""
    beside = picture.with_suffix(".txt")
    if beside.is_file():
        return _text(beside).strip()
    stored = stored_prompt(read(picture), source=picture.name)
    return "" if stored is None else stored.text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _TextError(f"{path.name} is not UTF-8") from error
    except OSError as error:
        raise _TextError(f"{path.name}: {error.strerror or error}") from error


def _told(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """Yield what the folder's tables say: names and prompts."""
    for path in (pairs.folder / table for table in TABLES):
        if not path.is_file():
            continue
        try:
            rows = list(_rows(path))
        except (_TextError, csv.Error) as error:
            pairs.left_out.append(LeftOut(path.name, str(error)))
            continue
        if not rows:
            pairs.left_out.append(LeftOut(path.name, "it has no rows below its first line"))
        for number, row in enumerate(rows, start=1):
            pair = _pair(row)
            if pair is None:
                reason = f"row {number} has no file_name in this folder, or no text"
                pairs.left_out.append(LeftOut(path.name, reason))
            else:
                yield pair


def _rows(path: Path) -> Iterator[object]:
    text = _text(path)
    if path.suffix == ".csv":
        return csv.DictReader(io.StringIO(text, newline=""))
    return (_row(line) for line in text.split("\n") if line.strip())


def _row(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _pair(row: object) -> tuple[str, str] | None:
    said = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
    name = said.get("file_name")
    text = next((said[key] for key in TEXTS if isinstance(said.get(key), str)), None)
    if not (isinstance(name, str) and text is not None):
        return None
    path = PurePath(name)
    return None if path.is_absolute() or ".." in path.parts else (str(path), text)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and not path.name.startswith(".") and path.is_file()
