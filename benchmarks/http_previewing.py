"""What `POST /compose/preview` costs as somebody sees it who types: the text so far after each key, over HTTP.

The first answer of a service that has just started reads categories and dictionary, and is told by itself.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

from _engine import engine, verdict
from _serving import Connection, served
from composing import SENTENCES

BAR = 30.0
"""Milliseconds, for 95 of 100 keys."""


async def measure(port: int) -> tuple[float, list[float]]:
    """Return how long the first answer took, and each one after it."""
    connection = await Connection.open(port)

    async def preview(text: str) -> float:
        start = time.perf_counter()
        status, answer = await connection.ask("POST", "/compose/preview", json.dumps({"input": text}).encode())
        if status != 200:  # read
            raise RuntimeError(f"{status}: {answer!r}")
        return (time.perf_counter() - start) * 1000

    first = await preview("a")
    typed = [text[:length] for text in SENTENCES for length in range(1, len(text) + 1)]
    return first, [await preview(text) for text in typed]


def main() -> int:
    """Print the figures; 1 if the bar is missed."""
    with engine(None) as sandbox, served(sandbox) as service:
        first, previews = asyncio.run(measure(service.port))
    ranked = sorted(previews)
    most = ranked[len(ranked) * 95 // 100]
    print(f"{len(previews)} keys over HTTP, one after the other; the first answer of the service {first:.0f} ms")
    print(f"  p50 {statistics.median(previews):.2f} ms, p99 {ranked[len(ranked) * 99 // 100]:.2f} ms")
    print(f"  p95 {most:.2f} ms; at most {BAR:g} ms: {verdict(most <= BAR)}; the slowest {ranked[-1]:.1f} ms")
    return 0 if most <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
