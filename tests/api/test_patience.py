"""How long the server waits for clients that are slow."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn

from comfy_gen.api.listening import HOW, listening
from comfy_gen.api.patience import PatientProtocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Message, Receive, Scope, Send

SECONDS = 10
LARGE = 8 * 2**20


class Hasty(PatientProtocol):
    patience = 0.1
    deaf_after = 0.1


class App:
    """Answers with what it was sent, or with a lot."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.is_over = asyncio.Event()
        """Set once an answer was sent, or cannot be."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        self.received.append(message)
        await self.may_go_on.wait()
        if scope["path"] == "/large":
            body = bytes(LARGE)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await send({"type": "http.response.body", "body": body[len(body) // 2 :]})
        self.is_over.set()


@asynccontextmanager
async def served(app: App, protocol: type[PatientProtocol]) -> AsyncGenerator[int]:
    with listening("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", **{**HOW, "http": protocol}))
        serving = asyncio.create_task(server._serve([listener]))  # the part without signals
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


async def told(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send something, and return all that comes back until the server closes the connection."""
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause)
        answer = await reader.read()
        writer.close()
        return answer


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "begun", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ", HEAD + b"Content-Length: 9\r\n\r\nhalf"]
)
async def test_request_that_is_never_whole_is_given_up(begun):
    app = App()
    async with served(app, Hasty) as port:
        assert await told(port, begun) == b""
    assert [message["type"] for message in app.received] in ([], ["http.disconnect"])


async def test_second_request_of_a_connection_is_not_waited_for_longer_than_the_first():
    async with served(App(), Hasty) as port:
        answer = await told(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHo", pause=0.02)
    assert answer.count(b"200 OK") == 1


async def test_large_body_may_take_longer_the_more_of_it_comes():
    class Steady(Hasty):
        least = 1.0

    body = [b"x" * 1000] * 20
    async with served(App(), Steady) as port:
        head = HEAD + f"Content-Length: {sum(map(len, body))}\r\n\r\n".encode()
        answer = await told(port, head, *body, pause=0.02)
    assert answer.endswith(b"".join(body))


async def test_client_that_reads_nothing_of_its_answer_is_cut_off():
    app, loop = App(), asyncio.get_running_loop()
    async with served(app, Hasty) as port, asyncio.timeout(SECONDS):
        with socket.socket() as client:
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            await app.is_over.wait()
            size = 0
            with contextlib.suppress(ConnectionResetError):
                while piece := await loop.sock_recv(client, LARGE):
                    size += len(piece)
    assert size < LARGE


async def test_nonsense_behind_requests_is_no_bug_of_ours(caplog):
    app = App()
    app.may_go_on.clear()
    async with served(app, PatientProtocol) as port:
        answer = await told(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 3 + b"nonsense\r\n\r\n")
        app.may_go_on.set()
        await app.is_over.wait()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert len(app.received) == 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
