"""Reads server-sent events out of the pieces that a stream comes in. Pure."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that a service told of a job."""

    type: str
    """``state``, ``progress``, ``note``, ``preview``, or at last ``end``, whose data is the result."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    number: int | None = None
    """Grows with each; None for those that are not kept."""


class EventReader:
    """Takes in bytes, cut anywhere, and gives the events that are whole."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._fields: dict[str, list[str]] = {}

    def feed(self, chunk: bytes) -> list[JobEvent]:
        """Return the events that this piece completes."""
        *lines, self._rest = (self._rest + self._decoder.decode(chunk)).split("\n")
        return [event for line in lines if (event := self._take(line.removesuffix("\r")))]

    def _take(self, line: str) -> JobEvent | None:
        if line:
            name, _, value = line.partition(":")
            if name:  # a line without one is a heartbeat
                self._fields.setdefault(name, []).append(value.removeprefix(" "))
            return None
        fields, self._fields = self._fields, {}
        return _event_of(fields) if "data" in fields else None


def _event_of(fields: dict[str, list[str]]) -> JobEvent | None:
    try:
        data: object = json.loads("\n".join(fields["data"]))
    except ValueError:
        return None  # no event of ours: a proxy's, or one that was cut
    if not isinstance(data, dict):
        return None
    number = fields.get("id", [""])[-1]
    is_number = number.isascii() and number.isdigit()
    kind = fields.get("event", ["message"])[-1]
    return JobEvent(kind, cast("dict[str, Any]", data), int(number) if is_number else None)
