"""The WebSocket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from comfy_gen.sandbox import frames
from comfy_gen.sandbox.routes.context import engine_of, fields_of
from comfy_gen.sandbox.routes.info import features
from comfy_gen.sandbox.sockets import Socket

if TYPE_CHECKING:
    from comfy_gen.sandbox.engine import Engine


async def get_socket(request: web.Request) -> web.WebSocketResponse:
    """Keep a connection and tell it what happens."""
    engine = engine_of(request)
    connection = web.WebSocketResponse(compress=False, max_msg_size=0)
    await connection.prepare(request)
    client_id = request.query.get("clientId") or uuid4().hex
    if request.transport is None:
        return connection  # gone already
    socket = Socket(request.transport)
    engine.sockets.add(client_id, socket)
    try:
        _greet(engine, socket, client_id)
        await _listen(engine, connection, socket)
    finally:
        engine.sockets.remove(client_id, socket)
    return connection


def _greet(engine: Engine, socket: Socket, client_id: str) -> None:
    socket.put(frames.text("status", frames.status(engine.queue.remaining, client_id)))
    run = engine.executor.run_now
    if run and run.item.client_id == client_id and run.node_id is not None:
        socket.put(frames.text("executing", {"node": run.node_id}))


async def _listen(engine: Engine, connection: web.WebSocketResponse, socket: Socket) -> None:
    is_first = True
    async for message in connection:
        if message.type is not WSMsgType.TEXT:
            continue
        told = _parsed(message.data)
        if told is None:
            continue  # what is no JSON does not even count as the first message
        if is_first and told.get("type") == "feature_flags":
            socket.wants_metadata = bool(fields_of(told.get("data")).get("supports_preview_metadata"))
            socket.put(frames.text("feature_flags", features(engine)))
        is_first = False


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return fields_of(json.loads(text))
    except json.JSONDecodeError:
        return None


ROUTES = (web.get("/ws", get_socket),)
