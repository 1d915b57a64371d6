from __future__ import annotations

import pytest
from PIL import Image

from comfy_gen.sandbox.nodes import masks


def dot(size: int = 9) -> tuple[Image.Image, ...]:
    mask = Image.new("L", (size, size), 0)
    mask.putpixel((size // 2, size // 2), 255)
    return (mask,)


def white(mask: Image.Image) -> int:
    return sum(value == 255 for value in mask.tobytes())


def test_solid_mask_has_its_value_and_can_be_inverted():
    (solid,) = masks.solid(value=0.2, width=4, height=2)
    assert (solid[0].size, solid[0].getpixel((0, 0))) == ((4, 2), 51)
    assert masks.invert(mask=solid)[0][0].getpixel((0, 0)) == 204
    assert masks.to_image(mask=solid)[0][0].getpixel((0, 0)) == (51, 51, 51)


@pytest.mark.parametrize(("channel", "value"), [("red", 1), ("green", 2), ("blue", 3), ("alpha", 255)])
def test_mask_is_one_channel_of_a_picture(channel: str, value: int):
    picture = Image.new("RGB", (2, 2), (1, 2, 3))
    assert masks.from_image(image=(picture,), channel=channel)[0][0].getpixel((0, 0)) == value


def test_mask_of_a_colour_is_white_on_exactly_that():
    picture = Image.new("RGB", (2, 1), (1, 2, 3))
    picture.putpixel((1, 0), (1, 2, 4))
    assert masks.from_color(image=(picture,), color=0x010203)[0][0].tobytes() == b"\xff\x00"


def test_crop_ends_at_the_edge():
    assert masks.crop(mask=dot(), x=4, y=4, width=20, height=2)[0][0].size == (5, 2)


@pytest.mark.parametrize(
    ("operation", "inside"),
    [("multiply", 40), ("add", 202), ("subtract", 50), ("and", 0), ("or", 255), ("xor", 255)],
)
def test_masks_are_composed_in_the_box_only(operation: str, inside: int):
    below, above = Image.new("L", (4, 4), 126), Image.new("L", (2, 2), 76)
    if operation in {"or", "xor"}:
        above = Image.new("L", (2, 2), 200)
    (made,) = masks.composite(destination=(below,), source=(above,), x=1, y=1, operation=operation)
    assert made[0].getpixel((0, 0)) == 126
    assert abs(int(made[0].getpixel((1, 1))) - inside) <= 3  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("expand", "tapered", "grown"), [(0, True, 1), (2, True, 13), (2, False, 25), (-1, False, 0)])
def test_mask_grows_and_shrinks(expand: int, tapered: bool, grown: int):
    (made,) = masks.grow(mask=dot(), expand=expand, tapered_corners=tapered)
    assert white(made[0]) == grown


def test_feather_fades_towards_the_edges_named():
    (made,) = masks.feather(mask=(Image.new("L", (8, 1), 255),), left=4, top=0, right=0, bottom=0)
    assert list(made[0].tobytes()) == [64, 128, 191, 255, 255, 255, 255, 255]


def test_threshold_makes_black_and_white():
    (made,) = masks.threshold(mask=(Image.frombytes("L", (3, 1), bytes([50, 127, 128])),), value=0.5)
    assert list(made[0].tobytes()) == [0, 0, 255]
