"""What a value of the configuration may be: how it is read, and how one says what it must be. Pure."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from comfy_gen.webhooks.secret import EXPECTED as SECRETS
from comfy_gen.webhooks.secret import read_secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import UnionType
    from urllib.parse import SplitResult

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
SHORTEST_SECRET = 16
NOTHING = frozenset({"none", "null", "~"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value. Both functions raise ValueError for what is of another kind."""

    expected: str
    """What a value must be, to follow “must be”."""
    check: Callable[[Any], object]
    """Return a value of YAML or of a flag as the settings have it."""
    parse: Callable[[str], object] = str
    """Return what the text of an environment variable stands for, to be checked next."""


def flag() -> Kind:
    """Return the kind of what is on or off."""
    return Kind("true or false", lambda value: _only(value, bool), _parse_flag)


def whole(low: int, high: int | None = None) -> Kind:
    """Return the kind of whole numbers between two."""
    expected = f"a whole number, {low} or more" if high is None else f"a whole number from {low} to {high}"
    return Kind(expected, lambda value: _between(_only(value, int), low, math.inf if high is None else high), int)


def number(low: float, high: float) -> Kind:
    """Return the kind of numbers between two."""
    return Kind(f"a number from {low:g} to {high:g}", lambda value: _between(_number(value), low, high), float)


def seconds() -> Kind:
    """Return the kind of times above zero."""
    most = 10**9  # more than a clock's arithmetic needs, less than makes it overflow
    return Kind("a number of seconds above 0", lambda value: _between(_number(value), 1e-3, most), float)


def text() -> Kind:
    """Return the kind of any text."""
    return Kind("text (a number needs quotes)", _text)


def secret() -> Kind:
    """Return the kind of what is not to be guessed."""
    return Kind(f"text of {SHORTEST_SECRET} characters or more", _secret)


def word(*words: str) -> Kind:
    """Return the kind of a few words, whatever their case."""
    by_spelling = {one.lower(): one for one in words}
    return Kind(f"one of {', '.join(words)}", lambda value: _chosen(value, by_spelling))


def host() -> Kind:
    """Return the kind of a server's name or address."""
    return Kind("the name or address of a host, without http:// and port", _host)


def url() -> Kind:
    """Return the kind of a server's whole address."""
    return Kind("an http:// or https:// URL without a query", _url)


def endpoint() -> Kind:
    """Return the kind of a server's whole address, of which MinIO's own tools leave out ``http://``."""
    return Kind("an http:// or https:// URL without a query, or HOST:PORT", _endpoint)


def target() -> Kind:
    """Return the kind of an address that is called as it is, with its query."""
    return Kind("an http:// or https:// URL", _target)


def signing() -> Kind:
    """Return the kind of secrets that sign webhooks; read again where they are used."""
    return Kind(SECRETS, _signing)


def words() -> Kind:
    """Return the kind of lists of words, which a variable separates by commas or blanks."""
    return Kind("a list of words", _words, _split)


def several(*words: str) -> Kind:
    """Return the kind of lists of a few words; a variable may say ``none``."""

    def check(value: Any) -> tuple[str, ...]:
        return tuple(_chosen(one, {word: word for word in words}) for one in _words(value))

    def parse(said: str) -> list[str]:
        return [] if said.lower() in NOTHING else _split(said)

    return Kind(f"a list of any of {', '.join(words)}", check, parse)


def mount() -> Kind:
    """Return the kind of what begins the paths of a part of the service."""
    return Kind("a path such as /comfyui, of letters, digits and dashes", _mount)


def rate() -> Kind:
    """Return the kind of how often something may happen."""
    return Kind("NUMBER/second, /minute, /hour or /day", _rate)


def path() -> Kind:
    """Return the kind of a file's or folder's place; ``~`` is the home folder."""
    return Kind("a path", _path)


