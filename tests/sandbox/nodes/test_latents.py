from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from comfy_gen.sandbox.nodes import latents
from comfy_gen.sandbox.painting import Scene
from comfy_gen.sandbox.values import Conditioning, Latent, Model

SD15, ANY = Model("v1-5.ckpt"), Model("ae.safetensors")


def encoded(*colours: str, size: tuple[int, int] = (16, 24)) -> Latent:
    return latents.encode(pixels=tuple(Image.new("RGB", size, colour) for colour in colours))[0]


def decoded(latent: Latent) -> tuple[Image.Image, ...]:
    return latents.decode(samples=latent, vae=ANY)[0]


def corner(latent: Latent) -> Any:
    return decoded(latent)[0].getpixel((0, 0))


def test_empty_latents_are_of_whole_units():
    assert latents.empty(width=70, height=64, batch_size=2)[0] == Latent(64, 64, 2, channels=4)
    assert latents.empty_16(width=64, height=64)[0] == Latent(64, 64, channels=16)
    assert latents.empty_video(width=64, height=64, length=34)[0] == Latent(64, 64, 1, 33, channels=16)


def test_decoding_an_encoded_picture_gives_it_back():
    assert corner(encoded("red")) == (255, 0, 0)
    assert decoded(encoded("red", size=(20, 20)))[0].size == (16, 16)


def test_decoding_nothing_is_grey():
    assert corner(Latent(8, 8)) == (127, 127, 127)


def test_latent_of_another_family_is_not_decoded():
    with pytest.raises(RuntimeError, match="to have 4 channels, but got 16 channels"):
        latents.decode(samples=Latent(8, 8, channels=16), vae=SD15)


def test_sampled_latent_fits_any_decoder():
    sampled = Latent(8, 8, channels=16).sampled(Scene("x", 1), 1.0)
    assert len(latents.decode(samples=sampled, vae=SD15)[0]) == 1


def test_inpainting_keeps_what_the_mask_leaves():
    mask = Image.new("L", (16, 24), 0)
    mask.paste(255, (8, 0, 16, 24))
    (latent,) = latents.mask_noise(samples=encoded("red"), mask=(mask,))
    (picture,) = decoded(latent.sampled(Scene("blue sea", 1), 1.0))
    assert picture.getpixel((0, 0)) == (255, 0, 0)
    assert picture.getpixel((15, 0)) != (255, 0, 0)


def test_encoding_for_inpainting_greys_what_is_masked():
    (latent,) = latents.encode_for_inpaint(
        pixels=(Image.new("RGB", (16, 16), "red"),), mask=(Image.new("L", (16, 16), 255),), vae=ANY, grow_mask_by=6
    )
    assert corner(latent) == (127, 127, 127)
    assert latent.mask


def test_video_from_a_picture_begins_with_it():
    start = (Image.new("RGB", (99, 50), "red"),)
    (latent,) = latents.video_from_image(width=32, height=32, length=5, vae=ANY, start_image=start)
    assert (latent.frames, latent.base[0].size, corner(latent)) == (5, (32, 32), (255, 0, 0))
    same = Conditioning("a"), Conditioning("b")
    assert latents.wan_video_from_image(positive=same[0], negative=same[1], width=32, height=32, length=5, vae=ANY) == (
        *same,
        Latent(32, 32, 1, 5, channels=16),
    )


def test_upscaling_changes_the_size_only():
    (bigger,) = latents.upscale(samples=encoded("red"), width=32, height=0)
    assert decoded(bigger)[0].size == (32, 48)
    assert decoded(latents.upscale_by(samples=encoded("red"), scale_by=0.5)[0])[0].size == (8, 8)
    assert latents.upscale(samples=encoded("red"), width=0, height=0) == (encoded("red"),)


def test_batches_repeat_join_and_are_taken_from():
    both = latents.batch(samples1=encoded("red"), samples2=encoded("blue"))[0]
    assert [picture.getpixel((0, 0)) for picture in decoded(both)] == [(255, 0, 0), (0, 0, 255)]
    assert len(decoded(latents.repeat(samples=both, amount=2)[0])) == 4
    assert corner(latents.take(samples=both, batch_index=1, length=1)[0]) == (0, 0, 255)
    assert latents.trim(samples=Latent(8, 8, frames=9), trim_amount=1)[0].frames == 5


def test_mixing_is_half_of_each():
    assert corner(latents.mix(samples1=encoded("red"), samples2=encoded("blue"))[0]) == (127, 0, 127)
    blended = latents.mix(samples1=encoded("red"), samples2=encoded("blue"), blend_factor=1.0)
    assert corner(blended[0]) == (255, 0, 0)


def test_composite_crop_and_turns_move_pictures():
    (pasted,) = latents.composite(samples_to=encoded("red"), samples_from=encoded("blue"), x=9, y=0, feather=0)
    (picture,) = decoded(pasted)
    assert [picture.getpixel((x, 0)) for x in (0, 7, 8)] == [(255, 0, 0), (255, 0, 0), (0, 0, 255)]
    assert corner(latents.flip(samples=pasted, flip_method="y-axis: horizontally")[0]) == (0, 0, 255)
    assert corner(latents.crop(samples=pasted, width=8, height=8, x=8, y=0)[0]) == (0, 0, 255)
    assert decoded(latents.rotate(samples=pasted, rotation="90 degrees")[0])[0].size == (24, 16)
    assert latents.same(samples=pasted, multiplier=2.0) == (pasted,)
