"""What somebody is told whose job was just accepted: at once, or once it has ended, if they wait for that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from comfy_gen.api.results import Results
    from comfy_gen.app.accepting import Taken
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.watching import Watching
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A key of your choosing: what is sent again under it is the same job.",
    ),
]
Patience = Annotated[
    float, Query(gt=0, le=3600, description="Seconds to wait; after them the answer is 202, and the job goes on.")
]


def headers_of(taken: Taken) -> dict[str, str]:
    """Return the headers of the answer: where the job is, and whether it is an earlier one."""
    replayed = {"Idempotent-Replayed": "true"} if taken.is_replay else {}
    return {"Location": f"/jobs/{taken.job.job_id}", **replayed}


async def told(taken: Taken, results: Results, caller: Caller, request: Request) -> dict[str, Any]:
    """Return the job as it was accepted."""
    result = await results.of(taken.job, caller, request)
    return result | {"notes": [*taken.notes, *result["notes"]]}


async def end_of(job_id: JobId, watching: Watching, request: Request, *, patience: float) -> Job | None:
    """Return a job once it has ended; None if it takes longer than the patience, or nobody waits any more."""
    ending = asyncio.ensure_future(watching.end(job_id))
    leaving = asyncio.ensure_future(_departure(request))
    try:
        await asyncio.wait({ending, leaving}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        return ending.result() if ending.done() else None
    finally:
        for task in (ending, leaving):
            task.cancel()
        await asyncio.gather(ending, leaving, return_exceptions=True)


async def _departure(request: Request) -> None:
    """Return when whoever asked has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
