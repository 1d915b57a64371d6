"""A plain client of one engine for the contract suite: aiohttp, and nothing of ours that could share a mistake."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

PATIENCE = 30.0
"""No wait is longer, in seconds: a real engine's first picture loads the model."""

FLAGS = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}

Message = dict[str, Any]
"""A text message as it came; a binary one as ``{"event": …, "format" | "metadata": …, "image": bytes}``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def value(self) -> Any:
        """JSON where it says so, else text."""
        if self.headers.get("content-type", "").startswith("application/json"):
            return self.json()
        return self.body.decode(errors="replace")


class Line:
    """One WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, client_id: str) -> None:
        self.socket = socket
        self.client_id = client_id

    async def send(self, message: object) -> None:
        await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    async def receive(self) -> Message:
        """Return the next message."""
        frame = await self._frame()
        if frame.type is aiohttp.WSMsgType.TEXT:
            return json.loads(frame.data)
        if frame.type is aiohttp.WSMsgType.BINARY:
            return read_binary(frame.data)
        raise ConnectionError(f"the engine closed the socket: {frame.type.name}")

    async def unread(self) -> list[Any]:
        """Return what the engine has sent by now: all that comes before the answer to a ping."""
        await self.socket.ping()
        frames: list[Any] = []
        while (frame := await self._frame()).type is not aiohttp.WSMsgType.PONG:
            frames.append(frame.data)
        return frames

    async def _frame(self) -> aiohttp.WSMessage:
        async with asyncio.timeout(PATIENCE):
            frame = await self.socket.receive()
            while frame.type is aiohttp.WSMsgType.PING:
                await self.socket.pong(frame.data)
                frame = await self.socket.receive()
        return frame

    async def until(self, is_last: Callable[[Message], bool]) -> list[Message]:
        """Return all messages up to the first of which that is true."""
        messages = [await self.receive()]
        while not is_last(messages[-1]):
            messages.append(await self.receive())
        return messages

    async def until_type(self, kind: str, **facts: Any) -> list[Message]:
        """Return all messages up to one of a type with these facts."""
        return await self.until(
            lambda message: message.get("type") == kind and facts.items() <= message["data"].items()
        )

    async def until_done(self, prompt_id: str) -> list[Message]:
        """Return all messages up to the prompt's last."""
        return await self.until_type("executing", node=None, prompt_id=prompt_id)

    async def until_idle(self) -> list[Message]:
        """Return all messages up to a status that says the queue is empty."""
        return await self.until(lambda message: remaining(message) == 0)


class Peer:
    """HTTP and WebSockets with one engine."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        async with asyncio.timeout(PATIENCE), self.session.request(method, self.url + path, **options) as response:
            return Answer(response.status, CIMultiDict(response.headers), await response.read())

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: object = None, **options: Any) -> Answer:
        return await self.request("POST", path, **options if body is None else {"json": body, **options})

    async def submit(self, graph: Mapping[str, Any], line: Line | None = None, **fields: Any) -> str:
        """Queue a prompt that must be accepted and return its id."""
        client = {"client_id": line.client_id} if line else {}
        answer = await self.post("/prompt", {"prompt": graph, **client, **fields})
        assert answer.status == 200, answer.value
        return answer.json()["prompt_id"]

    async def run(self, graph: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
        """Run a prompt to its end and return its history entry."""
        async with self.listen() as line:
            prompt_id = await self.submit(graph, line, **fields)
            await line.until_done(prompt_id)
        return await self.history(prompt_id)

    async def history(self, prompt_id: str) -> dict[str, Any]:
        """Return the history entry of a prompt that has one."""
        return (await self.get(f"/history/{prompt_id}")).json()[prompt_id]

    async def upload(self, filename: str, content: bytes, path: str = "/upload/image", **fields: str) -> Answer:
        form = aiohttp.FormData(fields)
        form.add_field("image", content, filename=filename, content_type="image/png")
        return await self.post(path, data=form)

    @asynccontextmanager
    async def listen(self, client_id: str | None = None, *, flags: bool = False) -> AsyncGenerator[Line]:
        """Open a WebSocket, with the greeting taken off it."""
        client_id = client_id or uuid.uuid4().hex
        async with self.session.ws_connect(f"{self.url}/ws", params={"clientId": client_id}, autoping=False) as socket:
            line = Line(socket, client_id)
            if flags:
                await line.send(FLAGS)
                await line.until_type("feature_flags")
            else:
                await line.until_type("status")
            yield line

    async def settle(self) -> None:
        """Bring an engine that others used into the state of a fresh one: nothing queued, remembered or cached."""
        async with self.listen() as line:
            await self._empty()
            # The worker frees between prompts; after one more it certainly has.
            graph = {"1": node("EmptyImage", width=16, height=16, batch_size=1, color=uuid.uuid4().int & 0xFFFFFF)}
            graph["2"] = node("PreviewImage", images=["1", 0])
            await line.until_done(await self.submit(graph, line))
            await self.post("/history", {"clear": True})

    async def rest(self) -> None:
        """Do the same with our service before a sandbox, which frees before the next prompt."""
        await self._empty()
        async with self.session.ws_connect(f"{self.url}/ws") as socket:
            await Line(socket, "").until_idle()
        await self.post("/history", {"clear": True})

    async def _empty(self) -> None:
        await self.post("/queue", {"clear": True})
        await self.post("/interrupt", {})
        await self.post("/free", {"unload_models": True, "free_memory": True})


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """Return one node of a graph."""
    return {"class_type": class_type, "inputs": inputs}


def remaining(message: Message) -> int | None:
    """Return the length of the queue that a status tells."""
    return message["data"]["status"]["exec_info"]["queue_remaining"] if message.get("type") == "status" else None


def read_binary(frame: bytes) -> Message:
    """Take a binary frame apart."""
    event, head = struct.unpack_from(">II", frame)
    if event == 4:
        return {"event": event, "metadata": json.loads(frame[8 : 8 + head]), "image": frame[8 + head :]}
    return {"event": event, "format": head, "image": frame[8:]}
