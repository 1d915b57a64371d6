"""The studio's files: plain ES modules, style sheets and one page, as browsers load them. Nothing here is built.

The page is a template: where the files are is written into it. They are served under a stamp of all their contents, so
that a browser may keep them for ever, and never has modules of two versions.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
ENTRY = "main.js"
STYLES = "studio.css"
"""All style sheets as one: each alone is small, and asking for it costs more than it weighs."""
_FIRST = ("base.css", "parts.css", "shell.css")
"""Of the style sheets: what the others stand on."""
VIEWS = ("create", "live", "gallery", "grids", "workflows", "categories", "fleet", "settings")
"""What the studio shows, by the last part of its address."""
MEDIA_TYPES = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".webmanifest": "application/manifest+json",
    }
)
_IMPORT = re.compile(r"""^(?:import|export)\b[^'"]*?from\s+'(\.[^']+)';|^import\s+'(\.[^']+)';""", re.MULTILINE)
"""A static import of a module of ours; those in functions are loaded when they are needed."""


@dataclass(frozen=True, slots=True)
class StudioFile:
    """One file as it is sent."""

    content: bytes
    compressed: bytes
    """With gzip."""
    media_type: str
    etag: str


@cache
def files() -> Mapping[str, StudioFile]:
    """Return what the page loads, by the path under the studio's folder."""
    found = (path for path in sorted(STATIC.rglob("*")) if path.suffix in MEDIA_TYPES and path.suffix != ".css")
    read = {path.relative_to(STATIC).as_posix(): _file(path.read_bytes(), path.suffix) for path in found}
    return {**read, STYLES: _file(_styles(), ".css")}


@cache
def stamp() -> str:
    """Return what changes when any of the files does."""
    total = hashlib.sha256()
    for name, file in files().items():
        total.update(f"{name}\0{file.etag}\n".encode())
    return total.hexdigest()[:12]


@cache
def page() -> str:
    """Return the page, in which ``$files``, ``$root`` and ``$preloads`` are to be replaced."""
    return (STATIC / PAGE).read_text(encoding="utf-8")


@cache
def needed_at_once(view: str) -> tuple[str, ...]:
    """Return the modules without which a view cannot be shown: browsers are told of all of them at once."""
    sources = {name: file.content.decode() for name, file in files().items() if name.endswith(".js")}
    return tuple(_closure((ENTRY, f"views/{view}/view.js"), sources))


def _closure(entries: Sequence[str], sources: Mapping[str, str]) -> Iterator[str]:
    seen, waiting = {*entries}, [*reversed(entries)]
    while waiting:
        name = waiting.pop()
        yield name
        for imported in imports_of(name, sources[name]):
            if imported not in seen:
                seen.add(imported)
                waiting.append(imported)


def imports_of(name: str, source: str) -> list[str]:
    """Return the paths of the modules that a module imports before it runs."""
    folder = Path(name).parent
    return [_joined(folder, one or other) for one, other in _IMPORT.findall(source)]


def _joined(folder: Path, relative: str) -> str:
    parts: list[str] = [*folder.parts]
    for part in Path(relative).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _styles() -> bytes:
    folder = STATIC / "styles"
    others = sorted(path for path in folder.glob("*.css") if path.name not in _FIRST)
    return b"\n".join(path.read_bytes() for path in (*(folder / name for name in _FIRST), *others))


def _file(content: bytes, suffix: str) -> StudioFile:
    return StudioFile(
        content,
        gzip.compress(content, mtime=0),
        MEDIA_TYPES[suffix],
        f'"{hashlib.sha256(content).hexdigest()[:16]}"',
    )
