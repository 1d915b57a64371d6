from __future__ import annotations

import pytest
from PIL import Image

from comfy_gen.sandbox.nodes import images
from comfy_gen.sandbox.values import Model


def square(colour: object = "red", size: tuple[int, int] = (32, 16)) -> tuple[Image.Image, ...]:
    return (Image.new("RGB", size, colour),)  # pyright: ignore[reportArgumentType]


def pixel(outputs: tuple[tuple[Image.Image, ...], ...], at: tuple[int, int] = (0, 0)) -> object:
    return outputs[0][0].getpixel(at)


def test_empty_image_has_the_colour_of_its_number():
    (batch,) = images.empty(width=4, height=2, batch_size=3, color=0x102030)
    assert [picture.size for picture in batch] == [(4, 2)] * 3
    assert batch[0].getpixel((0, 0)) == (16, 32, 48)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(8, 8, (8, 8)), (16, 0, (16, 8)), (0, 4, (8, 4)), (0, 0, (32, 16))]
)
@pytest.mark.parametrize("crop", ["disabled", "center"])
def test_scale_follows_the_side_that_is_given(width: int, height: int, size: tuple[int, int], crop: str):
    (batch,) = images.scale(image=square(), upscale_method="lanczos", width=width, height=height, crop=crop)
    assert batch[0].size == size


def test_centre_crop_keeps_proportions():
    picture = Image.new("RGB", (40, 10), "black")
    picture.paste("white", (15, 0, 25, 10))
    (batch,) = images.scale(image=(picture,), upscale_method="nearest-exact", width=10, height=10, crop="center")
    assert batch[0].getcolors() == [(100, (255, 255, 255))]


def test_other_scalings_reach_their_size():
    sizes = [
        images.scale_by(image=square(), upscale_method="area", scale_by=0.5),
        images.scale_to_pixels(image=square(), upscale_method="bilinear", megapixels=0.01),
        images.scale_to_side(image=square(), upscale_method="bicubic", largest_size=64),
        images.scale_for_kontext(image=square()),
        images.resize_and_pad(
            image=square(), target_width=20, target_height=20, padding_color="white", interpolation="area"
        ),
    ]
    assert [batch[0].size for (batch,) in sizes] == [(16, 8), (145, 72), (64, 32), (1456, 720), (20, 20)]


def test_padding_goes_around_the_middle():
    outputs = images.resize_and_pad(
        image=square(), target_width=20, target_height=20, padding_color="white", interpolation="nearest-exact"
    )
    assert [pixel(outputs, (0, y)) for y in (0, 10, 19)] == [(255, 255, 255), (255, 0, 0), (255, 255, 255)]


def test_invert_is_the_complement():
    assert pixel(images.invert(image=square((1, 2, 3)))) == (254, 253, 252)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("normal", (100, 150, 50)),
        ("multiply", (69, 89, 50)),
        ("screen", (130, 161, 100)),
        ("overlay", (89, 128, 50)),
        ("difference", (50, 0, 100)),
    ],
)
def test_blend_is_the_one_of_its_mode(mode: str, expected: tuple[int, int, int]):
    outputs = images.blend(
        image1=square((100, 100, 100)), image2=square((100, 200, 0)), blend_factor=0.5, blend_mode=mode
    )
    assert all(abs(a - b) <= 1 for a, b in zip(pixel(outputs), expected, strict=True))  # pyright: ignore[reportArgumentType]


def test_blend_brings_the_second_to_the_first_ones_size():
    (batch,) = images.blend(image1=square(), image2=square(size=(9, 9)) * 2, blend_factor=0, blend_mode="normal")
    assert [picture.size for picture in batch] == [(32, 16)] * 2


def test_filters_leave_a_plain_picture_as_it_is():
    plain = square((10, 200, 30))
    made = [
        images.blur(image=plain, blur_radius=3, sigma=1.0),
        images.sharpen(image=plain, sharpen_radius=1, sigma=1.0, alpha=1.0),
        images.quantize(image=plain, colors=2, dither="none"),
        images.quantize(image=plain, colors=2, dither="floyd-steinberg"),
    ]
    assert [pixel(outputs) for outputs in made] == [(10, 200, 30)] * 4


def test_edges_are_white_where_the_picture_changes():
    picture = Image.new("RGB", (20, 20), "black")
    picture.paste("white", (10, 0, 20, 20))
    (batch,) = images.edges(image=(picture,), low_threshold=0.1, high_threshold=0.2)
    assert (batch[0].getpixel((2, 10)), batch[0].getpixel((10, 10))) == ((0, 0, 0), (255, 255, 255))


def test_flips_and_turns_move_the_corner():
    picture = Image.new("RGB", (3, 2), "black")
    picture.putpixel((0, 0), (255, 255, 255))
    made = {
        "x": images.flip(image=(picture,), flip_method="x-axis: vertically"),
        "y": images.flip(image=(picture,), flip_method="y-axis: horizontally"),
        "90": images.rotate(image=(picture,), rotation="90 degrees"),
        "0": images.rotate(image=(picture,), rotation="none"),
    }
    corners = {
        name: next(i for i, v in enumerate(batch[0].convert("L").tobytes()) if v) for name, (batch,) in made.items()
    }
    assert corners == {"x": 3, "y": 2, "90": 1, "0": 0}


@pytest.mark.parametrize(("name", "factor"), [("RealESRGAN_x4plus.pth", 4), ("2x_anime.pth", 2), ("best.pth", 4)])
def test_upscale_model_has_the_factor_of_its_name(name: str, factor: int):
    (batch,) = images.upscale(upscale_model=Model(name), image=square())
    assert batch[0].size == (32 * factor, 16 * factor)
