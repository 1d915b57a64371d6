"""The stream of all jobs, read where it is made: over HTTP a test would wait for its end, and it has none."""

from __future__ import annotations

from comfy_gen.api.access import OWNER
from comfy_gen.api.live import Visitor, events_of_all
from tests.api.test_streams import request_to


def stream(served, *, since: float = 0.0, caller=OWNER, wants_previews: bool = False):
    service, state = served.service, served.app.state

    async def admit():
        return caller

    visitor = Visitor(caller, request_to(served.app), since, admit, wants_previews)
    return events_of_all(service.queue, state.results, state.lines, visitor)
