"""What a person asks to be composed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comfy_gen.composition.tier import Tier

if TYPE_CHECKING:
    from comfy_gen.composition.recipe import RecipeLora


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is said outright, and goes before everything that categories want; None leaves it to them."""

    workflow: str | None = None
    model: str | None = None
    steps: int | None = None
    cfg: float | None = None
    width: int | None = None
    height: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    denoise: float | None = None
    negative_prompt: str | None = None
    loras: tuple[RecipeLora, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A text, and how it is to be understood."""

    input: str
    max_categories: int = 3
    min_confidence: float = 0.3
    """Of categories that the text does not name with @."""
    tier: Tier = Tier.GENERAL
    may: Tier = Tier.EXPLICIT
    """The highest tier that the caller could ask for."""
    seed: int | None = None
    """None: another one for each picture."""
    without: tuple[str, ...] = ()
    """The ids of categories that are not to be used, whatever the text seems to mean."""
    wishes: Wishes = field(default_factory=Wishes)
