"""Finds the model file that a name means. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_EXTENSION = re.compile(r"(?<=[^/])\.[^./]+$")


def match_model(name: str, available: Collection[str]) -> str:
    """Return the file that a person means: folder and extension may be left out where only one file fits.

    A name that fits none, or several, is returned as it is, for the check of the workflow to refuse.
    """
    if name in available:
        return name
    fitting = [file for file in available if name in (file_name(file), stem_of(file))]
    fitting = fitting or [file for file in available if _EXTENSION.sub("", _posix(file)) == name]
    return fitting[0] if len(fitting) == 1 else name


def file_name(file: str) -> str:
    """Return a file's name without its folder, whichever slash the engine has."""
    return _posix(file).rsplit("/", 1)[-1]


def stem_of(file: str) -> str:
    """Return a file's name without folder and extension."""
    return _EXTENSION.sub("", file_name(file))


def _posix(file: str) -> str:
    return file.replace("\\", "/")
