"""The page of the events: what streams and webhooks tell of jobs, kind by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.api.streams import HEARTBEAT
from scripts.reference.document import schemas
from scripts.reference.page import code, page, paragraphs, table
from scripts.reference.schema import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD = f"""\
Streams are server-sent events: `id`, `event` and `data`, which is JSON. One that has nothing to say sends a comment
every {HEARTBEAT} seconds. A client that was cut off comes back with the last id that it has seen, as browsers do by
themselves (`Last-Event-ID`), and misses nothing."""

STREAMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "GET /events": (
        "All jobs of whoever asks, on one stream; an id is a moment.",
        {
            "snapshot": "LiveSnapshot",
            "job": "LiveJob",
            "gone": "LiveGone",
            "queue": "LiveQueue",
            "preview": "LivePreview",
        },
    ),
    "GET /jobs/{job_id}/events": (
        "One job; an id is the number of its event. `end` is the last.",
        {
            "state": "JobStateEvent",
            "progress": "JobProgressEvent",
            "note": "JobNoteEvent",
            "preview": "LivePreview",
            "end": "Result",
        },
    ),
    "POST /generate/stream, GET /generate/{job_id}/stream": (
        "One job in the documented words: events without a name, told from each other by `status`.",
        {"each update": "StreamUpdate", "the last": "StreamEnd"},
    ),
    "Webhooks": (
        "What is posted to a [webhook](../webhooks.md), as JSON; `type` says what happened.",
        {
            "job.completed": "WebhookMessage",
            "job.partial": "WebhookMessage",
            "job.failed": "WebhookMessage",
            "job.cancelled": "WebhookMessage",
            "job.progress": "WebhookMessage",
        },
    ),
}
"""Each stream, what it is, and the object that each of its events has for data."""


def render() -> str:
    """Return the page."""
    objects = dict.fromkeys(name for _, kinds in STREAMS.values() for name in kinds.values())
    return page(
        "Events",
        HEAD,
        *(part for name in STREAMS for part in _stream(name)),
        "## Data",
        *(part for name in objects for part in _object(name)),
    )


def _stream(name: str) -> tuple[str, str, str]:
    said, kinds = STREAMS[name]
    rows = (
        (code(kind) if "." in kind or kind.isalpha() else kind, f"[{one}](#{one.lower()})", _about(one))
        for kind, one in kinds.items()
    )
    return f"## {name}", said, table(["event", "data", "what it tells"], rows)


def _object(name: str) -> Iterator[str]:
    yield f"### {name}"
    yield paragraphs(schemas()[name]["description"])
    yield table(["field", "value", "meaning"], rows_of(schemas()[name]))


def _about(name: str) -> str:
    return schemas()[name]["description"].partition("\n")[0]
