"""What more engines bring: the jobs a second that one worker gets out of 1 to 32 of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.finding import Bar, Finding
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.graphs import sampled
from benchmarks.parts.queue import emptied, working

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.conditions import Conditions

STEP = 1.0
"""Seconds of a job."""
SHARE = 95.0
"""Of a hundred: what so many engines do of so many times what one does."""
COUNTS = (1, 2, 4, 8, 16, 32)


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the rates, and how far they are from as many times that of one engine."""
    counts = COUNTS[:3] if conditions.is_quick else COUNTS
    each = conditions.count(8, quick=2)
    with sandboxes(counts[-1], step_time=STEP) as urls:
        rates = {count: asyncio.run(rate(urls[:count], each)) for count in counts}
    ways = {count: f"{count} engine{'s' if count > 1 else ''}" for count in counts}
    title = f"{each} jobs of {STEP:g} s for each engine"
    yield Finding(title, "jobs/s", {ways[count]: [rate] for count, rate in rates.items()}, better="more")
    shares = {ways[count]: [100 * rate / (count * rates[1])] for count, rate in rates.items() if count > 1}
    bars = [Bar(way, SHARE) for way in shares]
    yield Finding("of linear scaling", "%", shares, better="more", bars=bars)


async def rate(urls: Sequence[str], each: int) -> float:
    """Return the jobs a second of a worker with these engines, which have done one each before."""
    async with working(urls) as queue:
        await emptied(queue, [sampled() for _ in urls])
        count = each * len(urls)
        return count / await emptied(queue, [sampled() for _ in range(count)])
