from __future__ import annotations

import pytest
from PIL import Image

from comfy_gen.sandbox.nodes import layout

RED = (Image.new("RGB", (32, 16), "red"),)
BLUE = (Image.new("RGB", (8, 8), "blue"),)


def test_crop_ends_at_the_edge():
    sizes = [layout.crop(image=RED, width=20, height=50, x=x, y=4)[0][0].size for x in (0, 30, 500)]
    assert sizes == [(20, 12), (2, 12), (1, 12)]


def test_outpainting_adds_grey_and_masks_it():
    pictures, masks = layout.pad(image=RED, left=8, top=0, right=0, bottom=4, feathering=0)
    assert (pictures[0].size, masks[0].size) == ((40, 20), (40, 20))
    assert [pictures[0].getpixel(at) for at in ((0, 0), (8, 0))] == [(127, 127, 127), (255, 0, 0)]
    assert [masks[0].getpixel(at) for at in ((0, 0), (8, 0), (8, 16))] == [255, 0, 255]


def test_feathering_fades_only_towards_padded_sides():
    _, (mask,) = layout.pad(image=RED, left=8, top=0, right=0, bottom=0, feathering=4)
    assert [mask.getpixel((x, 8)) for x in range(7, 13)] == [255, 255, 143, 64, 16, 0]
    assert mask.getpixel((39, 8)) == 0


def test_batches_grow_repeat_and_are_taken_from():
    (both,) = layout.batch(image1=RED, image2=BLUE)
    assert [picture.size for picture in both] == [(32, 16), (32, 16)]
    assert len(layout.repeat(image=both, amount=3)[0]) == 6
    assert layout.take(image=both, batch_index=1, length=5) == (both[1:],)
    assert layout.take(image=both, batch_index=9, length=1) == (both[1:],)


@pytest.mark.parametrize(
    ("direction", "match", "size", "first"),
    [
        ("right", True, (32 + 2 + 16, 16), (255, 0, 0)),
        ("left", True, (32 + 2 + 16, 16), (0, 0, 255)),
        ("down", False, (32, 16 + 2 + 8), (255, 0, 0)),
        ("up", True, (32, 16 + 2 + 32), (0, 0, 255)),
    ],
)
def test_stitch_joins_in_its_direction(direction: str, match: bool, size: tuple[int, int], first: tuple[int, int, int]):
    (made,) = layout.stitch(
        image1=RED, image2=BLUE, direction=direction, match_image_size=match, spacing_width=2, spacing_color="white"
    )
    assert made[0].size == size
    assert made[0].getpixel((0, 0)) == first


def test_stitch_of_one_is_that_one():
    assert layout.stitch(
        image1=RED, direction="right", match_image_size=True, spacing_width=0, spacing_color="white"
    ) == (RED,)


def test_composite_pastes_where_the_mask_is_white():
    half = Image.new("L", (8, 8), 0)
    half.paste(255, (0, 0, 4, 8))
    (made,) = layout.composite(destination=RED, source=BLUE, x=2, y=2, resize_source=False, mask=(half,))
    assert [made[0].getpixel((x, 4)) for x in (0, 3, 7)] == [(255, 0, 0), (0, 0, 255), (255, 0, 0)]
    (whole,) = layout.composite(destination=RED, source=BLUE, x=0, y=0, resize_source=True)
    assert whole[0].getcolors() == [(512, (0, 0, 255))]


def test_alpha_is_joined_inverted_and_split_back():
    mask = (Image.new("L", (32, 16), 55),)
    (joined,) = layout.join_alpha(image=RED, alpha=mask)
    assert joined[0].getpixel((0, 0)) == (255, 0, 0, 200)
    pictures, masks = layout.split_alpha(image=joined)
    assert (pictures[0].getpixel((0, 0)), masks[0].getpixel((0, 0))) == ((255, 0, 0), 55)


def test_video_comes_apart_as_it_was_put_together():
    (video,) = layout.make_video(images=RED, fps=8.0)
    assert layout.video_parts(video=video) == (RED, None, 8.0)
