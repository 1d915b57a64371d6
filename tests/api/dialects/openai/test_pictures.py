"""Pictures and masks, made fit for a workflow."""

from __future__ import annotations

import pytest
from PIL import Image

from comfy_gen.api.dialects.openai.pictures import LARGEST, fitted, is_cut_out, own_size
from comfy_gen.errors import InputImageError, InvalidParameterError
from tests.api.dialects.openai.sketches import HOLE, mask, opened, picture


def test_picture_of_the_wanted_size_stays_byte_for_byte():
    content = picture((64, 64))
    assert fitted(content, None, (64, 64)).picture is content
    assert fitted(content, None, None) == (content, None)


def test_picture_of_another_shape_covers_the_wanted_size():
    assert opened(fitted(picture((64, 32)), None, (48, 48)).picture).size == (48, 48)


def test_mask_is_white_where_it_was_transparent_and_is_cut_as_the_picture_is():
    fit = fitted(picture(), mask(), (128, 128))
    white = opened(fit.mask)
    assert white.size == opened(fit.picture).size == (128, 128)
    inside, outside = (HOLE[0] // 2 + 16, HOLE[1] // 2 + 16), (4, 4)
    assert (white.getpixel(inside), white.getpixel(outside)) == ((255, 255, 255), (0, 0, 0))


def test_mask_of_another_size_is_refused():
    with pytest.raises(InvalidParameterError, match="as large as the image, 256x256") as caught:
        fitted(picture(), mask((128, 128)), None)
    assert caught.value.name == "mask"


def test_mask_in_which_nothing_is_transparent_is_refused():
    with pytest.raises(InvalidParameterError, match="transparent where the image"):
        fitted(picture(), picture(), None)


@pytest.mark.parametrize("content", [b"no picture", picture()[:60]])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(InputImageError):
        fitted(content, None, None)


def test_picture_lies_as_its_camera_says():
    turned = Image.Exif()
    turned[274] = 6
    content = picture((64, 32), kind="JPEG", exif=turned)
    assert fitted(content, None, (32, 64)).picture is content


def test_only_what_is_too_large_gets_another_size():
    assert own_size(picture((1536, 1024))) is None
    width, height = own_size(picture((3000, 1000)))
    assert width * height <= LARGEST
    assert (width % 8, height % 8) == (0, 0)
    assert width / height == pytest.approx(3, rel=0.02)


def test_picture_is_cut_out_where_parts_of_it_are_transparent():
    assert is_cut_out(mask())
    assert not is_cut_out(picture())
    assert not is_cut_out(mask(hole=(0, 0, 0, 0)))
