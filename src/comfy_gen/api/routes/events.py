"""All jobs live, on one stream: browsers allow six connections, and a person has more jobs than that."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse

from comfy_gen.api.context import Reader, TheLines, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.live import LATELY, Visitor, events_of_all
from comfy_gen.api.streams import streamed
from comfy_gen.api.wire.live import LiveEvent

router = APIRouter(tags=["jobs"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"model": LiveEvent, "content": {"text/event-stream": {}}, "description": "The events: the data of each."}
}


@router.get("/events", response_class=EventSourceResponse, responses=problems() | _EVENTS)
async def events(
    *,
    caller: Reader,
    service: TheService,
    results: TheResults,
    lines: TheLines,
    request: Request,
    since: Annotated[
        float | None, Query(ge=0, allow_inf_nan=False, description="Seconds since 1970: what ended since is told too.")
    ] = None,
    previews: Annotated[
        Literal["none", "data"], Query(description="Pictures of running jobs: themselves, or none.")
    ] = "none",
    last_event_id: Annotated[str, Header(max_length=50, description="Sent by browsers; goes before `since`.")] = "",
) -> EventSourceResponse:
    """Stream all of the caller's jobs, an administrator's stream everybody's.

    First comes `snapshot`: all that have not ended, and those that ended since the moment of `Last-Event-ID` or
    `since`, or in the last ten minutes. Then come `job`, a job as it is now, whenever one has changed; `gone`, when one
    was deleted; `queue`, when the queue was paused or resumed; and `preview`, where they are wanted.
    Whoever comes back with the id of any event has missed nothing.
    """
    came = time.time() - LATELY if since is None else since
    visitor = Visitor(
        caller,
        request,
        since=moment_in(last_event_id, otherwise=came),
        admit=partial(request.app.state.gate.admit, request.client and request.client.host, request.headers),
        wants_previews=previews == "data",
    )
    return streamed(events_of_all(service.queue, results, lines, visitor))


def moment_in(text: str, *, otherwise: float) -> float:
    """Return the moment that an event's id is; another one where it is none of ours."""
    try:
        moment = float(text)
    except ValueError:
        return otherwise
    return max(moment, 0.0) if math.isfinite(moment) else otherwise
