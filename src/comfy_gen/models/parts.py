"""Which bytes of a file are here, which are still to be fetched, and whether those here may be gone on from. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SURELY_UNCHANGED_SECONDS = 60
"""A file that was changed within the last minute may be changed again in the same second: RFC 9110, 8.8.2.2."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Bytes of a file that lie side by side, from ``start`` up to and without ``end``."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.end - self.start

    @property
    def header(self) -> str:
        """What a request says to get them and no others."""
        return f"bytes={self.start}-{self.end - 1}"


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same bytes in as few spans as can be, in order."""
    whole: list[Span] = []
    for span in sorted(one for one in spans if one.size > 0):
        if whole and span.start <= whole[-1].end:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, span.end))
        else:
            whole.append(span)
    return tuple(whole)


def missing(have: Iterable[Span], within: Span) -> tuple[Span, ...]:
    """Return the bytes of ``within`` that are not here."""
    gaps: list[Span] = []
    position = within.start
    for span in joined(have):
        gaps.append(Span(position, min(span.start, within.end)))
        position = max(position, span.end)
    gaps.append(Span(position, within.end))
    return tuple(gap for gap in gaps if gap.size > 0)


def pieces(spans: Iterable[Span], most: int) -> tuple[Span, ...]:
    """Return the same bytes in spans of at most ``most``, each to be asked for by itself."""
    return tuple(
        Span(start, min(start + most, span.end)) for span in spans for start in range(span.start, span.end, most)
    )


def held(spans: Iterable[Span]) -> int:
    """Return how many bytes there are, none counted twice."""
    return sum(span.size for span in joined(spans))


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a server tells one version of a file from another."""

    size: int | None = None
    etag: str = ""
    """With its quotes; empty unless it is a strong one, which changes with every byte."""
    modified: str = ""
    """Empty unless it is long enough ago to tell two versions apart."""

    @property
    def validator(self) -> str:
        """What ``If-Range`` is given; empty where nothing tells versions apart."""
        return self.etag or self.modified


def identity_of(size: int | None, *, etag: str, modified: str, date: str) -> Identity:
    """Return a file's identity from an answer's headers ``ETag``, ``Last-Modified`` and ``Date``."""
    is_strong = len(etag) > 2 and etag.startswith('"') and etag.endswith('"')
    return Identity(size, etag if is_strong else "", modified if _is_settled(modified, date) else "")


def _is_settled(modified: str, date: str) -> bool:
    try:
        age = parsedate_to_datetime(date) - parsedate_to_datetime(modified)
    except (ValueError, TypeError):  # no date, none that can be read, or one with a zone and one without
        return False
    return age.total_seconds() >= _SURELY_UNCHANGED_SECONDS


def is_unlike(one: Identity, other: Identity) -> bool:
    """Tell whether two answers are certainly about different files."""
    if None not in (one.size, other.size) and one.size != other.size:
        return True
    if one.etag or other.etag:
        return one.etag != other.etag
    return one.modified != other.modified


def can_split(identity: Identity, sha256: str) -> bool:
    """Tell whether a file may be put together from several answers.

    Something has to tell when it changes between them: the server's validator or, at the end, the hash.
    """
    return identity.size is not None and bool(identity.validator or sha256)


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept beside a file that is not whole yet."""

    address: str
    """The hash of its URL, which may hold a login."""
    identity: Identity
    sha256: str = ""
    """What the whole is to hash to; empty where nobody knows."""
    have: tuple[Span, ...] = ()

    def as_text(self) -> str:
        """Return it as it is written to disk."""
        return json.dumps(
            {
                "address": self.address,
                "size": self.identity.size,
                "etag": self.identity.etag,
                "modified": self.identity.modified,
                "sha256": self.sha256,
                "have": [[span.start, span.end] for span in self.have],
            }
        )


def address_of(url: str) -> str:
    """Return what tells URLs apart and gives none away."""
    return hashlib.sha256(url.encode()).hexdigest()


def read_note(text: str) -> Note | None:
    """Return what a note says; None if it is damaged, so that nothing is taken for here which may not be."""
    try:
        said: dict[str, Any] = json.loads(text)
        size, texts = said["size"], [said[key] for key in ("address", "etag", "modified", "sha256")]
        have = tuple(Span(start, end) for start, end in said["have"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not all(isinstance(text, str) for text in texts) or not _are_within(have, size):
        return None
    address, etag, modified, sha256 = texts
    return Note(address, Identity(size, etag, modified), sha256, joined(have))


def _are_within(have: Sequence[Span], size: object) -> bool:
    ends = [end for span in have for end in (span.start, span.end)]
    if not all(isinstance(number, int) for number in [size, *ends]):
        return False
    return all(0 <= span.start <= span.end <= size for span in have)  # pyright: ignore[reportOperatorIssue] - an int


def goes_on(note: Note, wanted: Note) -> bool:
    """Tell whether the bytes that a note tells of are those of the file that is wanted now."""
    if note.identity.size != wanted.identity.size:
        return False
    is_promised = bool(wanted.sha256) and note.sha256 == wanted.sha256
    if note.address != wanted.address:
        return is_promised  # another place that has the same file: the hash tells in the end
    if wanted.identity.validator:
        return not is_unlike(note.identity, wanted.identity)
    return is_promised and not note.identity.validator
