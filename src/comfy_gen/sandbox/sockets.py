"""Keeps the WebSocket connections of one sandbox and sends to one client or to all, never waiting for a slow reader."""

from __future__ import annotations

import asyncio
from typing import Any

from comfy_gen.sandbox import frames


class Socket:
    """One connection.

    What is put within one turn of the loop goes out in one write: a system call for each message would take longer
    than all else that the sandbox does.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.wants_metadata = False
        """The client said that it understands previews with metadata."""
        self._transport = transport
        self._outbox: list[bytes] = []

    def put(self, frame: bytes) -> None:
        """Send the frame after those put before."""
        if not self._outbox:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outbox.append(frame)

    def abort(self) -> None:
        """Cut the connection without a close frame: the client sees 1006, as when a server is killed."""
        self._transport.abort()

    def _flush(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"".join(self._outbox))
        self._outbox.clear()


class Sockets:
    """The connections by client id. As on a real server the newest of an id takes over, and its end ends them all."""

    def __init__(self) -> None:
        self._by_client: dict[str, Socket] = {}
        self._all: set[Socket] = set()
        self.muted = False
        """True while a fault keeps the server silent."""

    def add(self, client_id: str, socket: Socket) -> None:
        """Register a connection."""
        self._by_client[client_id] = socket
        self._all.add(socket)

    def remove(self, client_id: str, socket: Socket) -> None:
        """Forget a connection, and whichever has its id: a real server does, to the newer one's harm."""
        self._by_client.pop(client_id, None)
        self._all.discard(socket)

    def send(self, kind: str, data: dict[str, Any], *, to: str | None) -> None:
        """Send a text message to one client, or to all where ``to`` is None."""
        if receivers := self._receivers(to):
            frame = frames.text(kind, data)
            for socket in receivers:
                socket.put(frame)

    def send_preview(self, jpeg: bytes, *, node_id: str, prompt_id: str, to: str | None) -> None:
        """Send a preview, to each client in the form that it understands."""
        for socket in self._receivers(to):
            if socket.wants_metadata and to is not None:
                socket.put(frames.preview_with_metadata(jpeg, node_id=node_id, prompt_id=prompt_id))
            else:
                socket.put(frames.preview(jpeg))

    def send_text(self, text: str, *, node_id: str, to: str | None) -> None:
        """Send a line of text that a node shows while it runs."""
        for socket in self._receivers(to):
            socket.put(frames.node_text(text, node_id=node_id))

    def has_receivers(self, to: str | None) -> bool:
        """Tell whether a message would reach anybody."""
        return bool(self._receivers(to))

    def wants_metadata(self, client_id: str | None) -> bool:
        """Tell whether this client gets previews with metadata."""
        socket = self._by_client.get(client_id) if client_id is not None else None
        return bool(socket and socket.wants_metadata)

    def abort(self) -> None:
        """Cut all connections."""
        for socket in list(self._all):
            socket.abort()

    def _receivers(self, to: str | None) -> list[Socket]:
        if self.muted:
            return []
        if to is None:
            return list(self._by_client.values())
        return [self._by_client[to]] if to in self._by_client else []
