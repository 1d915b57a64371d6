"""What is visible of pictures of all modes."""

import io

import pytest
from PIL import Image

from comfy_gen.validation.looking.visible import frames, is_clear, is_opaque, ranges, reduced, visible


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_plain_picture_is_not_copied(mode):
    picture = Image.new(mode, (4, 4))
    assert visible(picture) is picture


@pytest.mark.parametrize(("ink", "ground"), [("black", 255), ("white", 0)])
def test_what_is_transparent_gets_the_farther_ground(ink, ground):
    page = Image.new("RGBA", (8, 8))
    page.paste(ink, (2, 2, 6, 6))
    shown = visible(page)
    assert (shown.mode, shown.getpixel((0, 0))) == ("RGB", (ground,) * 3)
    assert shown.getpixel((3, 3)) == (255 - ground,) * 3


def test_hidden_colours_do_not_show():
    page = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    page.paste((0, 0, 0, 255), (2, 2, 6, 6))
    assert visible(page).getcolors() == [(48, (255, 255, 255)), (16, (0, 0, 0))]


@pytest.mark.parametrize(
    ("mode", "value", "shown"), [("I;16", 65535, 255), ("I;16", 257 * 20, 20), ("I", 200, 200), ("F", 30.0, 30)]
)
def test_numbers_are_scaled_by_the_bits_that_they_need(mode, value, shown):
    assert visible(Image.new(mode, (4, 4), value)).getextrema() == (shown, shown)


def test_transparent_palette_colour_is_transparent():
    page = Image.new("P", (4, 4))
    page.info["transparency"] = 0
    assert (is_opaque(page), is_clear(page)) == (False, True)


@pytest.mark.parametrize(
    ("colour", "opaque", "clear"),
    [((1, 2, 3, 255), True, False), ((1, 2, 3, 9), False, False), ((1, 2, 3, 0), False, True)],
)
def test_transparency_is_told_from_having_the_channel(colour, opaque, clear):
    page = Image.new("RGBA", (4, 4), colour)
    assert (is_opaque(page), is_clear(page)) == (opaque, clear)


@pytest.mark.parametrize(("size", "expected"), [((1024, 512), (512, 256)), ((1216, 832), (406, 278)), ((9, 3), (9, 3))])
def test_reduced_copy_is_within_the_side(size, expected):
    assert reduced(Image.new("RGB", size), 512).size == expected


def test_ranges_are_of_each_channel():
    assert ranges(Image.new("RGB", (2, 2), (1, 2, 3))) == [(1, 1), (2, 2), (3, 3)]
    assert ranges(Image.new("L", (2, 2), 7)) == [(7, 7)]


@pytest.mark.parametrize(("count", "seen"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (6, [0, 2, 5])])
def test_first_last_and_one_between_are_looked_at(count, seen):
    target, pages = io.BytesIO(), [Image.new("L", (8, 8), 10 * number) for number in range(count)]
    pages[0].save(target, "PNG", save_all=True, append_images=pages[1:])
    moving = Image.open(target)
    assert [frame.convert("L").getpixel((0, 0)) for frame in frames(moving)] == [10 * number for number in seen]
    assert moving.tell() == 0


def test_animation_is_put_back_where_looking_was_broken_off():
    target, pages = io.BytesIO(), [Image.new("L", (8, 8), 10 * number) for number in range(4)]
    pages[0].save(target, "PNG", save_all=True, append_images=pages[1:])
    moving = Image.open(target)
    moving.seek(2)
    looking = frames(moving)
    next(looking)
    looking.close()
    assert moving.tell() == 2
