"""What routes ask for: the service, the results, who asks, and about which job.

All of these are coroutines, though they wait for nothing: FastAPI would run functions in a thread each.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from comfy_gen.api.access import require
from comfy_gen.api.lines import Lines
from comfy_gen.api.results import Results
from comfy_gen.app.caller import Caller, Scope
from comfy_gen.app.service import Service


async def service_in(request: Request) -> Service:
    """Return the service that a request came to."""
    return request.app.state.service


async def results_in(request: Request) -> Results:
    """Return what tells of jobs there."""
    return request.app.state.results


async def lines_in(request: Request) -> Lines:
    """Return the events that its streams have sent of late."""
    return request.app.state.lines


TheService = Annotated[Service, Depends(service_in)]
TheResults = Annotated[Results, Depends(results_in)]
TheLines = Annotated[Lines, Depends(lines_in)]
Reader = Annotated[Caller, Depends(require(Scope.READ))]
Generator = Annotated[Caller, Depends(require(Scope.GENERATE))]
Admin = Annotated[Caller, Depends(require(Scope.ADMIN))]
JobPath = Annotated[UUID, Path(description="The job's id.")]
