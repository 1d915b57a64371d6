"""The gate: what it says of pictures, with a scorer made up."""

import asyncio
import math

import pytest
from PIL import Image

from comfy_gen.errors import InvalidParameterError, MissingExtraError, ScoringModelError
from comfy_gen.sandbox.painting import Scene, paint
from comfy_gen.validation.gate import SEEN_SIDE, Gate
from comfy_gen.validation.looking.visible import ranges
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.scoring.loading import is_available
from comfy_gen.validation.scoring.similarity import Score
from comfy_gen.validation.thresholds import Thresholds

BLACK = Image.new("RGB", (64, 64))


def landscape(seed=1, size=(64, 64)):
    return paint(Scene("a meadow", seed), *size)


class Scorer:
    """Gives the scores that it was made with, or the error."""

    model = "made-up"

    def __init__(self, *scores, error=None):
        self._scores = scores
        self._error = error
        self.asked = []

    def prepare(self):
        self.is_prepared = True

    async def scores(self, pictures, prompt, negative_prompt):
        self.asked.append((len(pictures), prompt, negative_prompt))
        if self._error is not None:
            raise self._error
        return self._scores


def score(positive, negative=None):
    return Score(positive, negative, None if negative is None else positive - negative)


def gate_of(scorer=None):
    return Gate(Thresholds(None), scorer)


async def judged(scorer, *pictures, quality=None, prompt="a meadow", batches=None, negative=""):
    gate = gate_of(scorer)
    seen = [
        await gate.look(picture, batch=batch) for picture, batch in zip(pictures, batches or [""] * 9, strict=False)
    ]
    return await gate.judge(seen, quality or Quality(), prompt=prompt, negative_prompt=negative)


async def test_picture_of_enough_likeness_passes():
    [verdict] = await judged(Scorer(score(0.3)), landscape())
    assert (verdict.passed, verdict.score, verdict.reason, verdict.flaws) == (True, 0.3, "", 0)
    assert (verdict.threshold, verdict.threshold_source, verdict.model) == (0.25, "default", "made-up")


@pytest.mark.parametrize(("value", "passed"), [(0.25, True), (0.2499, False), (math.nan, False)])
async def test_likeness_counts_from_the_threshold(value, passed):
    [verdict] = await judged(Scorer(score(value)), landscape())
    assert verdict.passed is passed
    assert passed or "its similarity to the prompt is" in verdict.reason


async def test_threshold_that_was_given_counts():
    [verdict] = await judged(Scorer(score(0.3)), landscape(), quality=Quality(positive_threshold=0.31))
    assert (verdict.passed, verdict.threshold_source) == (False, "given")
    assert verdict.reason == "its similarity to the prompt is 0.300, below 0.310"


@pytest.mark.parametrize(("negative", "passed"), [(0.1, True), (0.25, False), (None, True)])
async def test_distance_to_the_negative_prompt_counts_where_there_is_one(negative, passed):
    [verdict] = await judged(Scorer(score(0.3, negative)), landscape(), quality=Quality(delta_threshold=0.1))
    assert verdict.passed is passed


async def test_broken_picture_does_not_pass_and_is_not_scored():
    scorer = Scorer(score(0.3))
    black, good = await judged(scorer, BLACK, landscape(), negative="blur")
    assert (black.passed, black.score, black.flaws) == (False, None, 1)
    assert black.reason.startswith("it is almost black")
    assert (good.passed, good.score) == (True, 0.3)
    assert scorer.asked == [(1, "a meadow", "blur")]


async def test_scorer_is_not_asked_where_all_are_broken():
    scorer = Scorer()
    assert [one.passed for one in await judged(scorer, BLACK)] == [False]
    assert scorer.asked == []


async def test_without_a_prompt_the_findings_alone_count():
    scorer = Scorer()
    verdicts = await judged(scorer, landscape(), BLACK, prompt="  ")
    assert [(one.passed, one.score) for one in verdicts] == [(True, None), (False, None)]
    assert scorer.asked == []


async def test_without_a_scorer_the_findings_alone_count():
    assert [one.passed for one in await judged(None, landscape(), BLACK)] == [True, False]


