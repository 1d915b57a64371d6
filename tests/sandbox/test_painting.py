from __future__ import annotations

import pytest
from PIL import ImageChops, ImageStat

from comfy_gen.sandbox.painting import Scene, paint, unfinished


def test_same_scene_gives_the_same_picture():
    scene = Scene("a red mountain at sunset", 7)
    assert paint(scene, 96, 64).tobytes() == paint(scene, 96, 64).tobytes()


@pytest.mark.parametrize(
    "other",
    [
        Scene("a blue lake", 7),
        Scene("a mountain", 8),
        Scene("a mountain", 7, negative="clouds"),
        Scene("a mountain", 7, steps=3),
        Scene("a mountain", 7, cfg=2.0),
        Scene("a mountain", 7, style="another model"),
        Scene("a mountain", 7, time=0.5),
    ],
)
def test_everything_that_is_asked_for_shows(other: Scene):
    assert paint(Scene("a mountain", 7), 64, 64).tobytes() != paint(other, 64, 64).tobytes()


@pytest.mark.parametrize("size", [(16, 16), (64, 512), (512, 64), (1, 1)])
def test_picture_has_the_size_asked_for(size: tuple[int, int]):
    picture = paint(Scene("a city in the forest by the sea", 1), *size)
    assert (picture.size, picture.mode) == (size, "RGB")


def test_colour_words_give_the_colour():
    red, green, _ = ImageStat.Stat(paint(Scene("a red mountain", 3), 64, 64).crop((0, 48, 64, 64))).mean
    assert red > green


def test_night_is_darker_than_day():
    night, day = (ImageStat.Stat(paint(Scene(text, 5), 64, 64).convert("L")).mean[0] for text in ("night", "sunny day"))
    assert night < day


def test_fewer_steps_leave_more_grain():
    def grain(steps: int) -> float:
        picture = paint(Scene("day", 2, steps=steps), 64, 64).crop((0, 0, 64, 12))
        return ImageStat.Stat(ImageChops.difference(picture, ImageChops.offset(picture, 1, 0))).mean[0]

    assert grain(1) > grain(30)


def test_unfinished_picture_comes_closer_with_every_step():
    picture = paint(Scene("sea", 1), 64, 64)

    def distance(done: float) -> float:
        apart = ImageChops.difference(picture, unfinished(picture, done=done, seed=1))
        return ImageStat.Stat(apart.convert("L")).mean[0]

    assert distance(0.25) > distance(0.75) > distance(1.0) == 0


def test_batch_goes_on_with_the_next_seeds():
    assert Scene("x", 5).at(2, 0.0) == Scene("x", 7)
