"""What tests of prompts ask a service in a ComfyUI's words, and graphs that take no time, or all the time there is."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.ids import JobId

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from comfy_gen.jobs.job import Job
    from tests.api.conftest import Served

_COLOURS = itertools.count(1_000)
Graph = dict[str, Any]


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """Return a node of a graph."""
    return {"class_type": class_type, "inputs": inputs}


def picture(batch: int = 1) -> Graph:
    """Return a graph that saves pictures such as nobody has painted."""
    painted = node("EmptyImage", width=8, height=8, batch_size=batch, color=next(_COLOURS))
    return {"1": painted, "2": node("SaveImage", images=["1", 0], filename_prefix="x")}


def endless() -> Graph:
    """Return a graph that samples until somebody stops it."""
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["6", 0], "latent_image": ["5", 0]}
    settings = {"steps": 10_000, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name="v1-5-pruned-emaonly-fp16.safetensors"),
        "5": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "6": node("CLIPTextEncode", text="a lighthouse", clip=["4", 1]),
        "3": node("KSampler", seed=next(_COLOURS), **settings, **links),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="endless"),
    }


async def queued(client: httpx.AsyncClient, graph: Graph | None = None, **fields: Any) -> str:
    """Have a prompt accepted, and return its id."""
    answer = await client.post("prompt", json={"prompt": graph or picture(), **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["prompt_id"]


async def ended(desk: Served, prompt_id: str) -> Job:
    """Return a job once it has ended."""
    job = await desk.service.queue.watching.end(JobId(prompt_id))
    assert job is not None
    return job


async def ran(desk: Served, client: httpx.AsyncClient, graph: Graph | None = None, **fields: Any) -> dict[str, Any]:
    """Have a prompt run, and return its entry in the history."""
    prompt_id = await queued(client, graph, **fields)
    await ended(desk, prompt_id)
    return (await client.get(f"history/{prompt_id}")).json()[prompt_id]


async def pending(client: httpx.AsyncClient) -> list[str]:
    """Return the prompts that wait, in the order that their numbers tell."""
    items = (await client.get("queue")).json()["queue_pending"]
    return [item[1] for item in sorted(items)]


async def running(client: httpx.AsyncClient) -> list[str]:
    """Return the prompts that run."""
    return [item[1] for item in (await client.get("queue")).json()["queue_running"]]


async def assigned(desk: Served, prompt_id: str) -> None:
    """Wait until a worker has a job."""
    async for event in desk.service.queue.watch(JobId(prompt_id)):
        if event.data.get("state") == "generating":
            return


async def sampling(desk: Served, prompt_id: str) -> None:
    """Wait until a job samples."""
    async for event in desk.service.queue.watch(JobId(prompt_id)):
        if "step" in event.data:
            return


@asynccontextmanager
async def paused(desk: Served) -> AsyncGenerator[None]:
    """Have no job start while the block runs."""
    await desk.service.queue.store.set_paused(True)
    try:
        yield
    finally:
        await desk.service.queue.store.set_paused(False)
