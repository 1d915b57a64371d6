"""The blocks that NaN leaves: found in a living picture, and not where black belongs."""

import random

import pytest
from PIL import Image, ImageDraw

from comfy_gen.sandbox.painting import Scene, paint
from comfy_gen.sandbox.spoiling import with_blocks
from comfy_gen.validation.looking.dead_blocks import dead_share

SIDE = 384
ALL = SIDE * SIDE


def alive(width=SIDE, height=SIDE, text="a meadow"):
    return paint(Scene(text, 4), width, height)


def torn(*boxes, picture=None):
    picture = picture or alive()
    for box in boxes:
        picture.paste(0 if picture.mode == "L" else (0, 0, 0), box)
    return picture


@pytest.mark.parametrize(
    ("boxes", "pixels"),
    [
        ([(64, 64, 128, 128)], 64 * 64),
        ([(8, 200, 136, 328)], 128 * 128),
        ([(0, 0, 128, 128)], 128 * 128),  # a corner
        ([(64, 64, 128, 128), (256, 256, 384, 384)], 64 * 64 + 128 * 128),
        ([(0, 0, 192, SIDE)], ALL // 2),
        ([(0, 192, SIDE, SIDE)], ALL // 2),
        ([(0, 128, SIDE, 256)], ALL // 3),  # a row of tiles
        ([(160, 64, 224, 320), (64, 160, 320, 224)], 64 * 96 * 2 + 256 * 64),  # three passes over tiles leave a cross
    ],
)
def test_share_of_torn_out_blocks(boxes, pixels):
    assert dead_share(torn(*boxes)) == pytest.approx(pixels / ALL)


@pytest.mark.parametrize("size", [(64, 64), (256, 256), (512, 320)])
def test_sandbox_fault_is_found(size):
    assert dead_share(with_blocks(alive(*size))) == pytest.approx(2 / 16)


def test_block_is_found_in_grey():
    assert dead_share(torn((64, 64, 128, 128), picture=alive().convert("L"))) > 0


def frame(edge):
    return torn((0, 0, SIDE, edge), (0, SIDE - edge, SIDE, SIDE), (0, 0, edge, SIDE), (SIDE - edge, 0, SIDE, SIDE))


def silhouette():
    picture, dice = alive(), random.Random(1)
    ridge = [(x, 200 + dice.randrange(-30, 30)) for x in range(0, SIDE + 1, 12)]
    ImageDraw.Draw(picture).polygon([*ridge, (SIDE, SIDE), (0, SIDE)], fill="black")
    return picture


def plot():
    page = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(page).rectangle((64, 64, 127, 319), fill="black")
    return page


def faded():
    return Image.composite(alive(), Image.new("RGB", (SIDE, SIDE)), Image.linear_gradient("L").resize((SIDE, SIDE)))


@pytest.mark.parametrize(
    "picture",
    [
        alive(),
        alive(text="a night with stars"),
        torn((0, 0, SIDE, 48), (0, SIDE - 48, SIDE, SIDE)),  # a letterbox
        torn((0, 0, 96, SIDE), (SIDE - 96, 0, SIDE, SIDE)),  # a pillarbox
        frame(64),
        torn((0, SIDE - 64, SIDE, SIDE)),  # a caption
        torn((64, 64, 112, 112)),  # smaller than any tile
        torn((67, 69, 203, 201)),  # off the grid
        torn((64, 64, 128, 128)).resize((500, 500)),  # enlarged
        silhouette(),
        plot(),
        faded(),
        Image.new("RGB", (SIDE, SIDE)),
        Image.new("L", (1, 1)),
    ],
)
def test_black_that_may_belong_there_is_none(picture):
    assert dead_share(picture) == 0


def test_tile_that_is_only_almost_black_is_none():
    picture = torn((64, 64, 128, 128))
    picture.putpixel((100, 100), (0, 0, 1))
    assert dead_share(picture) == 0
