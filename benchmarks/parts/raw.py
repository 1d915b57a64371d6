"""The protocol by hand, with nothing kept safe: what a client costs is measured beside it."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence


class Raw:
    """One session and one socket: one POST for each prompt, then every message until all are over."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.client_id = uuid.uuid4().hex
        self._url, self._session = url, session

    async def run_all(self, graphs: Sequence[dict[str, Any]], *, files: bool = True) -> list[dict[str, Any]]:
        """Run graphs, all submitted at once, and return the outputs of each, whose files were fetched or not."""
        outputs: dict[str, dict[str, Any]] = {str(uuid.uuid4()): {} for _ in graphs}
        submitting = asyncio.gather(*(self._submit(*both) for both in zip(outputs, graphs, strict=True)))
        await self._follow(outputs)
        await submitting
        if files:
            await asyncio.gather(*(self._fetch(one) for one in outputs.values()))
        return list(outputs.values())

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        """Open the socket."""
        self._socket = await self._session.ws_connect(f"{self._url}/ws?clientId={self.client_id}")
        return self._socket

    async def get(self, path: str) -> Any:
        """Return what the engine answers."""
        async with self._session.get(f"{self._url}{path}") as answer:
            return await answer.json()

    async def _follow(self, outputs: dict[str, dict[str, Any]]) -> None:
        left = set(outputs)
        while left:
            frame = await self._socket.receive()
            if frame.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.ERROR}:
                raise ConnectionError("the engine is gone")
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            data = message["data"]
            if (prompt_id := data.get("prompt_id")) not in left:
                continue
            if message["type"] == "executed":
                outputs[prompt_id][data["node"]] = data["output"]
            if message["type"] == "executing" and data["node"] is None:
                left.remove(prompt_id)

    async def _submit(self, prompt_id: str, graph: dict[str, Any]) -> None:
        body = {"prompt": graph, "client_id": self.client_id, "prompt_id": prompt_id}
        async with self._session.post(f"{self._url}/prompt", json=body) as answer:
            answer.raise_for_status()

    async def _fetch(self, outputs: dict[str, Any]) -> None:
        for file in (file for output in outputs.values() for file in output.get("images", ())):
            async with self._session.get(f"{self._url}/view", params=file) as answer:
                await answer.read()


@asynccontextmanager
async def raw(url: str) -> AsyncGenerator[Raw]:
    """Connect by hand."""
    async with aiohttp.ClientSession() as session:
        peer = Raw(url, session)
        async with await peer.connect():
            yield peer
