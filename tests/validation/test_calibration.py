"""What a threshold is learnt of, and what none is learnt of."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.errors import CalibrationError
from comfy_gen.validation.calibration import Calibration, compared, learn

PROMPTS = [f"a thing of kind {number}" for number in range(8)]


def matrix(own, other):
    """Similarities of eight pictures: those with their own prompts, and one for all others."""
    return [[own[row] if row == column else other for column in range(8)] for row in range(8)]


def learnt(similarities, prompts=PROMPTS):
    return learn(similarities, prompts, at=7.0)


def test_threshold_is_half_way_where_nothing_overlaps():
    calibration = learnt(matrix([0.30, 0.32, 0.34, 0.36, 0.31, 0.33, 0.35, 0.37], 0.20))
    assert calibration.threshold == pytest.approx(0.25)
    assert (calibration.own.passed, calibration.other.passed, calibration.auc) == (1.0, 0.0, 1.0)
    assert (calibration.pairs, calibration.at) == (8, 7.0)


def test_what_is_let_pass_is_told_where_they_overlap():
    similarities = matrix([0.10, *[0.40] * 7], 0.20)
    similarities[1][0] = 0.50
    calibration = learnt(similarities)
    assert calibration.threshold == pytest.approx(0.30)
    assert calibration.own.passed == 7 / 8
    assert calibration.other.passed == 1 / 56
    # 7 pictures beat 55 of 56, the first beats none.
    assert calibration.auc == pytest.approx(7 * 55 / (8 * 56))


def test_lowest_of_equally_good_thresholds_is_taken():
    """Seven wrong of 56 cost as much as one right of eight: 0.25 passes 8 and 7, 0.45 passes 7 and none."""
    similarities = matrix([0.3, *[0.5] * 7], 0.2)
    for row in range(1, 8):
        similarities[row][0] = 0.4
    calibration = learnt(similarities)
    assert calibration.threshold == pytest.approx(0.25)
    assert (calibration.own.passed, calibration.other.passed) == (1.0, 7 / 56)


def test_equal_prompts_are_not_held_against_each_other():
    prompts = ["A Red  fox", "a red fox ", *PROMPTS[2:]]
    similarities = matrix([0.4] * 8, 0.2)
    similarities[0][1] = similarities[1][0] = 0.39
    own, other = compared(similarities, prompts)
    assert (len(own), len(other), max(other)) == (8, 54, 0.2)
    assert learnt(similarities, prompts).other.count == 54


def test_spread_is_told():
    own = learnt(matrix([0.31, 0.32, 0.33, 0.34, 0.35, 0.36, 0.37, 0.38], 0.2)).own
    assert (own.count, own.least, own.median, own.most) == (8, 0.31, pytest.approx(0.345), 0.38)
    assert (own.lower, own.upper) == (pytest.approx(0.3275), pytest.approx(0.3625))


def test_neighbouring_numbers_are_told_apart():
    low = 0.3
    high = math.nextafter(low, 1)
    calibration = learnt(matrix([high] * 8, low))
    assert (calibration.threshold, calibration.other.passed, calibration.own.passed) == (high, 0.0, 1.0)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 pictures with a prompt are"), (1, "1 picture with a prompt is"), (7, "7 pictures")]
)
def test_too_few_pairs_are_refused(count, said):
    with pytest.raises(CalibrationError, match=f"{said}.*too few"):
        learnt([[0.3] * count] * count, PROMPTS[:count])


def test_equal_prompts_alone_are_refused():
    with pytest.raises(CalibrationError, match="all the prompts are the same"):
        learnt(matrix([0.4] * 8, 0.2), ["A fox", *["a fox"] * 7])


def test_model_that_tells_nothing_apart_is_refused():
    with pytest.raises(CalibrationError, match=r"right in 50% .* of 8 pictures, where guessing gives 50% and 72%"):
        learnt(matrix([0.3] * 8, 0.3))


def test_model_that_has_it_the_wrong_way_is_refused():
    with pytest.raises(CalibrationError, match="right in 0% of the comparisons"):
        learnt(matrix([0.1] * 8, 0.3))


def test_what_luck_gives_few_pairs_is_refused():
    """Five of eight in front is 0.62: with so few, guessing may well come that far."""
    with pytest.raises(CalibrationError, match="right in 62%"):
        learnt(matrix([0.4] * 5 + [0.1] * 3, 0.2))


def test_little_is_refused_however_many_say_so():
    count = 40
    similarities = [[0.2] * count for _ in range(count)]
    for place in range(count):
        similarities[place][place] = 0.4 if place < 25 else 0.1
    with pytest.raises(CalibrationError, match="65% is needed"):
        learnt(similarities, [f"thing {number}" for number in range(count)])


def test_similarities_that_are_no_numbers_are_refused():
    with pytest.raises(CalibrationError, match="no numbers"):
        learnt(matrix([math.nan, *[0.4] * 7], 0.2))


values = st.floats(-1, 1, allow_nan=False)


@given(st.lists(st.lists(values, min_size=8, max_size=8), min_size=8, max_size=8))
def test_no_other_threshold_separates_better(similarities):
    try:
        calibration = learnt(similarities)
    except CalibrationError:
        return
    own, other = compared(similarities, PROMPTS)

    def worth(threshold):
        right, wrong = (sum(value >= threshold for value in kind) for kind in (own, other))
        return right * len(other) - wrong * len(own)

    assert worth(calibration.threshold) == max(map(worth, [*own, *other]))
    assert calibration.own.passed == sum(value >= calibration.threshold for value in own) / len(own)


def test_calibration_is_read_back_from_json():
    calibration = learnt(matrix([0.3] * 8, 0.2))
    assert Calibration.from_json(json.loads(json.dumps(calibration.as_json()))) == calibration


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": "0.3"},
        {"threshold": None},
        {"threshold": math.nan},
        {"threshold": True},
        {"pairs": []},
        {"own": {}},
        {"own": 3},
    ],
)
def test_what_is_no_calibration_is_not_read(change):
    kept = learnt(matrix([0.3] * 8, 0.2)).as_json()
    with pytest.raises(ValueError, match=r".+"):
        Calibration.from_json(kept | change)
