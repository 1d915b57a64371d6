"""Says what is in an archive of generations: the names of its files, and what is told of each. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comfy_gen.library.generation import Generation
    from comfy_gen.pipeline.artifact import Artifact

_LONGEST_WORDS = 50
"""Characters of a name that come from a title or a prompt."""
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_EARLIEST, _LATEST = dt.datetime(1980, 1, 1, tzinfo=dt.UTC), dt.datetime(2107, 12, 31, tzinfo=dt.UTC)
"""What a zip can say."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive."""

    name: str
    artifact: Artifact
    made: dt.datetime


def entries_of(generations: Sequence[Generation]) -> list[Entry]:
    """Return the files of generations under names of their own: ``2026-03-01-lighthouse-keeper-6f0c6f4e.png``.

    They say when, what, and which, and every system can have them: ASCII, in lower case, and no folders.
    """
    taken: set[str] = set()
    return [
        Entry(_unlike(taken, stem, artifact), artifact, _moment(one.created))
        for one in generations
        for stem in (_stem(one),)
        for artifact in one.artifacts
    ]


def _stem(one: Generation) -> str:
    day = _moment(one.created).date().isoformat()
    return "-".join(filter(None, (day, _words(one.title or one.prompt), one.generation_id[:8])))


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    return words if len(words) <= _LONGEST_WORDS else words[:_LONGEST_WORDS].rpartition("-")[0]


def _unlike(taken: set[str], stem: str, artifact: Artifact) -> str:
    suffix = PurePosixPath(artifact.filename).suffix.lower()
    end = suffix if _SUFFIX.fullmatch(suffix) else ""
    name = next(name for name in _names(stem, end) if name not in taken)
    taken.add(name)
    return name


def _names(stem: str, suffix: str) -> Iterator[str]:
    yield f"{stem}{suffix}"
    number = 2
    while True:
        yield f"{stem}-{number}{suffix}"
        number += 1


def _moment(seconds: float) -> dt.datetime:
    return min(max(dt.datetime.fromtimestamp(seconds, dt.UTC), _EARLIEST), _LATEST)
