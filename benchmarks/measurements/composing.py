"""What composing costs with 500 categories to choose from: in the process, over HTTP, and at each key that is typed.

A recipe is made whole: the text read, categories, workflow, model, LoRAs, settings and prompts chosen, the recipe
hashed and the explanation written; of engines with 300 LoRAs. The smallest answer of the service is HTTP alone.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.finding import Bar, Finding
from benchmarks.parts.categories import COUNT, SENTENCES, categories, stock, write
from benchmarks.parts.connection import Connection
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.serving import served
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.compose import Ask, Stock, compose
from comfy_gen.composition.tier import Tier

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from benchmarks.conditions import Conditions

COMPOSE, PREVIEW, SMALLEST = "POST /compose", "POST /compose/preview", "GET /ready"
OURS, OVER_HTTP, OF_KEYS = 2.0, 5.0, 30.0
"""Milliseconds, at the median; of the keys, for 95 of 100."""


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the milliseconds of each."""
    rounds = conditions.count(30, quick=2)
    taken = milliseconds(Registry.of(categories()), stock(300), rounds)
    yield Finding(f"a recipe, {COUNT} categories", "ms", {"compose()": taken}, bars=[Bar("compose()", OURS)])
    with tempfile.TemporaryDirectory() as folder, sandboxes(1) as (engine,):
        write(Path(folder))
        with served(engine, COMFYGEN_COMPOSITION_CATEGORIES_DIR=folder) as service:
            yield asyncio.run(over_http(service.port, rounds))
        with served(engine) as service:
            yield asyncio.run(typed(service.port, SENTENCES[: conditions.count(len(SENTENCES), quick=1)]))


def milliseconds(registry: Registry, known: Stock, rounds: int) -> list[float]:
    """Return how long each composition took; each knows the engines anew, as after a change."""
    took: list[float] = []
    compose(Ask(input="a fxo in the snow"), registry, stock(0))  # words and dictionary are made ready
    for text in SENTENCES * rounds:
        fresh = replace(known, models={folder: frozenset([*files]) for folder, files in (known.models or {}).items()})
        start = time.perf_counter()
        compose(Ask(input=text, tier=Tier.MATURE), registry, fresh)
        took.append((time.perf_counter() - start) * 1000)
    return took


async def over_http(port: int, rounds: int) -> Finding:
    """Return how long compositions took, and how long the smallest answers did."""
    connection = await Connection.open(port)
    taken: dict[str, list[float]] = {SMALLEST: [], COMPOSE: []}
    for text in (f"{sentence}, number {number}" for number in range(rounds + 1) for sentence in SENTENCES):
        body = {"input": text, "dry_run": True, "policy_tier": "mature"}
        taken[COMPOSE].append(await took(lambda body=body: connection.wanted(200, "POST", "/compose", body)))
        taken[SMALLEST].append(await took(lambda: connection.wanted(200, "GET", "/ready")))
    rest = {way: times[len(SENTENCES) :] for way, times in taken.items()}  # in the first round the dictionary is read
    return Finding(f"over HTTP, {COUNT} categories", "ms", rest, bars=[Bar(COMPOSE, OVER_HTTP)])


async def typed(port: int, sentences: tuple[str, ...]) -> Finding:
    """Return how long the first answer of a service took, and each key after it."""
    connection = await Connection.open(port)
    texts = ["a", *(text[:length] for text in sentences for length in range(1, len(text) + 1))]
    bodies = [{"input": text} for text in texts]
    first, *others = [
        await took(lambda body=body: connection.wanted(200, "POST", "/compose/preview", body)) for body in bodies
    ]
    ways = {"the first of a service": [first], PREVIEW: others}
    return Finding("the text so far, after each key", "ms", ways, bars=[Bar(PREVIEW, OF_KEYS, "p95")])


async def took(ask: Callable[[], Awaitable[object]]) -> float:
    """Return the milliseconds of an answer."""
    start = time.perf_counter()
    await ask()
    return (time.perf_counter() - start) * 1000
