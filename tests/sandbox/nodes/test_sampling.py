from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.sandbox.nodes import sampling
from comfy_gen.sandbox.values import Conditioning, Guider, Latent, Model, Noise, Sigmas

if TYPE_CHECKING:
    from tests.sandbox.nodes.bench import Bench

MODEL = Model("m", ("lora:1",))
COMMON: dict[str, Any] = {
    "model": MODEL,
    "cfg": 7.0,
    "positive": Conditioning("cat"),
    "negative": Conditioning("dog"),
    "latent_image": Latent(512, 256),
    "sampler_name": "euler",
    "scheduler": "normal",
}


async def test_sampler_takes_its_steps_and_shows_each(bench: Bench):
    (latent,) = await sampling.sample(bench, seed=5, steps=3, denoise=0.5, **COMMON)
    assert bench.loaded == ["m"]
    assert bench.steps == [(1, 3), (2, 3), (3, 3)]
    assert {look.size for look in bench.looks} == {(256, 128)}
    (layer,) = latent.layers
    assert (layer.strength, layer.scene.seed, layer.scene.text, layer.scene.negative) == (0.5, 5, "cat", "dog")
    assert layer.scene.style == "m lora:1"


@pytest.mark.parametrize(
    ("first", "last", "steps", "strength"), [(0, 10000, 6, 1.0), (3, 6, 3, 0.5), (2, 4, 2, 2 / 3), (6, 2, 0, 0.0)]
)
async def test_advanced_sampler_takes_a_part_of_the_steps(
    bench: Bench, first: int, last: int, steps: int, strength: float
):
    (latent,) = await sampling.sample_advanced(
        bench, add_noise="enable", noise_seed=5, steps=6, start_at_step=first, end_at_step=last, **COMMON
    )
    assert (len(bench.steps), latent.layers[0].strength) == (steps, pytest.approx(strength))


async def test_custom_samplers_are_made_of_parts(bench: Bench):
    (sigmas,) = sampling.schedule(model=MODEL, scheduler="normal", steps=4, denoise=0.7)
    (guider,) = sampling.guide_cfg(model=MODEL, positive=COMMON["positive"], negative=COMMON["negative"], cfg=7.0)
    (noise,) = sampling.noise(noise_seed=5)
    made = await sampling.sample_custom_advanced(
        bench, noise=noise, guider=guider, sampler="euler", sigmas=sigmas, latent_image=Latent(64, 64)
    )
    assert made[0].layers[0].strength == 0.7
    assert made[0] == made[1]
    inputs = {**COMMON, "latent_image": Latent(64, 64), "sampler": "euler", "sigmas": sigmas}
    same = await sampling.sample_custom(bench, add_noise=True, noise_seed=5, **inputs)
    assert same == made


async def test_first_frame_of_a_video_stays_to_be_seen(bench: Bench):
    from PIL import Image

    started = Latent(64, 64, frames=5, base=(Image.new("RGB", (64, 64)),))
    (latent,) = await sampling.sample(bench, seed=5, steps=1, **{**COMMON, "latent_image": started})
    assert latent.layers[0].strength == 0.6


def test_sigmas_are_split():
    assert sampling.split(sigmas=Sigmas(10), step=4) == (Sigmas(4), Sigmas(6, 0.6))
    assert sampling.split(sigmas=Sigmas(0), step=4) == (Sigmas(0), Sigmas(0, 0.0))
    assert sampling.split_at_denoise(sigmas=Sigmas(10), denoise=0.3) == (Sigmas(7), Sigmas(3, 0.3))
    assert sampling.same_sigmas(sigmas=Sigmas(3)) == (Sigmas(3),)


def test_parts_are_what_they_are_made_from():
    cat, dog = Conditioning("cat"), Conditioning("dog")
    assert sampling.guide(model=MODEL, conditioning=cat) == (Guider(MODEL, cat, Conditioning(""), 1.0),)
    dual = sampling.guide_dual(model=MODEL, cond1=cat, cond2=dog, negative=dog, cfg_conds=3.0, style="regular")
    assert dual == (Guider(MODEL, Conditioning("cat dog"), dog, 3.0),)
    assert sampling.choose_sampler(sampler_name="euler") == ("euler",)
    assert sampling.choose_sampler(eta=1.0) == ("custom",)
    assert sampling.noise() == (Noise(None),)
