"""What a server's answer to a request for a file, or for a part of it, means. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from comfy_gen.models.parts import Identity, Span, identity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE = 60.0
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Whole:
    """The file from its first byte to its last follows, whatever was asked for."""

    identity: Identity
    is_delimited: bool
    """Whether its end can be told from a connection that breaks."""


@dataclass(frozen=True, slots=True)
class Piece:
    """These bytes of the file follow."""

    identity: Identity
    span: Span


@dataclass(frozen=True, slots=True)
class Moved:
    """It is to be asked for elsewhere."""

    location: str


@dataclass(frozen=True, slots=True)
class Unsatisfied:
    """The file has no such bytes: it is empty, or shorter than it was."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The server may give it later."""

    reason: str
    after: float | None = None
    """Seconds that the server asks to be left alone; None where it does not say."""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server does not give it, and asking again will not help."""

    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Lying:
    """The answer contradicts itself or what was asked for: no byte of it can be put to its place."""

    reason: str


Answer = Whole | Piece | Moved | Unsatisfied | Busy | Refused | Lying


def read_answer(status: int, headers: Mapping[str, str], asked: Span | None) -> Answer:
    """Return what an answer means, given the bytes that were asked for: None for all of them.

    The headers' names are to be found in whatever case.
    """
    if status in _REDIRECTS:
        return Moved(headers.get("Location", ""))
    if status in _LATER:
        return Busy(f"the server answers with status {status}", _retry_after(headers))
    if status == 416:
        return Unsatisfied()
    if status not in (200, 206):
        return _refused(status)
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        return Lying("the server packs what it was asked to send as it is")
    if headers.get("Content-Type", "").lower().startswith("text/html"):
        return Refused("it answers with a web page, not with a file", "see in a browser what that page asks for.")
    return _whole(headers) if status == 200 else _piece(headers, asked)


def _refused(status: int) -> Refused:
    match status:
        case 401 | 403:
            return Refused(
                f"the server wants a login that it was not given (status {status})",
                "set the source's token, and accept the model's conditions on its page.",
            )
        case 404 | 410:
            return Refused(f"there is no such file (status {status})", "look for its new name or place.")
        case _:
            return Refused(f"the server answers with status {status}")


def _whole(headers: Mapping[str, str]) -> Answer:
    length = _number(headers.get("Content-Length", ""))
    is_chunked = headers.get("Transfer-Encoding", "").lower().endswith("chunked")
    return Whole(_identity(None if is_chunked else length, headers), is_chunked or length is not None)


def _piece(headers: Mapping[str, str], asked: Span | None) -> Answer:
    stated = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if asked is None or stated is None:
        return Lying("the server sends a part of the file and does not say which, or was not asked for one")
    span = Span(int(stated[1]), int(stated[2]) + 1)
    size = _number(stated[3])
    if span.start != asked.start or not span.start < span.end <= asked.end or (size is not None and span.end > size):
        return Lying(f"asked for {asked.header}, the server sends {headers['Content-Range']}")
    if (length := _number(headers.get("Content-Length", ""))) not in (None, span.size):
        return Lying(f"the server announces {span.size} bytes as part of the file and {length} as its answer")
    return Piece(_identity(size, headers), span)


def _identity(size: int | None, headers: Mapping[str, str]) -> Identity:
    etag, modified, date = (headers.get(name, "") for name in ("ETag", "Last-Modified", "Date"))
    return identity_of(size, etag=etag, modified=modified, date=date)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text.strip(), re.ASCII) else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for: it gives them, or a date."""
    wanted = headers.get("Retry-After", "")
    if (seconds := _number(wanted)) is not None:
        return float(seconds)
    try:
        wait = parsedate_to_datetime(wanted) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):  # neither, or nothing to count the date from
        return None
    return max(0.0, wait.total_seconds())


def pause_after(failures: int, asked: float | None) -> float:
    """Return how many seconds to wait after so many failures in a row, and what the server asked for."""
    own = min(2.0 ** (failures - 1), _LONGEST_PAUSE)
    return own if asked is None else min(max(own, asked), _LONGEST_PAUSE)
