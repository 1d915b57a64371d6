"""Fingerprints: near for the same picture in another guise, far for another picture."""

import io
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from comfy_gen.sandbox.painting import Scene, paint
from comfy_gen.validation.basic import LEAST_DISTANCE
from comfy_gen.validation.looking.fingerprint import BITS, NOTHING, fingerprint_of


def landscape(seed, text="a black night by the sea"):
    return paint(Scene(text, seed), 320, 320)


def distance(first, second):
    return (fingerprint_of(first) ^ fingerprint_of(second)).bit_count()


def as_jpeg(picture):
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=80)
    return Image.open(target)


@pytest.mark.parametrize(
    "changed",
    [
        as_jpeg,
        lambda picture: picture.resize((160, 160)),
        lambda picture: ImageEnhance.Brightness(picture).enhance(1.05),
        lambda picture: picture.convert("RGBA"),
    ],
)
def test_same_picture_in_another_guise_is_near(changed):
    for seed in range(4):
        picture = landscape(seed, "a meadow")
        assert distance(picture, changed(picture)) < LEAST_DISTANCE


def test_pictures_of_one_prompt_with_other_seeds_are_far():
    prints = [fingerprint_of(landscape(seed)) for seed in range(12)]
    assert min((one ^ other).bit_count() for one, other in combinations(prints, 2)) >= LEAST_DISTANCE


def test_mirrored_picture_is_far():
    picture = landscape(1)
    assert distance(picture, picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) > LEAST_DISTANCE


@pytest.mark.parametrize("colour", ["black", "white", "red"])
def test_picture_that_shows_nothing_has_none(colour):
    assert fingerprint_of(Image.new("RGB", (64, 64), colour)) == NOTHING


@given(st.binary(min_size=48, max_size=48), st.sampled_from([(8, 6), (48, 1), (1, 48)]))
def test_any_picture_has_a_fingerprint_that_stays(pixels, size):
    picture = Image.frombytes("L", size, pixels)
    assert 0 <= fingerprint_of(picture) < 1 << BITS
    assert fingerprint_of(picture) == fingerprint_of(picture.copy())
