"""What a ComfyUI's clients call files: a folder's kind, and a path in it that leads nowhere else. Pure."""

from __future__ import annotations

import posixpath
from itertools import count, islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("input", "output", "temp")
"""A ComfyUI's folders."""
MOST_NUMBERS = 200
"""So many files may want the same name."""


class Name(NamedTuple):
    """A file's name in one of the folders."""

    kind: str
    path: str

    @property
    def parts(self) -> tuple[str, str]:
        """Its subfolder, empty where it is in none, and the last part of its name."""
        return posixpath.split(self.path)

    def below(self, subfolder: str) -> str:
        """Return the name as it is in a subfolder that it is in."""
        folder = name_in(self.kind, subfolder, "x")
        return self.path if folder is None else self.path.removeprefix(folder.path[:-1])


def split_kind(said: str) -> tuple[str, str | None]:
    """Return a name, and the kind that it says in its end, as in ``cat.png [output]``; None where it says none."""
    for kind in KINDS:
        if said.endswith(f"[{kind}]"):
            return said[: -len(kind) - 3], kind
    return said, None


def name_in(kind: str, *parts: str) -> Name | None:
    """Return the name that these parts make in a folder; None where they lead out of it, or nowhere."""
    root = f"/{kind}/"
    path = posixpath.normpath(posixpath.join(root, *parts))
    is_inside = path.startswith(root) and "\0" not in path and path.isprintable()
    return Name(kind, path.removeprefix(root)) if is_inside else None


def named(said: str, kind: str = "input") -> Name | None:
    """Return the file that a workflow means by this: of the ``kind``, where it names none itself."""
    name, own_kind = split_kind(said)
    return name_in(own_kind or kind, name) if name else None


def numbered(path: str) -> Iterator[str]:
    """Yield the names that a file may get that was to have this one: itself, then ``cat (1).png``, and so on."""
    yield path
    stem, suffix = posixpath.splitext(path)
    yield from islice((f"{stem} ({number}){suffix}" for number in count(1)), MOST_NUMBERS - 1)
