"""How much later a picture is there with `AsyncComfyUIClient` than with the protocol written by hand."""

from __future__ import annotations

import asyncio
import statistics
import time

from _engine import arguments, engine, picture, raw, verdict

from comfy_gen.comfyui import AsyncComfyUIClient

BAR = 3.0
"""Milliseconds that the client may add, at the median."""
WARM_UP = 20


async def measure(url: str, rounds: int) -> tuple[list[float], list[float]]:
    """Return both times in milliseconds; the two take turns, so that what else the machine does hits both."""
    by_hand: list[float] = []
    by_client: list[float] = []
    async with raw(url) as peer, AsyncComfyUIClient(url=url) as client:
        for number in range(WARM_UP + rounds):
            began = time.perf_counter()
            outputs = await peer.run(picture())
            between = time.perf_counter()
            outcome = await client.run_workflow(picture())
            ended = time.perf_counter()
            if len(outputs) != 1 or len(outcome.files) != 1:
                raise RuntimeError("a run left no file")
            if number >= WARM_UP:
                by_hand.append(1000 * (between - began))
                by_client.append(1000 * (ended - between))
    return by_hand, by_client


def main() -> None:
    """Print both distributions and the difference."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=500)
    given = parser.parse_args()
    with engine(given.engine) as url:
        by_hand, by_client = asyncio.run(measure(url, given.rounds))
    print(f"latency of one picture, {given.rounds} rounds")
    for name, times in (("by hand", by_hand), ("AsyncComfyUIClient", by_client)):
        cuts = statistics.quantiles(times, n=100)
        print(f"  {name:<20} p50 {cuts[49]:6.2f} ms   p95 {cuts[94]:6.2f} ms")
    added = statistics.median(by_client) - statistics.median(by_hand)
    print(f"  added at the median  {added:10.2f} ms   (at most {BAR:g}: {verdict(added <= BAR)})")


if __name__ == "__main__":
    main()
