from __future__ import annotations

import pytest
from PIL import Image

from comfy_gen.sandbox.painting import Scene
from comfy_gen.sandbox.values import Latent, Model

SCENE = Scene("a mountain", 1)


@pytest.mark.parametrize(
    ("name", "channels"), [("tiny_sd15.ckpt", 4), ("sd_xl_base_1.0.safetensors", 4), ("flux1-dev.safetensors", None)]
)
def test_name_of_an_old_model_tells_its_latents(name: str, channels: int | None):
    assert Model(name).latent_channels == channels


def test_loras_add_up():
    assert Model("m").with_lora("a").with_lora("b").loras == ("a", "b")


def test_latent_decodes_to_one_picture_for_each_frame_of_each_of_its_count():
    latent = Latent(16, 8, count=2, frames=3).sampled(SCENE, 1.0)
    pictures = latent.pictures()
    assert [picture.size for picture in pictures] == [(16, 8)] * 6
    assert len({picture.tobytes() for picture in pictures}) == 6


def test_later_layers_cover_earlier_ones_by_their_strength():
    base = Latent(16, 16, base=(Image.new("RGB", (16, 16), "red"),))
    assert base.sampled(SCENE, 0.0).glimpse(16, 16).getcolors() == [(256, (255, 0, 0))]
    assert (
        base.sampled(SCENE, 1.0).glimpse(16, 16).tobytes()
        == Latent(16, 16).sampled(SCENE, 1.0).glimpse(16, 16).tobytes()
    )


def test_flat_latent_shows_the_same():
    latent = Latent(16, 16).sampled(SCENE, 1.0)
    assert latent.flat().layers == ()
    assert latent.flat().pictures()[0].tobytes() == latent.pictures()[0].tobytes()
    assert latent.flat().flat() is not latent
    empty = Latent(16, 16)
    assert empty.flat() is empty


def test_glimpse_is_of_the_size_asked_for():
    assert Latent(512, 512).sampled(SCENE, 1.0).glimpse(32, 16).size == (32, 16)
