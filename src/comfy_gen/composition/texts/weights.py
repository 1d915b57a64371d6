"""How much each kind of clue counts. Fitted by `scripts/calibrate_categories.py`, which writes the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comfy_gen.composition.texts.lexicon import Level


@dataclass(frozen=True, slots=True)
class Weights:
    """From 0 to 1, each: what is left of a keyword's sureness where the clue applies."""

    specific: float
    """How sure a phrase that leaves no doubt is."""
    primary: float
    """How sure a word that means just its category is."""
    secondary: float
    """How sure a word is that only hints."""
    typo: float
    bent: float
    rival: float
    """For each."""
    alone: float
    """What is left of the doubt."""
    before_thing: float
    before_colour: float
    second: float
    view: float

    @property
    def levels(self) -> dict[Level, float]:
        """How sure each level of keyword is."""
        return {"tag": 1.0, "specific": self.specific, "primary": self.primary, "secondary": self.secondary}


WEIGHTS = Weights(
    specific=0.98,
    primary=0.95,
    secondary=0.16,
    typo=0.98,
    bent=0.6,
    rival=0.74,
    alone=0.56,
    before_thing=0.55,
    before_colour=0.1,
    second=0.68,
    view=0.15,
)
