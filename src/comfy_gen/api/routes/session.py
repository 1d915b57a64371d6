"""Who asks, and how a browser is let in: it is given a cookie for a key."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

import comfy_gen
from comfy_gen.api import cookies
from comfy_gen.api.access import caller_in, way_of
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.session import Session, SessionBody
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import UnauthorizedError

router = APIRouter(tags=["session"])

_NOBODY: dict[str, Any] = {
    "is_admitted": False,
    "owner": "",
    "name": "",
    "scopes": [],
    "tier": Tier.GENERAL,
    "with": "nothing",
}


@router.get("/session", response_model=Session, responses=problems())
async def session(request: Request, response: Response) -> dict[str, Any]:
    """Tell who asks, and whether they are admitted. Needs no key."""
    response.headers["Cache-Control"] = "no-store"
    try:
        caller = await caller_in(request)
    except UnauthorizedError:
        return {**_NOBODY, "version": comfy_gen.__version__}
    return {
        "is_admitted": True,
        "owner": caller.owner,
        "name": caller.name,
        "scopes": sorted(caller.scopes),
        "tier": caller.tier,
        "with": way_of(caller, request.headers),
        "version": comfy_gen.__version__,
    }


@router.post("/session", status_code=204, responses=problems(415))
async def enter(body: SessionBody, request: Request, response: Response) -> None:
    """Give a browser a cookie for a key: it may then do what the key may, for 30 days or until the key is revoked."""
    cookie = await request.app.state.gate.cookie_for(body.key.get_secret_value().strip())
    cookies.give(request, response, cookie)


@router.delete("/session", status_code=204, responses=problems())
async def leave(request: Request, response: Response) -> None:
    """Have a browser forget its cookie. Needs no key."""
    cookies.take_away(request, response)
