"""How sharp pictures are, whatever they show."""

import pytest
from PIL import Image, ImageDraw, ImageFilter

from comfy_gen.validation.looking.sharpness import sharpness


def disc(side=512, ink=255, paper=0):
    page = Image.new("L", (side, side), paper)
    ImageDraw.Draw(page).ellipse((side // 4, side // 4, side // 2, side // 2), fill=ink)
    return page


def test_blur_takes_sharpness_the_more_the_wider_it_is():
    figures = [sharpness(disc().filter(ImageFilter.GaussianBlur(radius)))[0] for radius in (0, 1, 2, 4, 8)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 0.5
    assert figures[-1] < 0.1


def test_contrast_hardly_matters():
    strong, weak = sharpness(disc()), sharpness(disc(ink=150, paper=100))
    assert strong[0] == pytest.approx(weak[0], abs=0.05)
    assert strong[1] > weak[1]


def test_same_blur_of_the_whole_is_the_same_at_any_size():
    small = sharpness(disc().filter(ImageFilter.GaussianBlur(4)))[0]
    large = sharpness(disc(2048).filter(ImageFilter.GaussianBlur(16)))[0]
    assert small == pytest.approx(large, abs=0.02)


def test_what_has_no_edges_has_none_that_could_be_sharp():
    assert sharpness(Image.new("RGB", (512, 512), "grey")) == (0.0, 0.0)


@pytest.mark.parametrize(("side", "is_judged"), [(255, False), (256, True)])
def test_nothing_is_said_of_small_pictures(side, is_judged):
    assert (sharpness(disc(side))[1] > 0) is is_judged
