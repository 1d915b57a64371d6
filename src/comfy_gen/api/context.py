"""What routes ask for: the service, the results, and who asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from comfy_gen.api.access import require
from comfy_gen.api.results import Results
from comfy_gen.app.caller import Caller, Scope
from comfy_gen.app.service import Service


def service_in(request: Request) -> Service:
    """Return the service that a request came to."""
    return request.app.state.service


def results_in(request: Request) -> Results:
    """Return what tells of jobs there."""
    return request.app.state.results


TheService = Annotated[Service, Depends(service_in)]
TheResults = Annotated[Results, Depends(results_in)]
Reader = Annotated[Caller, Depends(require(Scope.READ))]
Generator = Annotated[Caller, Depends(require(Scope.GENERATE))]
Admin = Annotated[Caller, Depends(require(Scope.ADMIN))]
