"""``/ws``: how prompts go on, in the order and words of a ComfyUI."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from comfy_gen.api.access import caller_in, check_scope
from comfy_gen.api.dialects.comfyui.broadcast import Broadcast
from comfy_gen.api.dialects.comfyui.features import FLAGS
from comfy_gen.api.problems import response_to
from comfy_gen.app.caller import Caller, Scope
from comfy_gen.errors import ComfyGenError, DatabaseError, UnauthorizedError
from comfy_gen.jobs.ending import end

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI

    from comfy_gen.api.dialects.comfyui.outgoing import Outgoing

ADMIT_EVERY = 30.0
"""Seconds between two looks whether a key is still good."""
TOO_SLOW, NOT_ADMITTED, AWAY, ENDING = 1013, 1008, 1011, 1012
"""Why sockets are closed, as WebSockets number it: the last two are that something broke, and that the service ends."""
LONGEST_GREETING = 65_536
"""Characters."""
PATIENCE = 1.0
"""Seconds that closing may take: whoever reads nothing does not take that in, either."""
_GREETING = "feature_flags"


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    router = APIRouter()
    router.add_api_websocket_route("/ws", listen)
    return router


@asynccontextmanager
async def broadcasting(app: FastAPI) -> AsyncGenerator[None]:
    """Have sockets be told of prompts in this block."""
    broadcast = app.state.comfyui_broadcast = Broadcast(app.state.service.queue)
    try:
        yield
    finally:
        broadcast.stop()


async def listen(websocket: WebSocket, client_id: Annotated[str, Query(alias="clientId")] = "") -> None:
    """Tell a client of its prompts, until it leaves."""
    try:
        caller = await caller_in(websocket)
        check_scope(caller, Scope.READ)
    except ComfyGenError as error:
        await websocket.send_denial_response(response_to(websocket.scope, error))
        return
    await websocket.accept()
    broadcast: Broadcast = websocket.app.state.comfyui_broadcast
    try:
        async with broadcast.join(caller.owner, client_id or uuid.uuid4().hex) as outgoing:
            await _serve(websocket, outgoing, caller)
    except DatabaseError:
        await _close(websocket, AWAY)


async def _serve(websocket: WebSocket, outgoing: Outgoing, caller: Caller) -> None:
    """Send and receive, until either is over; say why, where it is us who end it."""
    parts = (_receive(websocket, outgoing), _check(websocket, caller), _send(websocket, outgoing), outgoing.closed())
    receiving, checking, *_ = tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():
            await _close(websocket, NOT_ADMITTED if checking.done() else TOO_SLOW if outgoing.is_given_up else ENDING)
    finally:
        for task in tasks:
            await end(task)


async def _send(websocket: WebSocket, outgoing: Outgoing) -> None:
    async for payload in outgoing:
        if isinstance(payload, str):
            await websocket.send_text(payload)
        else:
            await websocket.send_bytes(payload)


async def _receive(websocket: WebSocket, outgoing: Outgoing) -> None:
    """Read what a client says, until it leaves: its flags are all that matters, and only if it says nothing before."""
    has_spoken = False
    while (received := await websocket.receive())["type"] != "websocket.disconnect":
        message = None if has_spoken else _read(received.get("text") or "")
        if message is None:
            continue
        has_spoken = True
        if message.get("type") == _GREETING:
            outgoing.wants_labels = _wants_labels(message)
            outgoing.tell(json.dumps({"type": _GREETING, "data": dict(FLAGS)}))


def _read(text: str) -> dict[str, Any] | None:
    try:
        message: Any = json.loads(text[:LONGEST_GREETING])
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", message) if isinstance(message, dict) else None


def _wants_labels(greeting: dict[str, Any]) -> bool:
    match greeting:
        case {"data": {"supports_preview_metadata": wanted}}:
            return bool(wanted)
        case _:
            return False


async def _check(websocket: WebSocket, caller: Caller) -> None:
    """Return once a client is not any more who it was: its key was revoked, or changed."""
    peer = websocket.client.host if websocket.client else None
    while True:
        await asyncio.sleep(ADMIT_EVERY)
        with contextlib.suppress(DatabaseError):
            try:
                if await websocket.app.state.gate.admit(peer, websocket.headers) != caller:
                    return
            except UnauthorizedError:
                return


async def _close(websocket: WebSocket, code: int) -> None:
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(PATIENCE):
            await websocket.close(code)
