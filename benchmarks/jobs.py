"""What the durable queue costs: later results, idle engines, and what a second engine or a thirty-second one brings."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _engine import arguments, engine, picture, raw, sampled, verdict

from comfy_gen.app import JobQueue, open_service
from comfy_gen.config import Settings
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

P50, P99 = 10.0, 50.0
"""Milliseconds that the queue may add to a picture."""
BUSY = 0.95
WARM_UP = 20


@asynccontextmanager
async def service(urls: Sequence[str]) -> AsyncGenerator[JobQueue]:
    """Give a queue whose worker drives these engines, as one process has both."""
    with tempfile.TemporaryDirectory() as folder:
        usual = Settings()
        settings = replace(
            usual,
            fleet=replace(usual.fleet, engines=" ".join(urls)),
            jobs=replace(usual.jobs, data_dir=Path(folder)),
        )
        async with open_service(settings) as (queue, worker):
            working = asyncio.create_task(worker.run())
            async with asyncio.timeout(60):
                while len(worker.fleet.seats()) < len(urls):
                    await asyncio.sleep(0.05)
            try:
                yield queue
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


async def finished(queue: JobQueue, graph: dict[str, Any]) -> None:
    """Submit a graph and wait for what it made."""
    (accepted,) = await queue.submit([JobRequest(graph)])
    async for _ in queue.watch(accepted.job.job_id):
        pass
    if (await queue.store.get(accepted.job.job_id)).state is not JobState.COMPLETED:
        raise RuntimeError("a job did not complete")


async def latency(url: str, rounds: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of a picture by hand and by the queue; the two take turns."""
    by_hand: list[float] = []
    by_queue: list[float] = []
    async with raw(url) as peer, service([url]) as queue:
        for number in range(WARM_UP + rounds):
            began = time.perf_counter()
            await peer.fetch(await peer.run(picture()))
            between = time.perf_counter()
            await finished(queue, picture())
            ended = time.perf_counter()
            if number >= WARM_UP:
                by_hand.append(1000 * (between - began))
                by_queue.append(1000 * (ended - between))
    return by_hand, by_queue


async def emptied(urls: Sequence[str], jobs: int) -> float:
    """Return the seconds in which the engines do so many jobs, from when the first has begun."""
    async with service(urls) as queue:
        await finished(queue, sampled(0))
        began = time.perf_counter()
        await queue.submit([JobRequest(sampled(number)) for number in range(1, jobs + 1)])
        while (await queue.store.count()).get(JobState.COMPLETED, 0) < jobs + 1:
            await asyncio.sleep(0.02)
        return time.perf_counter() - began


@contextlib.contextmanager
def engines(count: int, *, step_time: float) -> Any:
    """Give the addresses of so many sandboxes, each a process of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(engine(None, step_time=step_time)) for _ in range(count)]


def show_latency(rounds: int, url: str | None) -> None:
    """Print what the queue adds to one picture."""
    with engine(url) as address:
        by_hand, by_queue = asyncio.run(latency(address, rounds))
    cuts = {name: statistics.quantiles(times, n=100) for name, times in (("by hand", by_hand), ("by queue", by_queue))}
    print(f"latency of one picture on an idle service, {rounds} rounds")
    for name, cut in cuts.items():
        print(f"  {name:<10} p50 {cut[49]:7.2f} ms   p99 {cut[98]:7.2f} ms")
    for place, bar, label in ((49, P50, "p50"), (98, P99, "p99")):
        added = cuts["by queue"][place] - cuts["by hand"][place]
        print(f"  added, {label} {added:9.2f} ms   (at most {bar:g}: {verdict(added <= bar)})")


def show_busyness(jobs: int, step_time: float) -> None:
    """Print how much of the time one engine works that has jobs waiting."""
    with engines(1, step_time=0.0) as urls:
        alone = asyncio.run(_alone(urls[0], 40))
    with engines(1, step_time=step_time) as urls:
        seconds = asyncio.run(emptied(urls, jobs))
    ideal = jobs * (step_time + alone)
    print(f"one engine, {jobs} jobs of {1000 * (step_time + alone):.0f} ms: busy {ideal / seconds:.1%} of the time")
    print(f"  (at least {BUSY:.0%}: {verdict(ideal / seconds >= BUSY)})")


async def _alone(url: str, rounds: int) -> float:
    """Return the seconds that an engine itself spends on a graph, besides its step."""
    async with raw(url) as peer:
        await peer.run(sampled(0))
        began = time.perf_counter()
        for number in range(rounds):
            await peer.run(sampled(number))
        return (time.perf_counter() - began) / rounds


def show_scaling(counts: Sequence[int], step_time: float, jobs_each: int) -> None:
    """Print how much faster more engines are."""
    print(f"engines, {jobs_each} jobs of {step_time:g} s for each")
    first = 0.0
    for count in counts:
        with engines(count, step_time=step_time) as urls:
            rate = count * jobs_each / asyncio.run(emptied(urls, count * jobs_each))
        first = first or rate / count
        share = rate / (first * count)
        print(f"  {count:>3} {rate:8.2f} jobs/s  {share:7.1%} of linear   {verdict(share >= BUSY)}")


def main() -> None:
    """Print the three figures."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=300)
    given = parser.parse_args()
    show_latency(given.rounds, given.engine)
    show_busyness(200, 0.05)
    show_scaling((1, 8, 32), 1.0, 20)


if __name__ == "__main__":
    main()
