"""Says how a browser is to take a file: under which name, and shown or saved. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote

LONGEST = 150
"""Characters of a name."""
SHOWN = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".mp4", ".webm", ".mp3", ".wav", ".flac", ".txt"})
"""What a browser shows and runs nothing of; an SVG or a page may hold scripts, so that it is saved."""


def disposition(filename: str) -> str:
    """Return the header ``Content-Disposition`` for a file of this name, whatever is in the name."""
    name = plain_name(filename)
    how = "inline" if PurePosixPath(name).suffix.lower() in SHOWN else "attachment"
    simple = re.sub(r"[^A-Za-z0-9._ ()-]", "_", name)
    exact = "" if simple == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{how}; filename="{simple}"{exact}'


def plain_name(filename: str) -> str:
    """Return the name alone: no folders, no control characters, not too long, its suffix kept."""
    last = PurePosixPath(filename.replace("\\", "/")).name
    name = "".join(one for one in last if one.isprintable()).strip() or "file"
    suffix = PurePosixPath(name).suffix[:10]
    return name if len(name) <= LONGEST else name[: LONGEST - len(suffix)] + suffix
