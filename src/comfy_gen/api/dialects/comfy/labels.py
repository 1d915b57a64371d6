"""Labels of a job: what a client sends as its ``metadata``, and finds jobs by. They are any job's metadata. Pure.

The cloud's clients send an object of texts. The gateway that people run themselves takes one text and no more: that
one is kept apart, so that a text is told as a text again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST = 16
LONGEST_NAME = 128
LONGEST = 1_024
"""Characters of a label's value, or of the one text."""
_OWN = "comfy"
"""What the dialect keeps of its own in a job's metadata is under this."""
_WANTED = f"a text of {LONGEST} characters at most, under a name of 1 to {LONGEST_NAME}"


def metadata_in(said: object) -> dict[str, Any]:
    """Return the metadata of a job for which this was sent.

    Raises:
        InvalidParameterError: these are no labels.
    """
    match said:
        case None:
            return {}
        case str() if len(said) <= LONGEST:
            return {_OWN: {"label": said}}
        case dict():
            return dict(_checked("metadata", cast("dict[str, object]", said).items()))
        case _:
            expected = f"an object of texts, or one text of {LONGEST} characters at most"
            raise InvalidParameterError("metadata", _shown(said), expected)


def labels_of(metadata: Mapping[str, Any]) -> dict[str, str] | str:
    """Return the labels that a job's metadata has, or the one text."""
    match metadata.get(_OWN):
        case {"label": str() as text}:
            return text
        case _:
            return {name: value for name, value in metadata.items() if isinstance(value, str)}


def labels_in(query: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the labels that a query asks for: ``metadata[client]=acme``.

    Raises:
        InvalidParameterError: no job could have them.
    """
    wanted: list[tuple[str, str]] = []
    for key, value in query:
        if key.startswith("metadata"):
            name = key.removeprefix("metadata[").removesuffix("]")
            if key != f"metadata[{name}]" or any(name == other for other, _ in wanted):
                raise InvalidParameterError(
                    f"metadata[{name[:50]!a}]", _shown(value), "metadata[name], once for a name"
                )
            wanted.append((name, value))
    return dict(_checked("metadata[…]", wanted))


def _checked(what: str, labels: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    """Return labels, all of which can be.

    Raises:
        InvalidParameterError: one cannot, or they are too many.
    """
    checked: list[tuple[str, str]] = []
    for name, value in labels:
        if not 1 <= len(name) <= LONGEST_NAME or not isinstance(value, str) or len(value) > LONGEST:
            raise InvalidParameterError(what, f"{name[:LONGEST_NAME]}: {_shown(value)}", _WANTED)
        checked.append((name, value))
    if len(checked) > MOST:
        raise InvalidParameterError(what, f"{len(checked)} labels", f"{MOST} labels at most")
    return checked


def _shown(value: object) -> str:
    return repr(value)[:60]
