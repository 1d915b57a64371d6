"""Follows a job for as long as a call may take, and then tells how it is."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ServiceError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.options import LONGEST
from comfy_gen.mcp.service import PASSING, path_to
from comfy_gen.mcp.updates import Meter, connected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from comfy_gen.mcp.service import Service

LOOK = 3.0
"""Seconds in which the service tells how a job is after it was followed, or does not."""
_MARGIN = 2.0
"""Seconds that it takes at most to let go of streams that nobody reads any more."""


@dataclass(slots=True)
class Followed:
    """How far a job came while it was followed."""

    job: dict[str, Any]
    """As ``GET /jobs/{id}`` tells it; its ``id`` alone, where the service could not be asked."""
    updates: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What happened meanwhile, in the documented format."""
    is_ended: bool = False
    last_event: int = 0
    """The number of the last event that was seen: for following on."""
    trouble: ServiceError | None = None
    """Why the job's state is not known; None where it is."""


async def follow(
    service: Service,
    job_id: str,
    *,
    patience: float,
    on_update: Callable[[dict[str, Any], float], Awaitable[None]] | None = None,
    after: int = 0,
    look: float = LOOK,
) -> Followed:
    """Follow a job until it has ended, or until ``patience`` is at its end.

    Args:
        service: Where the job is.
        job_id: Its id.
        patience: Seconds to follow it for; it is at most so long that the call is over within `LONGEST`.
        on_update: Is told of each update, with how much of the job is done, from 0 to 100, which never shrinks.
        after: The number of the last event that is known already.
        look: Seconds in which the service tells how the job is then, or does not.

    Raises:
        ServiceProblemError: there is no such job, or it may not be seen.
    """
    watched = Followed({"id": job_id}, last_event=after)
    try:
        async with asyncio.timeout(min(max(patience, 0.0), LONGEST - look - _MARGIN)):
            await _watch(service, watched, on_update)
    except TimeoutError:
        pass  # the job goes on, and so may whoever follows it
    await _look(service, watched, look)
    return watched


async def _watch(
    service: Service, watched: Followed, on_update: Callable[[dict[str, Any], float], Awaitable[None]] | None
) -> None:
    """Take in what happens to the job until it has ended; for as long as the caller lets it."""
    job_id = str(watched.job["id"])
    meter = Meter(job_id)
    async with aclosing(service.events(job_id, watched.last_event)) as events:
        async for event in events:
            watched.last_event = event.number or watched.last_event
            found = [] if watched.updates else [connected(job_id)]
            found += [update] if (update := meter.feed(event)) else []
            if event.type == "end":
                watched.job, watched.is_ended = event.data, True
            watched.updates += found
            if on_update:
                for one in found:
                    await on_update(one, meter.overall)


async def _look(service: Service, watched: Followed, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            watched.job = await service.get(path_to("jobs", str(watched.job["id"])))
            watched.is_ended = watched.job.get("ended") is not None
    except ServiceUnreachableError as error:
        watched.trouble = None if watched.is_ended else error
    except ServiceProblemError as error:
        # The job was accepted: what is refused for the moment alone must not look as if the job were.
        if error.status not in PASSING:
            raise
        watched.trouble = None if watched.is_ended else error
    except TimeoutError:
        slow = ServiceUnreachableError(service.url, f"no answer within {seconds:g} s")
        watched.trouble = None if watched.is_ended else slow
