"""The checks that need no model: broken pictures are found, and honest ones are let pass."""

import io
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from comfy_gen.sandbox.painting import Scene, paint
from comfy_gen.validation.basic import BITS, LEAST_DISTANCE, Finding, findings_of, likenesses
from comfy_gen.validation.looking.fingerprint import NOTHING

CHECKS = ["undecodable", "black", "white", "single_colour", "blank", "dead_blocks", "blur"]
SIDE = 320


def faults(picture, **options):
    return [finding.check for finding in findings_of(picture, **options) if not finding.passed]


def finding(picture, check, **options):
    return next(one for one in findings_of(picture, **options) if one.check == check)


def landscape(text="a meadow", seed=1, size=(SIDE, SIDE)):
    return paint(Scene(text, seed), *size)


def flat(colour, side=64):
    return Image.new("RGB", (side, side), colour)


def grain(middle, strength, side=64):
    dice = random.Random(1)
    pixels = bytes(max(0, min(255, round(dice.gauss(middle, strength)))) for _ in range(side * side))
    return Image.frombytes("L", (side, side), pixels)


def spotted():
    page = flat("grey", side=256)
    page.putpixel((9, 9), (0, 0, 0))
    return page


def stars(count=40, side=256):
    dice, sky = random.Random(2), Image.new("L", (side, side))
    for _ in range(count):
        sky.putpixel((dice.randrange(side), dice.randrange(side)), dice.randrange(120, 256))
    return sky


def drawing(paper, ink, box=(120, 120, 134, 134)):
    page = Image.new("RGB", (512, 512), paper)
    ImageDraw.Draw(page).ellipse(box, fill=ink)
    return page


def with_soft_background():
    sharp = landscape("a city", seed=3, size=(512, 512))
    soft = sharp.filter(ImageFilter.GaussianBlur(8))
    soft.paste(sharp.crop((200, 300, 312, 412)), (200, 300))
    return soft


def animation(*frames):
    target = io.BytesIO()
    frames[0].save(target, "PNG", save_all=True, append_images=frames[1:])
    return Image.open(target)


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (flat("black"), "black"),
        (flat((3, 3, 3)), "black"),
        (grain(4, 1.5), "black"),
        (flat("white"), "white"),
        (flat((250, 251, 252)), "white"),
        (flat((0, 0, 200)), "single_colour"),
        (grain(127, 0.6), "single_colour"),
        (spotted(), "blank"),
        (landscape().filter(ImageFilter.GaussianBlur(6)), "blur"),
    ],
)
def test_broken_picture_has_one_fault_with_figure_and_reason(picture, fault):
    assert faults(picture) == [fault]
    found = finding(picture, fault)
    assert f"{found.limit:g}" in found.reason
    assert all(one.reason == "" for one in findings_of(picture) if one.check != fault)


def test_figures_of_all_checks_are_given_where_one_has_the_fault():
    found = {one.check: one.figure for one in findings_of(flat("black"))}
    assert found == dict.fromkeys(CHECKS, 0.0)


@pytest.mark.parametrize("text", ["a night with stars", "snow in winter", "fog", "a red desert", "a city by the sea"])
@pytest.mark.parametrize("size", [(64, 64), (320, 320), (256, 384)])
def test_landscape_passes(text, size):
    assert faults(landscape(text, size=size), size=size) == []


@pytest.mark.parametrize(
    "picture",
    [
        stars(),
        drawing("white", "black"),
        drawing("black", "white"),
        drawing((200, 200, 200), (120, 0, 0)),
        Image.linear_gradient("L").resize((300, 300)),
        Image.radial_gradient("L").resize((300, 300)),
        Image.linear_gradient("L").resize((64, 64)),
        grain(127, 50, side=128),
        with_soft_background(),
        drawing("black", (0, 0, 60)),
    ],
)
def test_honest_picture_passes(picture):
    assert faults(picture) == []


def test_blue_that_looks_dark_in_grey_is_not_black():
    assert faults(flat((0, 0, 60))) == ["single_colour"]


def test_reason_says_what_was_measured():
    assert finding(flat((3, 3, 3)), "black").reason == (
        "it is almost black: nothing in it is lighter than 3 of 255, and 12 is the least"
    )


def test_another_size_than_asked_for_is_a_fault_beside_others():
    assert faults(flat("black"), size=(128, 64)) == ["size", "black"]
    found = finding(flat("black"), "size", size=(128, 64))
    assert (found.figure, found.reason) == (64.0, "it is 64x64 pixels, not 128x64 as asked for")


def test_size_is_not_judged_where_none_is_known():
    assert [one.check for one in findings_of(landscape())] == CHECKS
    assert [one.check for one in findings_of(landscape(), size=(SIDE, SIDE))] == [CHECKS[0], "size", *CHECKS[1:]]


def test_dead_tile_is_a_fault():
    torn = landscape()
    torn.paste("black", (64, 128, 128, 192))
    assert faults(torn) == ["dead_blocks"]
    assert finding(torn, "dead_blocks").figure == 0.04


