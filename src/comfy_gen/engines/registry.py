"""What is known of an engine before anybody has talked to it, and the texts in which people name engines. Pure.

    http://gpu-1:8188
    gpu-1:8188
    big=https://user:secret@gpu-2/comfy
    http://gpu-3:8188#tags=fast,xl&weight=2&depth=3&state=draining

Several are separated by spaces or commas. After a ``#`` a comma parts tags, unless a whole address follows it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, cast, get_args
from urllib.parse import urlsplit

from comfy_gen.comfyui.http import parse_url
from comfy_gen.errors import ConfigurationError, DuplicateEngineError, InvalidParameterError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

EngineState = Literal["active", "draining"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,49}")
_NAMED = re.compile(r"(?P<name>[^=/@?:]*|[^=/@?]*(?==[a-z]+://))=(?P<url>.*)", re.DOTALL)
"""A colon in the name only before a whole URL: ``user:pass=word@host`` is a login, and no name."""
_LARGEST_WEIGHT = 1000.0
_DEEPEST = 1000


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """One engine of the fleet, as somebody entered it. It prints no login."""

    name: str
    url: str
    """With the login, if it needs one."""
    tags: tuple[str, ...] = ()
    """What it is good for; a job may ask for some."""
    weight: float = 1.0
    """How much work it should get, compared with the others."""
    depth: int = 2
    """How many prompts it has at most, the running one included: 2, so that the GPU never waits for us."""
    state: EngineState = "active"
    """A draining engine finishes what it has, and gets nothing more."""

    def __repr__(self) -> str:
        facts = f"tags={self.tags}, weight={self.weight:g}, depth={self.depth}, state={self.state!r}"
        return f"EngineEntry(name={self.name!r}, url={self.address!r}, {facts})"

    @property
    def address(self) -> str:
        """The URL without a login: for people."""
        return parse_url(self.url)[0]

    @property
    def is_draining(self) -> bool:
        """Whether it gets nothing more."""
        return self.state == "draining"


def make_entry(
    url: str,
    *,
    name: str = "",
    tags: Iterable[str] = (),
    weight: float = 1.0,
    depth: int = 2,
    state: str = "active",
    taken: Collection[str] = (),
) -> EngineEntry:
    """Return a checked entry. Without a name it gets one from its host and port, unlike those that are taken.

    Raises:
        InvalidParameterError: a value cannot work.
        DuplicateEngineError: the name is taken.
        InvalidRequestError: several of that.
    """
    tags = tuple(dict.fromkeys(tags))
    problems: list[ConfigurationError] = [
        *_problem_of_url(url),
        *([] if not name or _NAME.fullmatch(name) else [_bad_name(name)]),
        *([DuplicateEngineError(name)] if name in taken else []),
        *(_bad_tag(tag) for tag in tags if not _TAG.fullmatch(tag)),
        *([] if 0 < weight <= _LARGEST_WEIGHT else [_bad_weight(weight)]),
        *([] if 1 <= depth <= _DEEPEST else [_bad_depth(depth)]),
        *([] if state in get_args(EngineState) else [_bad_state(state)]),
    ]
    raise_all(problems)
    return EngineEntry(name or _name_of(url, taken), url, tags, weight, depth, cast("EngineState", state))


def parse_entry(text: str, *, taken: Collection[str] = ()) -> EngineEntry:
    """Read one engine: a URL, perhaps with ``NAME=`` before it and ``#option=value&…`` after it.

    Raises:
        ConfigurationError: as `make_entry`, and for an option that does not exist.
    """
    parts = _take_apart(text)
    problems = [problem for option in parts.options if (problem := option.problem) is not None]
    values = {option.name: option.value for option in parts.options if option.problem is None}
    entry = _attempt(lambda: make_entry(parts.url, name=parts.name, taken=taken, **values), problems)  # pyright: ignore[reportArgumentType]  # each option was read as what it must be
    raise_all(problems)
    return cast("EngineEntry", entry)


def parse_entries(text: str, *, taken: Collection[str] = ()) -> list[EngineEntry]:
    """Read several engines, separated by spaces or commas; none is a good answer.

    Raises:
        ConfigurationError: as `parse_entry`, of all that are wrong at once; also where an address comes twice.
    """
    return parse_all([piece for word in text.split() for piece in _pieces(word)], taken=taken)


def parse_all(texts: Sequence[str], *, taken: Collection[str] = ()) -> list[EngineEntry]:
    """Read several engines, one from each text.

    Raises:
        ConfigurationError: as `parse_entries`.
    """
    problems: list[ConfigurationError] = []
    given = {_take_apart(text).name for text in texts} - {""}  # they come before names that we make
    names = set(taken)
    entries: list[EngineEntry] = []
    for text in texts:
        is_named = bool(_take_apart(text).name)
        avoided = names if is_named else names | given
        entry = _attempt(lambda text=text, avoided=avoided: parse_entry(text, taken=avoided), problems)
        if entry is not None:
            entries.append(entry)
            names.add(entry.name)
    raise_all([*problems, *_repetitions(entries)])
    return entries


def raise_all(problems: Sequence[ConfigurationError]) -> None:
    """Raise what is wrong, if anything is: one problem as itself, several as one.

    Raises:
        ConfigurationError: the problem.
        InvalidRequestError: several.
    """
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InvalidRequestError(problems)


# --- reading


class _Option(NamedTuple):
    name: str
    value: object
    problem: ConfigurationError | None


class _Parts(NamedTuple):
    name: str
    url: str
    options: list[_Option]


def _pieces(word: str) -> list[str]:
    """Part a word at its commas, but for those between tags: no tag has a colon, and every whole address has one."""
    found: list[str] = []
    for piece in filter(None, word.split(",")):
        if found and "#" in found[-1] and ":" not in piece:
            found[-1] += f",{piece}"
        else:
            found.append(piece)
    return found


def _take_apart(text: str) -> _Parts:
    head, _, tail = text.strip().partition("#")
    named = _NAMED.fullmatch(head)
    name, url = (named["name"].strip(), named["url"].strip()) if named else ("", head.strip())
    return _Parts(name, url, [_option(pair) for pair in tail.split("&") if pair])


def _option(pair: str) -> _Option:
    name, _, value = (part.strip() for part in pair.partition("="))
    read = _READERS.get(name)
    if read is None:
        expected = f"one of {', '.join(_READERS)}"
        return _Option(name, None, InvalidParameterError("an engine's option", name, expected))
    try:
        return _Option(name, read(value), None)
    except ValueError:
        return _Option(name, None, InvalidParameterError(f"the engine's {name}", value, "a number"))


def _tags(value: str) -> tuple[str, ...]:
    return tuple(tag for tag in value.split(",") if tag)


_READERS: dict[str, Callable[[str], object]] = {"tags": _tags, "weight": float, "depth": int, "state": str}


def _attempt(make: Callable[[], EngineEntry], problems: list[ConfigurationError]) -> EngineEntry | None:
    """Return what was made, or note what is wrong with it."""
    try:
        return make()
    except InvalidRequestError as error:
        problems.extend(cast("Sequence[ConfigurationError]", error.errors))
    except ConfigurationError as error:
        problems.append(error)
    return None


def _repetitions(entries: Sequence[EngineEntry]) -> list[ConfigurationError]:
    """Return a problem for each address that comes again: two names for one engine would give it twice the work."""
    first: dict[str, EngineEntry] = {}
    return [
        InvalidParameterError(f"the address of {entry.name}", entry.address, f"another than that of {known.name}")
        for entry in entries
        if (known := first.setdefault(entry.address.lower(), entry)) is not entry
    ]


# --- names


def _name_of(url: str, taken: Collection[str]) -> str:
    parts = urlsplit(parse_url(url)[0])
    place = re.sub(r"[\[\]]", "", f"{parts.netloc}{parts.path}")  # the brackets of an IPv6 address
    name = re.sub(r"[^A-Za-z0-9._:-]+", "-", place).strip("-:._")[:90] or "engine"
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in names if one not in taken)


# --- what is wrong


def _problem_of_url(url: str) -> list[ConfigurationError]:
    try:
        parse_url(url)
    except InvalidParameterError as error:
        return [error]
    return []


def _bad_name(name: str) -> InvalidParameterError:
    expected = "at most 100 letters, digits, dots, colons, dashes and underscores, the first a letter or digit"
    return InvalidParameterError("the engine's name", name, expected)


def _bad_tag(tag: str) -> InvalidParameterError:
    return InvalidParameterError("an engine's tag", tag, "at most 50 letters, digits and any of . _ + -")


def _bad_weight(weight: float) -> InvalidParameterError:
    shown = weight if math.isfinite(weight) else str(weight)
    return InvalidParameterError("the engine's weight", shown, f"above 0 and at most {_LARGEST_WEIGHT:g}")


def _bad_depth(depth: int) -> InvalidParameterError:
    return InvalidParameterError("the engine's depth", depth, f"a whole number from 1 to {_DEEPEST:,}")


def _bad_state(state: str) -> InvalidParameterError:
    return InvalidParameterError("the engine's state", state, " or ".join(get_args(EngineState)))
