"""What the benchmarks share: an engine in a process of its own, small graphs, and the protocol without a client."""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import uuid
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

SERVE = """
import asyncio, sys
from comfy_gen.sandbox import Sandbox, SandboxOptions

async def main():
    async with Sandbox(SandboxOptions(step_time=float(sys.argv[1]), previews=False)) as sandbox:
        print(sandbox.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


def arguments(description: str) -> argparse.ArgumentParser:
    """Return a parser with the option that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--engine", help="a ComfyUI to measure with; by default a sandbox engine of its own")
    return parser


@contextmanager
def engine(url: str | None, *, step_time: float = 0.0) -> Generator[str]:
    """Give the address of the engine, or of a sandbox that lives as long as the block."""
    if url is not None:
        yield url
        return
    command = [sys.executable, "-c", SERVE, str(step_time)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


_colours = itertools.count(1)


def picture() -> dict[str, Any]:
    """Return the smallest graph that saves a file, never the same twice: nothing of it is cached."""
    return {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": 16, "height": 16, "batch_size": 1, "color": next(_colours)},
        },
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "bench"}},
    }


class Raw:
    """The protocol by hand, with nothing kept safe: one POST, then every message until the prompt is over."""

    def __init__(self, url: str, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._url, self._session, self._socket = url, session, socket

    async def run(self, graph: dict[str, Any]) -> dict[str, Any]:
        """Run a graph and return its outputs."""
        body = {"prompt": graph, "client_id": self.client_id, "prompt_id": str(uuid.uuid4())}
        async with self._session.post(f"{self._url}/prompt", json=body) as answer:
            prompt_id = (await answer.json())["prompt_id"]
        outputs: dict[str, Any] = {}
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            data = message["data"]
            if data.get("prompt_id") != prompt_id:
                continue
            if message["type"] == "executed":
                outputs[data["node"]] = data["output"]
            if message["type"] == "executing" and data["node"] is None:
                break
        return outputs

    async def fetch(self, outputs: dict[str, Any]) -> None:
        """Get every picture that a graph made."""
        for output in outputs.values():
            for file in output.get("images", ()):
                async with self._session.get(f"{self._url}/view", params=file) as answer:
                    await answer.read()

    client_id: str = ""


@asynccontextmanager
async def raw(url: str) -> AsyncGenerator[Raw]:
    """Connect by hand."""
    client_id = uuid.uuid4().hex
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws?clientId={client_id}") as socket:
        peer = Raw(url, session, socket)
        peer.client_id = client_id
        yield peer


def verdict(passed: bool) -> str:  # noqa: FBT001  # a word for a fact
    """Return the word that ends a line."""
    return "ok" if passed else "MISSED"