def test_black_tile_of_what_was_cut_out_is_no_fault():
    torn = landscape()
    torn.paste("black", (64, 128, 128, 192))
    torn.putalpha(Image.radial_gradient("L").resize(torn.size))
    assert faults(torn) == []


class TestTransparency:
    @pytest.mark.parametrize("colour", [(0, 0, 0, 0), (200, 20, 20, 0)])
    def test_picture_that_is_all_transparent_is_blank(self, colour):
        assert faults(Image.new("RGBA", (64, 64), colour)) == ["blank"]

    @pytest.mark.parametrize("ink", ["black", "white", "grey"])
    def test_drawing_on_nothing_passes(self, ink):
        page = Image.new("RGBA", (128, 128))
        ImageDraw.Draw(page).ellipse((30, 30, 90, 90), fill=ink)
        assert faults(page) == []

    def test_opaque_black_is_black(self):
        assert faults(Image.new("RGBA", (64, 64), "black")) == ["black"]


class TestAnimation:
    def test_that_begins_in_black_passes(self):
        assert faults(animation(flat("black"), landscape(size=(64, 64)), flat("black"))) == []

    def test_that_is_black_throughout_is_black(self):
        assert faults(animation(flat("black"), flat((1, 1, 1)), flat((2, 2, 2)))) == ["black"]

    def test_dead_block_in_one_frame_is_a_fault(self):
        torn = landscape()
        torn.paste("black", (64, 128, 128, 192))
        assert faults(animation(landscape(), landscape("snow"), torn)) == ["dead_blocks"]

    def test_stays_where_it_was(self):
        moving = animation(flat("red"), flat("blue"), flat("lime"))
        moving.seek(1)
        findings_of(moving)
        assert moving.tell() == 1
        assert moving.convert("RGB").getpixel((0, 0)) == (0, 0, 255)


class TestModes:
    @pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "RGBA", "LA", "I", "F", "HSV", "YCbCr"])
    def test_landscape_passes_in(self, mode):
        grey_first = landscape(size=(64, 64)).convert("L") if mode in {"LA", "I", "F"} else landscape(size=(64, 64))
        assert faults(grey_first.convert(mode)) == []

    def test_sixteen_bits_are_not_cut_off(self):
        deep = landscape(size=(64, 64)).convert("L").convert("I").point(lambda value: value * 257)
        assert faults(deep.convert("I;16")) == []

    @pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, 1e30])
    def test_numbers_that_are_no_brightness_have_figures(self, value):
        assert all(math.isfinite(one.figure) for one in findings_of(Image.new("F", (9, 9), value)))

    @given(st.data())
    def test_any_small_picture_has_finite_figures_and_at_most_one_fault(self, data):
        mode = data.draw(st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I", "F", "CMYK"]))
        size = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
        empty = Image.new(mode, size)
        content = data.draw(st.binary(min_size=len(empty.tobytes()), max_size=len(empty.tobytes())))
        found = findings_of(Image.frombytes(mode, size, content))
        assert all(math.isfinite(one.figure) and one.passed == (one.reason == "") for one in found)
        assert sum(not one.passed for one in found) <= 1


class TestLikenesses:
    ALIKE = (1 << 30) - 1
    OTHER = ~ALIKE & ((1 << BITS) - 1)

    def test_later_one_of_two_that_are_alike_is_the_duplicate(self):
        found = likenesses([self.OTHER, self.ALIKE, self.ALIKE ^ 1])
        assert [one.passed for one in found] == [True, True, False]
        assert found[2] == Finding(
            "duplicate",
            passed=False,
            figure=1.0,
            limit=LEAST_DISTANCE,
            reason=f"it is nearly the same as picture 2: 1 of {BITS} marks differ, below {LEAST_DISTANCE}",
        )

    @pytest.mark.parametrize(("bits", "passed"), [(LEAST_DISTANCE - 1, False), (LEAST_DISTANCE, True)])
    def test_limit_counts_bits(self, bits, passed):
        assert likenesses([self.ALIKE, self.ALIKE ^ ((1 << bits) - 1)])[1].passed is passed

    def test_what_shows_nothing_is_like_nothing(self):
        assert all(one.passed for one in likenesses([NOTHING, NOTHING]))

    def test_first_picture_has_nothing_to_be_like(self):
        assert likenesses([self.ALIKE]) == [Finding("duplicate", passed=True, figure=BITS, limit=LEAST_DISTANCE)]
        assert likenesses([]) == []


def test_animation_that_breaks_off_is_told_and_not_raised():
    frames = [Image.effect_noise((64, 64), 80 + number).convert("RGB") for number in range(3)]
    whole = io.BytesIO()
    frames[0].save(whole, "PNG", save_all=True, append_images=frames[1:])
    torn = Image.open(io.BytesIO(whole.getvalue()[: len(whole.getvalue()) // 2]))
    torn.load()
    [finding] = findings_of(torn)
    assert (finding.check, finding.passed) == ("undecodable", False)
