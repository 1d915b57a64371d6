"""What an asset may be called: the path of a file among a ComfyUI's inputs. Nothing is ever opened by it. Pure."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from comfy_gen.errors import InvalidParameterError

LONGEST = 1024
"""Characters of a path."""
LONGEST_PART = 255
"""Bytes of each of its parts, as file systems have it."""
INPUTS = "input"
"""The only one of a ComfyUI's folders that takes what somebody sends here."""
_WANTED = "a file's name, or its path below input/"


def name_in(file_path: str) -> str:
    """Return what workflows call a file whose path is this: the path without the folder of inputs.

    Raises:
        InvalidParameterError: it is no path of an input.
    """
    path = PurePosixPath(file_path)
    parts = path.parts
    if not parts or len(file_path) > LONGEST or not all(map(_is_plain, parts)) or file_path.startswith(("/", "\\")):
        raise InvalidParameterError("file_path", file_path[:100], _WANTED)
    if len(parts) == 1:
        return parts[0]
    if parts[0] != INPUTS:
        advice = "models are fetched by comfygen models download, and nothing is written into other folders."
        raise InvalidParameterError("file_path", file_path[:100], _WANTED, advice)
    return "/".join(parts[1:])


def _is_plain(part: str) -> bool:
    is_text = not any(unicodedata.category(character) in ("Cc", "Cs") for character in part)
    return part != ".." and is_text and len(part.encode()) <= LONGEST_PART
