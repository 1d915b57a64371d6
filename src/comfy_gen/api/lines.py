"""What streams send, made once for all who watch the same job."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

from sse_starlette import ServerSentEvent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping

    from comfy_gen.jobs.job import Event
    from comfy_gen.jobs.previews import Preview

T = TypeVar("T")

MOST = 2_048
"""So many events are kept as they are sent."""
MOST_PICTURES = 64


def line(data: Mapping[str, Any], *, event: str, number: int | None = None) -> bytes:
    """Return an event as it is sent. One without a number leaves the reader's place in the stream where it was."""
    text = json.dumps(data, separators=(",", ":"))
    return ServerSentEvent(text, id=None if number is None else str(number), event=event).encode()


class Lines:
    """The events that were sent of late. Lives on one loop."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._events: OrderedDict[Hashable, bytes] = OrderedDict()
        self._pictures: OrderedDict[Hashable, bytes] = OrderedDict()
        self._texts: OrderedDict[Hashable, str] = OrderedDict()
        self._ends: dict[Hashable, asyncio.Future[bytes]] = {}

    def event(self, event: Event) -> bytes:
        """Return an event of a job."""
        # A job that was deleted may come again under its id, and count its events anew: but not at the same moment.
        key = event.job_id, event.number, event.at
        return _kept(self._events, self._most, key, lambda: line(_facts(event), event=event.type, number=event.number))

    def preview(self, job_id: str, preview: Preview, *, with_data: bool) -> bytes:
        """Return what a job looks like: the picture itself, or where it can be fetched."""
        key = preview.number, with_data
        return self.picture(key, lambda: line(_picture(job_id, preview, with_data=with_data), event="preview"))

    def picture(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return an event with a picture, made once for all who are told the same."""
        return _kept(self._pictures, MOST_PICTURES, key, make)

    def text(self, key: Hashable, make: Callable[[], str]) -> str:
        """Return what is told of a job, made once for all who are told the same."""
        return _kept(self._texts, self._most, key, make)

    async def end(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the last event of a job, made once for all who come for it at the same time."""
        making = self._ends.get(key)
        if making is None:
            making = self._ends[key] = asyncio.ensure_future(make())
            making.add_done_callback(lambda made: self._forget(key, made))
        return await asyncio.shield(making)

    def _forget(self, key: Hashable, made: asyncio.Future[bytes]) -> None:
        del self._ends[key]
        if not made.cancelled():
            made.exception()  # those who wait for it are told; where they have all gone, nobody needs to be


def _kept(kept: OrderedDict[Hashable, T], most: int, key: Hashable, make: Callable[[], T]) -> T:
    found = kept.get(key)
    if found is None:
        found = kept[key] = make()
        if len(kept) > most:
            kept.popitem(last=False)
    return found


def _facts(event: Event) -> dict[str, Any]:
    return {"job_id": event.job_id, "number": event.number, "at": event.at, **event.data}


def _picture(job_id: str, preview: Preview, *, with_data: bool) -> dict[str, Any]:
    facts = {"job_id": job_id, "n": preview.number, "media_type": preview.media_type}
    if with_data:
        return {**facts, "url": f"data:{preview.media_type};base64,{base64.b64encode(preview.image).decode()}"}
    return {**facts, "url": f"/jobs/{job_id}/preview?n={preview.number}"}
