"""How well categories are inferred, on sentences labelled by hand; those of `check` were never tuned on.

The bounds lie a bit below what is reached: a change of keywords may cost a sentence or two, and no more.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from comfy_gen.composition.categories.registry import shipped
from comfy_gen.composition.texts.clues import Clue
from comfy_gen.composition.texts.weights import WEIGHTS

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/calibrate_categories.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("calibrate_categories", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lexicon():
    return shipped().lexicon


def test_parts_share_no_sentence_and_name_only_categories_that_ship(script, lexicon):
    tuning, check = script.sentences("tuning"), script.sentences("check")
    assert min(len(tuning), len(check)) >= 150
    assert not {text for text, _ in tuning} & {text for text, _ in check}
    assert all(meant <= lexicon.kinds.keys() for _, meant in [*tuning, *check])


@pytest.mark.parametrize(
    ("part", "precision", "recall", "error"), [("tuning", 0.91, 0.94, 0.07), ("check", 0.87, 0.89, 0.08)]
)
def test_categories_are_inferred_well(script, lexicon, part, precision, recall, error):
    figures = script.figures_of(*script.cases_of(script.sentences(part), lexicon))
    assert figures.precision >= precision
    assert figures.recall >= recall
    assert figures.calibration_error <= error


def test_figures_are_those_of_the_cases(script):
    sure, hint = (Clue("primary"),), (Clue("secondary"),)
    cases = [script.Case("cat", sure, True), script.Case("dog", sure, False), script.Case("car", hint, True)]
    figures = script.figures_of(cases, 1, replace(WEIGHTS, primary=0.95, secondary=0.15))
    assert figures.precision == 1 / 2
    assert figures.recall == 1 / 3
    assert figures.calibration_error == pytest.approx((0.9 + 0.85) / 3)


def test_fit_follows_what_is_seen_often_and_leaves_the_rest(script):
    cases = [script.Case("cat", (Clue("primary"),), place % 2 == 0) for place in range(2_000)]
    fitted = script.fit(cases)
    assert fitted.primary == pytest.approx(0.5, abs=0.1)
    assert replace(fitted, primary=script.PRIOR.primary) == script.PRIOR


def test_weights_are_what_the_script_fits(script, lexicon):
    cases, _ = script.cases_of(script.sentences("tuning"), lexicon)
    fitted, prior = script.fit(cases), script.PRIOR
    assert all(abs(getattr(fitted, name) - getattr(WEIGHTS, name)) <= 0.05 for name in prior.__dataclass_fields__), (
        "run: python scripts/calibrate_categories.py --write"
    )
