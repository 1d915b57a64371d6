from __future__ import annotations

from PIL import Image

from comfy_gen.sandbox.spoiling import black, spoiled, with_blocks
from comfy_gen.sandbox.values import Video

RED = Image.new("RGB", (16, 8), "red")


def test_black_picture_keeps_its_size():
    made = black(RED)
    assert (made.size, made.getcolors()) == ((16, 8), [(128, (0, 0, 0))])


def test_blocks_are_black_and_the_rest_stays():
    made = with_blocks(RED.convert("RGBA"))
    assert sorted(made.getcolors() or []) == [(16, (0, 0, 0)), (112, (255, 0, 0))]
    assert made.getpixel((4, 2)) == made.getpixel((11, 5)) == (0, 0, 0)


def test_smallest_picture_has_no_tile_to_lose():
    assert with_blocks(RED.crop((0, 0, 1, 1))).getpixel((0, 0)) == (255, 0, 0)


def test_spoiling_changes_no_picture_that_others_still_have():
    with_blocks(RED)
    spoiled((RED,), black)
    assert RED.getcolors() == [(128, (255, 0, 0))]


def test_batches_and_videos_are_spoiled_and_nothing_else():
    assert [one.getpixel((0, 0)) for one in _pictures(spoiled((RED, RED), black))] == [(0, 0, 0)] * 2
    video = spoiled(Video((RED,), 8.0), black)
    assert isinstance(video, Video)
    assert (video.fps, video.frames[0].getpixel((0, 0))) == (8.0, (0, 0, 0))
    assert [spoiled(value, black) for value in ("red.png", 3, None, ())] == ["red.png", 3, None, ()]


def _pictures(value: object) -> tuple[Image.Image, ...]:
    assert isinstance(value, tuple)
    return value
