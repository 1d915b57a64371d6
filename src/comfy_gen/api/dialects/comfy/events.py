"""How a job goes on, as a stream of events that can be taken up again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse

from comfy_gen.api.context import TheLines, TheService
from comfy_gen.api.dialects.comfy.frames import place_in
from comfy_gen.api.dialects.comfy.job_stream import Stream
from comfy_gen.api.dialects.comfy.jobs import PATH, Seen
from comfy_gen.api.dialects.comfy.jobs_told import TheTeller
from comfy_gen.api.streams import streamed

router = APIRouter(prefix=PATH)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
async def events(
    *,
    found: Seen,
    service: TheService,
    teller: TheTeller,
    lines: TheLines,
    last_event_id: Annotated[str, Header(max_length=50)] = "",
) -> EventSourceResponse:
    """Stream how a job is, how it goes on, and at last its outputs and its last status.

    Who says which event they have seen last gets those that followed, and the end again if there were none.
    """
    return streamed(Stream(service.queue, teller, lines, found, place_in(last_event_id)).frames())
