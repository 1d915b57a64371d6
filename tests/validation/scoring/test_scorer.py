"""Scoring for an event loop, with the real classes of `transformers` on a tiny model."""

import asyncio
import threading
from dataclasses import astuple
from types import SimpleNamespace

import pytest
from PIL import Image

from comfy_gen.errors import MissingExtraError, ScoringModelError
from comfy_gen.validation import ImageValidator
from comfy_gen.validation.scoring import loading
from comfy_gen.validation.scoring.loading import MODELS
from comfy_gen.validation.scoring.scorer import ClipScorer, Score, is_available
from tests.tiny_clip import tiny_clip

__all__ = ["tiny_clip"]


def noise(number=0):
    return Image.effect_noise((20 + number, 30), 80).convert("RGB")


class Recorder:
    """A model that waits to be let go, and tells what it was asked; each embedding is of the picture's width."""

    def __init__(self):
        self.go = threading.Event()
        self.go.set()
        self.began = threading.Event()
        self.batches = []
        self.texts_seen = []
        self.threads = set()

    def get(self, name, **options):
        self.name, self.options = name, options
        return self

    def leave_a_core(self):
        self.threads.add(threading.current_thread())

    def texts(self, texts):
        self.began.set()
        assert self.go.wait(5)
        self.texts_seen.append(list(texts))
        return [(len(text) / 100, 0.0) for text in texts]

    def pictures(self, pictures, batch_size):
        self.batches.append(len(pictures))
        return [(picture.width / 100, 0.0) for picture in pictures]


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def scorer(recorder):
    return ClipScorer("some/clip", batch_size=4, offline=True, models=recorder)


async def held(scorer, recorder):
    """Begin to score one picture, and return its task when the thread is amid it."""
    recorder.go.clear()
    task = asyncio.create_task(scorer.scores([Image.new("RGB", (10, 1))], "x" * 50, ""))
    assert await asyncio.to_thread(recorder.began.wait, 5)
    return task


def wide(*widths):
    return [Image.new("RGB", (width, 1)) for width in widths]


async def test_scores_are_those_of_the_validator(tiny_clip, tmp_path):
    picture = noise()
    picture.save(tmp_path / "picture.png")
    scorer = ClipScorer(str(tiny_clip), device="cpu")
    [score] = await scorer.scores([picture], "a (red:1.2) car", "a fox")
    validator = ImageValidator(str(tiny_clip), device="cpu")
    expected = validator.compute_clip_score(tmp_path / "picture.png", "a red car", "a fox")
    assert scorer.model == str(tiny_clip)
    assert astuple(score) == pytest.approx(tuple(expected.values()), abs=1e-4)


async def test_without_a_negative_prompt_there_is_no_delta(tiny_clip):
    scorer = ClipScorer(str(tiny_clip))
    scores = await scorer.scores([noise(1), noise(2)], "a red car", " ")
    assert [(score.negative, score.delta) for score in scores] == [(None, None)] * 2
    assert all(0 < score.positive < 1 for score in scores)


async def test_each_picture_is_compared_with_each_prompt(scorer):
    rows = await scorer.similarities(wide(10, 20), ["x" * 50, "(" + "x" * 100 + ":1.2)", "x" * 50])
    assert rows == [[pytest.approx(0.05), pytest.approx(0.1), 0.05], [pytest.approx(0.1), pytest.approx(0.2), 0.1]]


async def test_no_pictures_have_no_scores(scorer):
    assert await scorer.scores([], "a", "b") == []


async def test_what_waits_goes_through_the_model_together(scorer, recorder):
    first = await held(scorer, recorder)
    jobs = [asyncio.create_task(scorer.scores(wide(10, 20), "x" * 50, "x" * 10)) for _ in range(3)]
    await asyncio.sleep(0)
    recorder.go.set()
    assert await first == [Score(0.05)]
    for one, other in await asyncio.gather(*jobs):
        assert astuple(one) == pytest.approx((0.05, 0.01, 0.04))
        assert astuple(other) == pytest.approx((0.1, 0.02, 0.08))
    assert recorder.batches == [1, 4, 2]  # four is what a batch takes
    assert recorder.texts_seen[1:] == [["x" * 50, "x" * 10]] * 2  # each text once
    assert len(recorder.threads) == 1
    assert recorder.options == {"device": "auto", "offline": True}


async def test_more_pictures_than_a_batch_takes_are_one_ask(scorer, recorder):
    assert len(await scorer.scores(wide(*range(1, 12)), "x", "")) == 11
    assert recorder.batches == [11]


async def test_who_is_cancelled_while_waiting_costs_nothing(scorer, recorder):
    first = await held(scorer, recorder)
    waiting = asyncio.create_task(scorer.scores(wide(10), "x", ""))
    await asyncio.sleep(0)
    waiting.cancel()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(asyncio.CancelledError):
        await waiting
    recorder.go.set()
    assert [round(score.positive, 6) for score in await scorer.scores(wide(30), "x" * 50, "")] == [0.15]
    assert recorder.batches == [1, 1]


async def test_the_loop_goes_on_while_the_model_works(scorer, recorder):
    first = await held(scorer, recorder)
    turns = 0
    while turns < 10:
        await asyncio.sleep(0)
        turns += 1
    assert not first.done()
    recorder.go.set()
    await first


async def test_an_ask_that_fails_spoils_no_other(scorer, recorder):
    first = await held(scorer, recorder)
    good = asyncio.create_task(scorer.scores(wide(10), "x", ""))
    bad = asyncio.create_task(scorer.scores([SimpleNamespace()], "x", ""))
    await asyncio.sleep(0)
    recorder.go.set()
    await first
    assert len(await good) == 1
    with pytest.raises(AttributeError, match="width"):
        await bad
    assert len(await scorer.scores(wide(10), "x", "")) == 1


async def test_weights_that_are_not_there_are_an_error_each_time(tmp_path):
    scorer = ClipScorer(str(tmp_path / "none"))
    found = await asyncio.gather(*(scorer.scores([noise()], "a", "") for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [ScoringModelError] * 3


def test_it_serves_one_loop_after_another(tiny_clip):
    scorer = ClipScorer(str(tiny_clip))
    for _ in range(2):
        assert len(asyncio.run(scorer.scores([noise()], "a", ""))) == 1


def test_making_one_loads_nothing(recorder):
    ClipScorer("some/clip", models=recorder)
    assert not hasattr(recorder, "name")


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    assert is_available()
    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda _: None)
    assert not is_available()
    with pytest.raises(MissingExtraError, match="clip"):
        ClipScorer("some/clip")


def test_by_itself_it_uses_the_models_of_the_process():
    assert ClipScorer("some/clip")._models is MODELS


async def test_model_is_loaded_before_there_is_a_picture(scorer, recorder):
    scorer.prepare()
    assert await scorer.scores([], "a fox", "") == []
    assert recorder.options == {"device": "auto", "offline": True}
    assert recorder.texts_seen == recorder.batches == []


async def test_failure_to_prepare_is_told_to_who_compares_something(tmp_path):
    scorer = ClipScorer(str(tmp_path / "none"), offline=True)
    scorer.prepare()
    with pytest.raises(ScoringModelError):
        await scorer.scores(wide(10), "a fox", "")
