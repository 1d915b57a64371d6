"""What composing costs: recipes of sentences like those that people write, with 500 categories to choose from.

The categories are those that ship and variations of them under words of their own, so that each costs as much to look
at as a real one. A recipe is made whole: the text read, categories, workflow, model, LoRAs, settings and prompts
chosen, the recipe hashed and the explanation written; of engines with 300 LoRAs. No HTTP, no database.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from _engine import verdict

from comfy_gen.composition.categories.category import Keywords
from comfy_gen.composition.categories.registry import Registry, shipped
from comfy_gen.composition.compose import Ask, Stock, compose
from comfy_gen.composition.tier import Tier
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from comfy_gen.composition.categories.category import Category

TEMPLATES = ("sdxl", "sd15", "flux-dev", "flux-schnell", "sd3.5", "qwen-image")
SENTENCES = (
    "@portrait @outdoor professional headshot natural lighting",
    "@car @night red ferrari wet streets",
    "portrait in city at sunset",
    "a watercolor of a fox in the snow, no people",
    "oil paintng of an old castle on a cliff above a stormy sea, dramatic light, highly detailed",
    "(close-up:1.2) of a bee on a lavender blossom, macro lens, shallow depth of field, golden hour",
    "isometric low poly market street with lanterns in the rain, neon signs, without cars",
    "cinematic wide angle shot of a lonely astronaut in a desert, long shadows, film grain, muted colours",
)
BAR = 2.0
"""Milliseconds, at the median."""


def categories(count: int) -> list[Category]:
    """Return so many: what ships, then variations of it that other words mean."""
    real = shipped().all
    made = (_varied(one, turn) for turn in itertools.count(2) for one in real)
    return [*real, *itertools.islice(made, count - len(real))][:count]


def _varied(category: Category, turn: int) -> Category:
    words = Keywords(
        tuple(f"{word}{turn}" for word in category.keywords.primary),
        tuple(f"{word}{turn}" for word in category.keywords.secondary),
        tuple(f"{phrase} {turn}" for phrase in category.keywords.specific),
    )
    return replace(category, id=f"{category.id}-{turn}", keywords=words)


def stock(loras: int) -> Stock:
    """Return engines that have all models of the workflows, and so many LoRAs."""
    templates = tuple(map(load_template, TEMPLATES))
    models: dict[str, set[str]] = {"loras": {f"styles/style-{number:03}-xl.safetensors" for number in range(loras)}}
    for need in (need for template in templates for need in template.models):
        models.setdefault(need.folder, set()).add(need.file)
    return Stock(templates, {folder: frozenset(files) for folder, files in models.items()})


def milliseconds(registry: Registry, known: Stock, rounds: int) -> list[float]:
    """Return how long each composition took; each knows the engines anew, as after a change."""
    took: list[float] = []
    for text in SENTENCES * rounds:
        fresh = replace(known, models={folder: frozenset([*files]) for folder, files in (known.models or {}).items()})
        start = time.perf_counter()
        compose(Ask(input=text, tier=Tier.MATURE), registry, fresh)
        took.append((time.perf_counter() - start) * 1000)
    return took


def main() -> int:
    """Print the figures; 1 if the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--categories", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--loras", type=int, default=300)
    asked = parser.parse_args()
    registry = Registry.of(categories(asked.categories))
    start = time.perf_counter()
    compose(Ask(input="a fxo in the snow"), registry, stock(0))
    first = (time.perf_counter() - start) * 1000
    took = milliseconds(registry, stock(asked.loras), asked.rounds)
    median, most = statistics.median(took), sorted(took)[len(took) * 99 // 100]
    print(f"{len(registry)} categories, {asked.loras} LoRAs on the engines, {len(took)} compositions")
    print(f"  first (words and dictionary are made ready): {first:.0f} ms")
    print(f"  p50 {median:.2f} ms, p99 {most:.2f} ms; p50 at most {BAR:g} ms: {verdict(median <= BAR)}")
    return 0 if median <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
