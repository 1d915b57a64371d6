"""The list of the models that were fetched to this machine or checked here: a JSON file in ComfyUI's folder of them."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.atomic import replacing
from comfy_gen.errors import ModelRegistryError, OutputPathError
from comfy_gen.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

FILE_NAME = ".comfygen-models.json"
_VERSION = 1
_MODEL_FIELDS = tuple(one.name for one in fields(Model))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model's file as it was when it was fetched or checked last."""

    model: Model
    """With the folder and the file's name that it has here."""
    sha256: str
    size: int
    mtime_ns: int
    """When the file was written, by the file system: it may have changed if this has."""
    fetched_at: str = ""
    """In ISO 8601 and UTC; empty where it came by other ways."""
    checked_at: str = ""
    """When its bytes were hashed last."""

    @property
    def key(self) -> str:
        """Its folder and file, by which it is listed."""
        return key_of(self.model.folder, self.model.file)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept, and as a program is told of it."""
        return {
            "model": self.model.as_json(),
            "sha256": self.sha256,
            "size": self.size,
            "mtime_ns": self.mtime_ns,
            "fetched_at": self.fetched_at,
            "checked_at": self.checked_at,
        }


def key_of(folder: str, file: str) -> str:
    """Return what a model is listed by."""
    return f"{folder}/{file}"


class Registry:
    """Reads the list anew for each question, so that several processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> dict[str, Entry]:
        """Return all, by folder and file.

        Raises:
            ModelRegistryError: the list is damaged, or cannot be read.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ModelRegistryError(self.path, _reason(error)) from error
        try:
            return {entry.key: entry for entry in _entries(json.loads(text))}
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ModelRegistryError(self.path, "it is damaged") from error

    def find(self, folder: str, file: str) -> Entry | None:
        """Return what is known of a file; None if nothing is."""
        return self.entries().get(key_of(folder, file))

    def record(self, entry: Entry) -> None:
        """Keep what is known of a file now.

        Raises:
            ModelRegistryError: the list is damaged.
            OutputPathError: it cannot be written.
        """
        self._change(lambda entries: {**entries, entry.key: entry})

    def forget(self, folder: str, file: str) -> None:
        """Take a file from the list, if it is there."""
        gone = key_of(folder, file)
        self._change(lambda entries: {key: entry for key, entry in entries.items() if key != gone})

    def _change(self, change: Callable[[Mapping[str, Entry]], Mapping[str, Entry]]) -> None:
        with self._locked():
            entries = change(self.entries())
            listed = [entries[key].as_json() for key in sorted(entries)]
            text = json.dumps({"version": _VERSION, "models": listed}, indent=1, ensure_ascii=False)
            with replacing(self.path) as file:
                file.write(f"{text}\n".encode())

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Keep other processes from changing it: on a file of its own, for the list itself is replaced."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise OutputPathError(self.path, _reason(error)) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _entries(said: Any) -> list[Entry]:
    return [_entry(one) for one in cast("list[dict[str, Any]]", said["models"])]


def _entry(said: dict[str, Any]) -> Entry:
    known: dict[str, Any] = {key: value for key, value in said["model"].items() if key in _MODEL_FIELDS}
    known["triggers"] = tuple(known.get("triggers", ()))
    texts: dict[str, Any] = {key: said[key] for key in ("sha256", "fetched_at", "checked_at")}
    numbers: dict[str, Any] = {key: said[key] for key in ("size", "mtime_ns")}
    words = [value for key, value in known.items() if key not in ("triggers", "size")]
    if not all(isinstance(text, str) for text in (*words, *known["triggers"], *texts.values())):
        raise TypeError(said)
    model = Model(**known)
    if not all(isinstance(number, int) for number in numbers.values()):
        raise TypeError(said)
    return Entry(model=model, **texts, **numbers)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
