"""Keeps the sandbox's files: ``input``, ``output``, ``temp`` and ``user``, and nothing outside of them."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import NamedTuple

from comfy_gen.errors import OutputPathError

KINDS = ("input", "output", "temp")
_ANNOTATION = re.compile(r"(?P<name>.*?) ?\[(?P<kind>input|output|temp)\]$", re.DOTALL)


class OutsideError(Exception):
    """A prefix leads out of the folder that files are to be saved in."""

    def __init__(self, folder: Path, home: Path) -> None:
        super().__init__(f"{folder} is not in {home}")
        self.folder = folder
        self.home = home


class Slot(NamedTuple):
    """Where the next files of a prefix go: ``{folder}/{stem}_{counter:05}_.png``."""

    folder: Path
    stem: str
    counter: int
    subfolder: str


class Files:
    """The folders of one data directory. They are made where they are not there.

    Raises:
        OutputPathError: they cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._counters: dict[tuple[Path, str], int] = {}
        try:
            for name in (*KINDS, "user"):
                self.present(name)
        except OSError as error:
            raise OutputPathError(root, error.strerror or str(error)) from error
        self._homes = {name: (root / name).resolve() for name in (*KINDS, "user")}
        self._listed: tuple[int, list[str]] = (0, [])

    def folder(self, kind: str) -> Path:
        """Return the folder of a kind: input, output, temp or user."""
        return self.root / kind

    def present(self, kind: str) -> Path:
        """Return the folder of a kind, made again if it is gone, as temporary folders may be after a while."""
        folder = self.folder(kind)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def inside(self, kind: str, *parts: str) -> Path | None:
        """Return the path of these parts under a folder, or None where it leads out of it."""
        home = self._homes[kind]
        path = home.joinpath(*parts).resolve()
        return path if path.is_relative_to(home) else None

    def annotated(self, name: str, *, kind: str = "input") -> Path | None:
        """Return the path of a name as LoadImage takes it, ``sub/name.png [output]``, or None where it leads out."""
        match = _ANNOTATION.fullmatch(name)
        return self.inside(match["kind"], match["name"]) if match else self.inside(kind, name)

    def exists(self, name: str) -> bool:
        """Tell whether LoadImage would find this name."""
        try:
            path = self.annotated(name)
        except ValueError:  # a NUL in the name
            return False
        return path is not None and os.path.exists(path)  # noqa: PTH110  # unlike pathlib's it bears names too long

    def names(self) -> list[str]:
        """Return the names of the input files that are in no subfolder."""
        folder = self.present("input")
        changed = folder.stat().st_mtime_ns
        if changed != self._listed[0]:
            self._listed = (changed, sorted(path.name for path in folder.iterdir() if path.is_file()))
        return self._listed[1]

    def slot(self, kind: str, prefix: str, *, width: int, height: int, count: int = 1) -> Slot:
        """Take the next ``count`` numbers for files of this prefix.

        Raises:
            OutsideError: the prefix leads out of the folder.
        """
        home = self._homes[kind]
        path = home / _filled(prefix, width, height)
        folder, stem = home if path.parent == home else path.parent.resolve(), path.name
        if not folder.is_relative_to(home):
            raise OutsideError(folder, home)
        if not folder.is_dir():
            folder.mkdir(parents=True)
        counter = self._counters.get((folder, stem)) or _highest(folder, stem) + 1
        self._counters[folder, stem] = counter + count
        return Slot(folder, stem, counter, "" if folder == home else folder.relative_to(home).as_posix())

    def store_upload(self, folder: Path, name: str, content: bytes, *, overwrite: bool) -> str:
        """Write an uploaded file and return the name it got: ``name (1).png`` when other bytes have the name."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        number = 0
        while not overwrite and path.exists():
            if path.read_bytes() == content:
                return path.name
            number += 1
            path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
        path.write_bytes(content)
        return path.name


def _highest(folder: Path, stem: str) -> int:
    pattern = re.compile(re.escape(stem) + r"_(\d+)_?[._].*")
    return max((int(match[1]) for path in folder.iterdir() if (match := pattern.match(path.name))), default=0)


def _filled(prefix: str, width: int, height: int) -> str:
    now = time.localtime()
    values = {"width": width, "height": height, "year": now.tm_year}
    values |= {"month": f"{now.tm_mon:02}", "day": f"{now.tm_mday:02}", "hour": f"{now.tm_hour:02}"}
    values |= {"minute": f"{now.tm_min:02}", "second": f"{now.tm_sec:02}"}
    for name, value in values.items() if "%" in prefix else ():
        prefix = prefix.replace(f"%{name}%", str(value))
    return prefix