def paths() -> Kind:
    """Return the kind of lists of paths, which a variable separates as ``PATH`` does."""
    return Kind(f"a list of paths, separated by {os.pathsep} in a variable", _paths, _split_paths)


def or_nothing(kind: Kind) -> Kind:
    """Return a kind that may also be null, or ``none`` in a variable."""

    def check(value: Any) -> object:
        return None if value is None else kind.check(value)

    def parse(said: str) -> object:
        return None if said.lower() in NOTHING else kind.parse(said)

    return Kind(f"{kind.expected}, or null", check, parse)


def or_empty(kind: Kind) -> Kind:
    """Return a kind that may also be an empty text, which is as if it were not set."""

    def check(value: Any) -> object:
        return value if value == "" else kind.check(value)

    return replace(kind, check=check)


# --- inside


def _secret(value: Any) -> str:
    if len(_text(value)) < SHORTEST_SECRET:
        raise ValueError
    return value


def _words(value: Any) -> tuple[str, ...]:
    listed: list[Any] = _split(value) if isinstance(value, str) else list(_only(value, list | tuple))
    if any(not _text(one) for one in listed):
        raise ValueError
    return tuple(listed)


def _split(said: str) -> list[str]:
    return [*filter(None, re.split(r"[,\s]+", said))]


def _paths(value: Any) -> tuple[Path, ...]:
    return tuple(map(_path, _split_paths(value) if isinstance(value, str) else list(_only(value, list | tuple))))


def _split_paths(said: str) -> list[str]:
    return [*filter(None, map(str.strip, said.split(os.pathsep)))]


def _signing(value: Any) -> str:
    said = _text(value)
    if not read_secrets(said):
        raise ValueError
    return said


def _rate(value: Any) -> str:
    said = _text(value).strip().lower()
    if not re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour|day)", said):
        raise ValueError
    return said


def _only(value: Any, kind: type | UnionType) -> Any:
    # True is an int to Python, but not to a person.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError
    return value


def _text(value: Any) -> str:
    # What does not print is never meant: a line break, half a character, a terminal's command.
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError  # noqa: TRY004  # one error for all that is unfit
    return value


def _between(value: float, low: float, high: float) -> float:
    if not low <= value <= high:  # false for nan, too
        raise ValueError
    return value


def _parse_flag(said: str) -> bool:
    if said.lower() not in TRUE | FALSE:
        raise ValueError
    return said.lower() in TRUE


def _chosen(value: Any, by_spelling: dict[str, str]) -> str:
    if not isinstance(value, str) or value.lower() not in by_spelling:
        raise ValueError
    return by_spelling[value.lower()]


def _mount(value: Any) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9_-]+)+", said := _text(value).rstrip("/")):
        raise ValueError(said)
    return said


def _host(value: Any) -> str:
    name = _text(value)
    # Two colons at least are an IPv6 address; one is a port.
    if not name or name.count(":") == 1 or any(char in "/@?#[]" or char.isspace() for char in name):
        raise ValueError
    return name


def _url(value: Any) -> str:
    said = _text(value).strip()
    full = said if "://" in said else f"http://{said}"
    parts = urlsplit(full)
    _ = parts.port  # raises ValueError where it is no number
    if not _is_http(parts) or parts.query or parts.fragment:
        raise ValueError
    return said


def _endpoint(value: Any) -> str:
    said = _url(value)
    return said if "://" in said else f"http://{said}"


def _target(value: Any) -> str:
    said = _text(value).strip()
    parts = urlsplit(said)
    _ = parts.port  # raises ValueError where it is no number
    if not _is_http(parts):
        raise ValueError
    return said


def _is_http(parts: SplitResult) -> bool:
    has_blank = any(map(str.isspace, parts.netloc))
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not has_blank


def _path(value: Any) -> Path:
    said = _text(value) if not isinstance(value, Path) else str(value)
    if not said:
        raise ValueError
    try:
        return Path(said).expanduser()
    except RuntimeError as error:  # there is no such user
        raise ValueError from error
