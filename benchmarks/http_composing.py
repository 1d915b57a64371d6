"""What `POST /compose` costs as a caller sees it: dry runs over HTTP, with 500 categories to choose from.

The categories beyond those that ship are files in the folder of one's own, as people would have them. Beside it, in
the same run: what the smallest answer of the same service takes, which is HTTP alone.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from _engine import engine, verdict
from _serving import Connection, served
from composing import SENTENCES, categories

from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.registry import shipped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CATEGORIES = 500
ROUNDS = 50
BAR = 5.0
"""Milliseconds, at the median."""


def write(folder: Path) -> None:
    """Write the categories that do not ship into a folder."""
    for category in categories(CATEGORIES)[len(shipped()) :]:
        card = {name: value for name, value in card_of(category).items() if value}
        card["composition"].pop("max_per_type", None)
        card["settings"] = {name: value for name, value in card["settings"].items() if value}
        (folder / f"{category.id}.yaml").write_text(yaml.safe_dump(card))


async def took(ask: Callable[[], Awaitable[object]]) -> float:
    """Return the milliseconds of an answer."""
    start = time.perf_counter()
    await ask()
    return (time.perf_counter() - start) * 1000


async def measure(port: int) -> tuple[list[float], list[float]]:
    """Return how long compositions took, and how long the smallest answers did."""
    connection = await Connection.open(port)
    composed, smallest = list[float](), list[float]()

    async def compose(text: str) -> None:
        body = json.dumps({"input": text, "dry_run": True, "policy_tier": "mature"}).encode()
        status, answer = await connection.ask("POST", "/compose", body)
        if status != 200:  # composed
            raise RuntimeError(f"{status}: {answer!r}")

    for number in range(ROUNDS + 1):
        for sentence in SENTENCES:
            text = f"{sentence}, number {number}"
            found = await took(lambda text=text: compose(text))
            other = await took(lambda: connection.ask("GET", "/ready", b""))
            if number:  # in the first round the dictionary is read
                composed.append(found)
                smallest.append(other)
    return composed, smallest


def main() -> int:
    """Print the figures; 1 if the bar is missed."""
    with tempfile.TemporaryDirectory() as folder, engine(None) as sandbox:
        write(Path(folder))
        with served(sandbox, COMFYGEN_COMPOSITION_CATEGORIES_DIR=folder) as service:
            composed, smallest = asyncio.run(measure(service.port))
    median, most = statistics.median(composed), sorted(composed)[len(composed) * 99 // 100]
    print(f"{CATEGORIES} categories, {len(composed)} dry runs over HTTP, one after the other")
    print(f"  GET /ready  p50 {statistics.median(smallest):.2f} ms")
    print(f"  POST /compose  p50 {median:.2f} ms, p99 {most:.2f} ms; at most {BAR:g} ms: {verdict(median <= BAR)}")
    return 0 if median <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
