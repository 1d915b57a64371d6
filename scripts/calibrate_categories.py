"""Fits how much each clue counts to labelled sentences, and says how well categories are then inferred.

    python scripts/calibrate_categories.py            # measures
    python scripts/calibrate_categories.py --write    # fits, writes composition/texts/weights.py, and measures

Only sentences of the part `tuning` are fitted to. Those of the part `check` are for measuring alone.
"""

from __future__ import annotations

import argparse
import math
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from comfy_gen.composition.categories.registry import shipped
from comfy_gen.composition.texts import weights as module
from comfy_gen.composition.texts.confidence import confidence_of
from comfy_gen.composition.texts.inference import by_category
from comfy_gen.composition.texts.parsing import wanted_hints
from comfy_gen.composition.texts.weights import WEIGHTS, Weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comfy_gen.composition.texts.clues import Clue
    from comfy_gen.composition.texts.lexicon import Lexicon

SENTENCES = Path(__file__).resolve().parent.parent / "tests/composition/sentences.yaml"
THRESHOLD = 0.3
"""That of a request that names none."""

PRIOR = Weights(
    specific=0.97,
    primary=0.92,
    secondary=0.22,
    typo=0.95,
    bent=0.6,
    rival=0.74,
    alone=0.55,
    before_thing=0.55,
    before_colour=0.1,
    second=0.7,
    view=0.15,
)
"""Fitted so before any keyword was chosen with these sentences in mind: since, keywords look better with them than they
are with others, and secondary ones worse. Only ``second`` is higher: the woman in "portrait of a woman" is meant.
``view`` came later: nobody means a human by "portrait of a cat"."""
PULL = 400.0
"""How much the fit is drawn there."""
STEPS = (0.1, 0.05, 0.02, 0.01)


class Case(NamedTuple):
    """A category that something in a sentence hints at."""

    category: str
    clues: tuple[Clue, ...]
    is_meant: bool


class Figures(NamedTuple):
    """How well categories are inferred."""

    precision: float
    recall: float
    calibration_error: float
    """Expected: how far confidence is from being right so often, on average over all cases."""


def sentences(part: str) -> list[tuple[str, frozenset[str]]]:
    """Return the texts of a part, each with the categories that it means."""
    entries = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    return [(each["text"], frozenset(each["categories"])) for each in entries if each["part"] == part]


def cases_of(labelled: Iterable[tuple[str, frozenset[str]]], lexicon: Lexicon) -> tuple[list[Case], int]:
    """Return all cases, and how many categories are meant that nothing hints at."""
    cases: list[Case] = []
    missed = 0
    for text, meant in labelled:
        hints = by_category(wanted_hints(text, lexicon))
        cases += [Case(id_, tuple(hint.clue for hint in those), id_ in meant) for id_, those in hints.items()]
        missed += len(meant - hints.keys())
    return cases, missed


def figures_of(cases: Sequence[Case], missed: int, weights: Weights = WEIGHTS) -> Figures:
    """Return how well categories are inferred with these weights."""
    confidences = [(confidence_of(case.clues, weights), case.is_meant) for case in cases]
    said = [is_meant for confidence, is_meant in confidences if confidence >= THRESHOLD]
    meant = sum(case.is_meant for case in cases) + missed
    return Figures(
        precision=sum(said) / len(said),
        recall=sum(said) / meant,
        calibration_error=sum(abs(total) for total in _gaps(confidences).values()) / len(confidences),
    )


def _gaps(confidences: Iterable[tuple[float, bool]]) -> dict[int, float]:
    """Return for each tenth of confidence by how much it is too high, summed over its cases."""
    gaps: dict[int, float] = {}
    for confidence, is_meant in confidences:
        tenth = min(9, int(confidence * 10))
        gaps[tenth] = gaps.get(tenth, 0.0) + confidence - is_meant
    return gaps


def fit(cases: Sequence[Case]) -> Weights:
    """Return the weights that make what is meant likeliest, not far from what was thought before."""
    weights, best = PRIOR, _loss(cases, PRIOR)
    for step in STEPS:
        improved = True
        while improved:
            improved = False
            for other in _neighbours(weights, step):
                if (loss := _loss(cases, other)) < best - 1e-9:
                    weights, best, improved = other, loss, True
    return weights


def _neighbours(weights: Weights, step: float) -> Iterable[Weights]:
    for name, value in asdict(weights).items():
        for moved in (value - step, value + step):
            if 0.02 <= moved <= 0.98:  # nothing is certain, and no clue tells nothing
                yield replace(weights, **{name: round(moved, 3)})


def _loss(cases: Sequence[Case], weights: Weights) -> float:
    likelihood = sum(_log_chance(case, weights) for case in cases)
    distance = sum((value - getattr(PRIOR, name)) ** 2 for name, value in asdict(weights).items())
    return PULL * distance - likelihood


def _log_chance(case: Case, weights: Weights) -> float:
    confidence = min(max(confidence_of(case.clues, weights), 0.001), 0.999)
    return math.log(confidence if case.is_meant else 1 - confidence)


def write(weights: Weights) -> None:
    """Write the numbers into the module."""
    path = Path(str(module.__file__))
    lines = "".join(f"    {name}={value:g},\n" for name, value in asdict(weights).items())
    text = re.sub(
        r"WEIGHTS = Weights\(\n.*?\)\n", f"WEIGHTS = Weights(\n{lines})\n", path.read_text("utf-8"), flags=re.DOTALL
    )
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Fit if asked to, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="fit the weights and write them")
    parser.add_argument("--part", action="append", choices=["tuning", "check"], help="measure only these")
    asked = parser.parse_args()
    lexicon, weights = shipped().lexicon, WEIGHTS
    if asked.write:
        weights = fit(cases_of(sentences("tuning"), lexicon)[0])
        write(weights)
        print(weights)
    for part in asked.part or ["tuning", "check"]:
        print(part, figures_of(*cases_of(sentences(part), lexicon), weights))


if __name__ == "__main__":
    main()
