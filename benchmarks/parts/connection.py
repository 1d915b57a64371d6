"""A small HTTP client that costs little. Reads no more of HTTP than the servers here send."""

from __future__ import annotations

import asyncio
import json
from typing import Any


class Connection:
    """One kept connection, on which one request follows another."""

    def __init__(self, port: int) -> None:
        self._port = port

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to a server on this machine."""
        connection = cls(port)
        await connection._connect()
        return connection

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send a request and return status and body."""
        if self._reader.at_eof():  # a server gives up connections that nobody uses
            await self._connect()
        self._writer.write(request(method, path, body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
        length = next((int(value) for name, _, value in fields if name == b"content-length"), 0)
        return int(head[9:12]), await self._reader.readexactly(length)

    async def wanted(self, status: int, method: str, path: str, data: Any = None) -> Any:
        """Send a request with JSON, and return what came back: JSON read, anything else as it is.

        Raises:
            RuntimeError: the answer has another status.
        """
        found, body = await self.ask(method, path, b"" if data is None else json.dumps(data).encode())
        if found != status:
            raise RuntimeError(f"{method} {path}: {found} {body[:500]!r}")
        return json.loads(body) if body[:1] in {b"{", b"["} else body

    def close(self) -> None:
        """Close it."""
        self._writer.close()


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    head += ["Content-Type: application/json"] if body else []
    return "\r\n".join([*head, "", ""]).encode() + body


def ordered(graph: dict[str, Any]) -> dict[str, Any]:
    """Return the body that asks the service to run a graph."""
    return {"input": {"workflow_json": graph}}
