"""What the benchmarks share: an engine in a process of its own, small graphs, and the protocol without a client."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import uuid
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

SERVE = """
import asyncio, sys
from comfy_gen.sandbox import Sandbox, SandboxOptions

async def main():
    async with Sandbox(SandboxOptions(step_time=float(sys.argv[1]), previews=sys.argv[2] == "previews")) as sandbox:
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
def engine(url: str | None, *, step_time: float = 0.0, previews: bool = False) -> Generator[str]:
    """Give the address of the engine, or of a sandbox that lives as long as the block."""
    if url is not None:
        yield url
        return
    command = [sys.executable, "-c", SERVE, str(step_time), "previews" if previews else ""]
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


def sampled(seed: int) -> dict[str, Any]:
    """Return a graph that takes as long as the sandbox's one sampling step says."""
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0]}
    settings = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0, "steps": 1, "seed": seed}
    checkpoint = "v1-5-pruned-emaonly-fp16.safetensors"
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": {**settings, **links}},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "bench"}},
    }


class Raw:
    """The protocol by hand, with nothing kept safe: one POST, then every message until the prompt is over."""

    def __init__(self, url: str, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._url, self._session, self._socket = url, session, socket

    async def run(self, graph: dict[str, Any]) -> dict[str, Any]:
        """Run a graph and return its outputs."""
        return (await self.run_all([graph]))[0]

    async def run_all(self, graphs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run graphs, all submitted at once, and return the outputs of each."""
        outputs: dict[str, dict[str, Any]] = {str(uuid.uuid4()): {} for _ in graphs}
        submitting = asyncio.gather(*(self._submit(*both) for both in zip(outputs, graphs, strict=True)))
        left = set(outputs)
        while left:
            frame = await self._socket.receive()
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
        await submitting
        return list(outputs.values())

    async def _submit(self, prompt_id: str, graph: dict[str, Any]) -> None:
        body = {"prompt": graph, "client_id": self.client_id, "prompt_id": prompt_id}
        async with self._session.post(f"{self._url}/prompt", json=body) as answer:
            answer.raise_for_status()

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
