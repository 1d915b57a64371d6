from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, UnidentifiedImageError

from comfy_gen.sandbox.nodes import loaders
from comfy_gen.sandbox.values import Model

if TYPE_CHECKING:
    from tests.sandbox.nodes.bench import Bench

BASE = Model("base")


async def test_checkpoint_is_model_clip_and_vae(bench: Bench):
    assert await loaders.load_checkpoint(bench, ckpt_name="a.ckpt") == (Model("a.ckpt"),) * 3
    assert bench.loaded == ["a.ckpt"]


async def test_model_of_several_files_loads_each(bench: Bench):
    made = await loaders.load_model(bench, clip_name1="a", clip_name2="b", type="flux")
    assert (made, bench.loaded) == ((Model("a + b"),), ["a", "b"])


async def test_lora_goes_where_its_strength_is(bench: Bench):
    strengths = {"strength_model": 0.5, "strength_clip": 0}
    made = await loaders.load_lora(bench, model=BASE, clip=BASE, lora_name="x", **strengths)
    assert made == (BASE.with_lora("x:0.5"), BASE)
    assert await loaders.load_lora_model_only(bench, model=BASE, lora_name="x", strength_model=1) == (
        BASE.with_lora("x:1"),
    )


async def test_lora_of_no_strength_is_not_loaded(bench: Bench):
    assert await loaders.load_lora(bench, model=BASE, clip=BASE, lora_name="x", strength_model=0, strength_clip=0) == (
        BASE,
        BASE,
    )
    assert await loaders.load_lora_model_only(bench, model=BASE, lora_name="x", strength_model=0) == (BASE,)
    assert bench.loaded == []


def test_picture_without_alpha_has_an_empty_mask(bench: Bench):
    Image.new("RGB", (20, 10), "red").save(bench.files.folder("input") / "a.png")
    (picture,), (mask,) = loaders.load_image(bench, image="a.png")
    assert (picture.size, picture.getpixel((0, 0))) == ((20, 10), (255, 0, 0))
    assert (mask.size, mask.getextrema()) == ((64, 64), (0, 0))


def test_mask_is_where_a_picture_is_transparent(bench: Bench):
    Image.new("RGBA", (4, 4), (10, 20, 30, 55)).save(bench.files.folder("output") / "a.png")
    (picture,), (mask,) = loaders.load_image(bench, image="a.png [output]")
    assert (picture.mode, mask.getpixel((0, 0))) == ("RGB", 200)


@pytest.mark.parametrize(("channel", "value"), [("alpha", 200), ("red", 10), ("blue", 30)])
def test_mask_is_one_channel_of_a_file(bench: Bench, channel: str, value: int):
    Image.new("RGBA", (4, 4), (10, 20, 30, 55)).save(bench.files.folder("input") / "a.png")
    assert loaders.load_mask(bench, image="a.png", channel=channel)[0][0].getpixel((0, 0)) == value


def test_every_frame_of_one_size_is_loaded(bench: Bench):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    frames[0].save(bench.files.folder("input") / "a.gif", save_all=True, append_images=frames[1:])
    pictures, masks = loaders.load_image(bench, image="a.gif")
    assert (len(pictures), len(masks)) == (3, 3)


def test_file_that_is_no_picture_or_lies_outside_fails(bench: Bench):
    (bench.files.folder("input") / "a.png").write_text("no picture")
    with pytest.raises(UnidentifiedImageError):
        loaders.load_image(bench, image="a.png")
    with pytest.raises(FileNotFoundError):
        loaders.load_image(bench, image="../../etc/passwd")
