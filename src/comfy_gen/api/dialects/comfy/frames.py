"""The events of a job's stream as they are sent, and how much of it somebody has seen. Pure.

Each event has the number of what happened as its id. The outputs of a job and its last status come of one and the same,
its end: their ids are ``7.1``, ``7.2`` … and at last ``7``. Whoever comes back with one gets what follows it.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sse_starlette import ServerSentEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.api.dialects.comfy.statuses import Status
    from comfy_gen.jobs.previews import Preview

_ID = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?", re.ASCII)


class Place(NamedTuple):
    """How much of a stream somebody has seen."""

    after: int = 0
    """The number of the last event that they have seen all of."""
    outputs: int = 0
    """How many outputs they have seen of the next, which was the job's end then."""

    def skipped(self, end: int) -> int:
        """Return how many outputs they have seen of an end with this number."""
        return self.outputs if end == self.after + 1 else 0


def place_in(last_event_id: str) -> Place | None:
    """Return the place that an id stands for; None for what is no id of ours."""
    found = _ID.fullmatch(last_event_id.strip())
    if found is None:
        return None
    number, outputs = int(found[1]), found[2]
    return Place(number) if outputs is None else Place(number - 1, int(outputs))


def status_frame(status: Status, position: int | None, *, number: int) -> bytes:
    """Return what tells of a job's status, and of its place in the line while it has one."""
    placed = {} if position is None else {"queue_position": position}
    return frame("status", {"status": status, **placed}, event_id=str(number))


def progress_frame(progress: Mapping[str, Any], *, number: int) -> bytes:
    """Return what tells how far a job is."""
    return frame("progress", progress, event_id=str(number))


def preview_frame(preview: Preview) -> bytes:
    """Return what shows how a picture looks by now. It has no id: nobody gets one again."""
    data = base64.b64encode(preview.image).decode()
    told = {"node_id": preview.node_id, "content_type": preview.media_type, "data_base64": data}
    return frame("preview", told, event_id=None)


def output_frame(output: Mapping[str, Any], place: int, *, number: int) -> bytes:
    """Return what tells of an output; ``place`` is 1 for the first of a job."""
    return frame("output", output, event_id=f"{number}.{place}")


def frame(event: str, data: Mapping[str, Any], *, event_id: str | None) -> bytes:
    """Return an event as it is sent. One without an id leaves the reader's place in the stream where it was."""
    return ServerSentEvent(json.dumps(data, separators=(",", ":")), id=event_id, event=event).encode()
