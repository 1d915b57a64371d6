from __future__ import annotations

from PIL import Image

from comfy_gen.sandbox.pixels import recolour, resize


def test_resize_reaches_its_size():
    assert resize(Image.new("RGB", (4, 4)), (8, 2)).size == (8, 2)


def test_recolour_replaces_every_value_of_every_channel():
    picture = Image.new("RGB", (1, 1), (0, 100, 255))
    assert recolour(picture, lambda value: 255 - value).getpixel((0, 0)) == (255, 155, 0)
    assert recolour(Image.new("L", (1, 1), 10), lambda value: value / 4).getpixel((0, 0)) == 2
