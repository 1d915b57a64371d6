"""Five hundred categories, sentences that people write, and engines that have many models: for what composing costs."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.category import Keywords
from comfy_gen.composition.categories.registry import shipped
from comfy_gen.composition.compose import Stock
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.composition.categories.category import Category

COUNT = 500
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


def categories(count: int = COUNT) -> list[Category]:
    """Return so many: what ships, then variations of it that other words mean, each as costly to look at."""
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


def write(folder: Path) -> None:
    """Write those that do not ship into a folder, as people would have them."""
    for category in categories()[len(shipped()) :]:
        card = {name: value for name, value in card_of(category).items() if value}
        card["composition"].pop("max_per_type", None)
        card["settings"] = {name: value for name, value in card["settings"].items() if value}
        (folder / f"{category.id}.yaml").write_text(yaml.safe_dump(card))


def stock(loras: int) -> Stock:
    """Return engines that have all models of the workflows, and so many LoRAs."""
    templates = tuple(map(load_template, TEMPLATES))
    models: dict[str, set[str]] = {"loras": {f"styles/style-{number:03}-xl.safetensors" for number in range(loras)}}
    for need in (need for template in templates for need in template.models):
        models.setdefault(need.folder, set()).add(need.file)
    return Stock(templates, {folder: frozenset(files) for folder, files in models.items()})
