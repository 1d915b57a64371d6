"""How much of what an engine can execute alone it still executes when one client queues and follows all of it."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid

import aiohttp
from _engine import arguments, engine, picture, verdict

from comfy_gen.comfyui import AsyncComfyUIClient, Ending

BAR = 0.95
ROUNDS = 3
STEPS = 4


def sampled(seed: int, checkpoint: str) -> dict[str, object]:
    """Return a graph that samples a few steps, as pictures do."""
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0]}
    settings = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": {"seed": seed, "steps": STEPS, **settings, **links}},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "bench"}},
    }


async def alone(url: str, graphs: list[dict[str, object]]) -> float:
    """Return the seconds from the first POST until the queue is empty, its messages read and thrown away."""
    client_id = uuid.uuid4().hex
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws?clientId={client_id}") as socket:
        drain = asyncio.create_task(_drain(socket))
        began = time.perf_counter()
        for graph in graphs:
            async with session.post(f"{url}/prompt", json={"prompt": graph, "client_id": client_id}) as answer:
                answer.raise_for_status()
        while await _remaining(session, url):
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - began
        drain.cancel()
    return seconds


async def _drain(socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await socket.receive()


async def _remaining(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(f"{url}/prompt") as answer:
        return (await answer.json())["exec_info"]["queue_remaining"]


async def followed(url: str, graphs: list[dict[str, object]]) -> float:
    """Return the seconds from the first submission until every outcome is known."""
    async with AsyncComfyUIClient(url=url) as client:
        began = time.perf_counter()
        runs = [await client.submit(graph) for graph in graphs]
        outcomes = [await run.result() for run in runs]
        seconds = time.perf_counter() - began
    if any(outcome.ending is not Ending.SUCCESS or len(outcome.files) != 1 for outcome in outcomes):
        raise RuntimeError("a run left no file")
    return seconds


async def compare(url: str, count: int, checkpoint: str | None) -> list[tuple[float, float]]:
    """Return pairs of rates in prompts a second, alone and followed, measured in turns."""
    seeds = iter(range(10**9))
    rates: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        batches = [
            [sampled(next(seeds), checkpoint) if checkpoint else picture() for _ in range(count)] for _ in range(2)
        ]
        rates.append((count / await alone(url, batches[0]), count / await followed(url, batches[1])))
    return rates


def report(name: str, rates: list[tuple[float, float]]) -> None:
    """Print what an engine does alone and with us."""
    ratio = statistics.median(with_us / by_itself for by_itself, with_us in rates)
    by_itself, with_us = (statistics.median(values) for values in zip(*rates, strict=True))
    print(f"  {name:<42} alone {by_itself:7.1f}/s   followed {with_us:7.1f}/s   {ratio:6.1%}  {verdict(ratio >= BAR)}")


def main() -> None:
    """Print the rates for sampling pictures, and for the smallest graph there is."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=1000, help="prompts in the queue (default 1000)")
    parser.add_argument("--checkpoint", default="v1-5-pruned-emaonly-fp16.safetensors")
    given = parser.parse_args()
    print(f"{given.count} queued prompts through one client (at least {BAR:.0%} of the engine alone)")
    with engine(given.engine, step_time=0.002) as url:
        report(f"{STEPS} sampling steps", asyncio.run(compare(url, given.count, given.checkpoint)))
    with engine(given.engine) as url:
        report("the smallest graph, no work at all", asyncio.run(compare(url, given.count, None)))


if __name__ == "__main__":
    main()
