"""The keys: who may ask the service, and for what."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Response

from comfy_gen.api.context import Admin, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.keys import KeyBody, Keys, NewKey

if TYPE_CHECKING:
    from comfy_gen.jobs.api_key import ApiKey

router = APIRouter(tags=["keys"])

KeyPath = Annotated[str, Path(max_length=64, description="The key's id.")]


@router.get("/keys", response_model=Keys, responses=problems())
async def keys(caller: Admin, service: TheService, response: Response) -> dict[str, Any]:
    """Tell of all keys, the oldest first, with those that were revoked. For administrators."""
    del caller
    response.headers["Cache-Control"] = "no-store"
    return {"keys": [_told(key) for key in await service.keys.list()]}


@router.post("/keys", status_code=201, response_model=NewKey, responses=problems(415))
async def make_key(body: KeyBody, caller: Admin, service: TheService, response: Response) -> dict[str, Any]:
    """Make a key, which is shown this once. From the first one on everybody needs one. For administrators."""
    del caller
    key, text = await service.keys.create(
        body.name, body.owner, body.scopes, body.rate, body.max_waiting, body.tier, now=time.time()
    )
    response.headers.update({"Location": "/keys", "Cache-Control": "no-store"})
    return {**_told(key), "key": text}


@router.delete("/keys/{key_id}", status_code=204, responses=problems(404))
async def revoke_key(key_id: KeyPath, caller: Admin, service: TheService) -> None:
    """Have a key, and all cookies for it, open nothing any more. For administrators."""
    del caller
    await service.keys.revoke(key_id, now=time.time())


def _told(key: ApiKey) -> dict[str, Any]:
    names = ("name", "owner", "rate", "max_waiting", "tier", "created", "revoked")
    scopes = sorted(scope for scope in key.scopes)
    return {"id": key.key_id, **{name: getattr(key, name) for name in names}, "scopes": scopes}
