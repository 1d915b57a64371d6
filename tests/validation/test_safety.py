"""The check against pictures that show nothing: with scores made up, and with the network itself."""

import importlib.util
import io
import math

import pytest
from PIL import Image

from comfy_gen.errors import MissingExtraError
from comfy_gen.validation.safety import SafetyCheck, Verdict, is_available, unjudged


def picture(grey=0):
    return Image.new("L", (8, 8), grey)


def animation(*greys):
    target = io.BytesIO()
    frames = [Image.new("L", (8, 8), grey) for grey in greys]
    frames[0].save(target, "PNG", save_all=True, append_images=frames[1:])
    return Image.open(target)


def brightness(image):
    """Score a picture by its first pixel."""
    return image.convert("L").getpixel((0, 0)) / 255


@pytest.fixture
def check():
    return SafetyCheck(0.8, scorer=lambda: brightness)


async def test_a_low_score_passes(check):
    assert await check.check(picture(51)) == Verdict(passed=True, score=0.2)


@pytest.mark.parametrize("grey", [204, 255])
async def test_a_score_of_the_threshold_or_more_does_not_pass(check, grey):
    found = await check.check(picture(grey))
    assert (found.passed, found.score) == (False, round(grey / 255, 4))
    assert f"{grey / 255:.2f}" in found.reason


@pytest.mark.parametrize("greys", [(255, 0, 0, 0), (0, 0, 0, 255), (0, 0, 255, 0, 0)])
async def test_the_worst_frame_of_an_animation_counts(check, greys):
    image = animation(*greys)
    assert image.n_frames == len(greys)
    assert not (await check.check(image)).passed
    assert brightness(image) == greys[0] / 255


async def test_an_animation_without_such_a_frame_passes(check):
    assert (await check.check(animation(0, 10))).passed


@pytest.mark.parametrize("score", [math.nan, -0.1, 1.5])
async def test_a_score_that_is_none_does_not_pass(score):
    found = await SafetyCheck(0.8, scorer=lambda: lambda _: score).check(picture())
    assert found == unjudged("it could not be judged: ValueError")


async def test_a_check_that_fails_does_not_let_pass(caplog):
    def broken():
        raise RuntimeError("no such model")

    check = SafetyCheck(0.8, scorer=broken)
    for _ in range(2):
        found = await check.check(picture())
        assert (found.passed, found.score) == (False, 1.0)
        assert "RuntimeError" in found.reason
    assert "no such model" in caplog.text


async def test_the_network_is_loaded_once():
    loaded = []

    def load():
        loaded.append(1)
        return brightness

    check = SafetyCheck(0.8, scorer=load)
    assert not loaded
    await check.check(picture())
    await check.check(picture())
    assert loaded == [1]


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert not is_available()
    with pytest.raises(MissingExtraError) as caught:
        SafetyCheck(0.8)
    assert "[safety]" in caught.value.hint


def test_a_verdict_is_kept_as_json():
    assert Verdict(passed=True, score=0.1).as_json() == {"passed": True, "score": 0.1, "reason": "", "check": "safety"}


async def test_the_network_lets_pass_what_shows_nothing():
    assert is_available()
    check = SafetyCheck(0.8)
    for image in (Image.new("RGB", (64, 48), "green"), Image.new("RGBA", (8, 8)), Image.effect_noise((64, 64), 50)):
        found = await check.check(image)
        assert found.passed
        assert 0.0 < found.score < 0.5
    assert not (await SafetyCheck(0.0).check(picture())).passed