@pytest.mark.parametrize("error", [ScoringModelError("made-up", "it is not there"), ZeroDivisionError()])
async def test_pictures_that_cannot_be_scored_are_neither_good_nor_bad(error):
    good, black = await judged(Scorer(error=error), landscape(), BLACK)
    assert (good.passed, black.passed) == (None, False)
    assert good.reason
    assert black.reason.startswith("it is almost black")


async def test_prompt_that_is_not_there_keeps_what_was_to_be_scored_from_passing():
    [verdict] = await judged(Scorer(score(0.3)), landscape(), prompt=" ", quality=Quality(positive_threshold=0.2))
    assert (verdict.passed, verdict.score) == (None, None)
    assert "no prompt" in verdict.reason


async def test_folders_of_this_machine_are_told_to_nobody(tmp_path):
    scorer = Scorer(score(0.3))
    scorer.model = str(tmp_path / "my-clip")
    [verdict] = await judged(scorer, landscape())
    assert verdict.model == "my-clip"
    failing = Scorer(error=ScoringModelError(scorer.model, f"{scorer.model} has no config.json"))
    [unscored] = await judged(failing, landscape())
    assert str(tmp_path) not in unscored.reason


async def test_log_says_what_to_do_about_a_model_that_does_not_load(caplog):
    error = ScoringModelError("my-clip", "it was not fetched before")
    await judged(Scorer(error=error), landscape())
    assert caplog.messages == [f"pictures go unscored: {error.message}; {error.hint}"]


async def test_second_of_two_pictures_alike_does_not_pass():
    first, second, other = await judged(None, landscape(), landscape(), landscape(2))
    assert (first.passed, second.passed, other.passed) == (True, False, True)
    assert "nearly the same as picture 1" in second.reason


async def test_pictures_of_several_batches_may_be_alike():
    verdicts = await judged(
        None, landscape(), landscape(2), landscape(), landscape(2), batches=["saved", "saved", "shown", "saved"]
    )
    assert [one.passed for one in verdicts] == [True, True, True, False]


async def test_two_black_pictures_have_one_fault_each():
    assert [one.flaws for one in await judged(None, BLACK, BLACK)] == [1, 1]


async def test_nothing_to_judge_is_judged():
    assert await judged(Scorer()) == []


async def test_size_is_compared():
    seen = await gate_of().look(landscape(), (128, 128))
    assert [one.check for one in seen.findings if not one.passed] == ["size"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16", "P"])
async def test_model_gets_a_small_picture_in_rgb(mode):
    grey = landscape(size=(1100, 600)).convert("L")
    picture = grey.convert("I").point(lambda value: value * 257).convert(mode) if mode == "I;16" else grey.convert(mode)
    seen = await gate_of().look(picture)
    assert seen.small.mode == "RGB"
    assert max(seen.small.size) <= SEEN_SIDE
    [(darkest, lightest)] = ranges(seen.small.convert("L"))
    assert lightest - darkest > 50


async def test_what_is_transparent_does_not_reach_the_model():
    hidden = landscape(size=(64, 64)).convert("RGBA")
    hidden.putalpha(0)
    seen = await gate_of().look(hidden)
    assert seen.small.getcolors() is not None
    assert len(seen.small.getcolors()) == 1


async def test_looking_leaves_the_loop_free():
    looking = asyncio.create_task(gate_of().look(landscape()))
    await asyncio.sleep(0)
    assert not looking.done()
    assert await looking


@pytest.mark.parametrize("quality", [Quality(best_of=2), Quality(positive_threshold=0.2), Quality(delta_threshold=0.1)])
def test_scores_that_nothing_gives_are_refused(quality):
    with pytest.raises(InvalidParameterError if is_available() else MissingExtraError):
        gate_of().check(quality)
    gate_of(Scorer()).check(quality)
    gate_of().check(Quality())


def test_note_says_where_nothing_is_compared():
    assert "not compared" in gate_of().notes[0]
    assert gate_of(Scorer()).notes == []


async def test_verdict_is_json_with_all_findings():
    [verdict] = await judged(Scorer(score(0.3)), landscape())
    data = verdict.as_json()
    assert data["check"] == "quality"
    assert [one["check"] for one in data["findings"]][-1] == "duplicate"
    assert set(data["findings"][0]) == {"check", "passed", "figure", "limit", "reason"}
