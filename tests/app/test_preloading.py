"""Which models engines load ahead of jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_gen.app.preloading import files_meant, preload_by, preload_of
from comfy_gen.config import Settings
from comfy_gen.config.settings import FleetOptions, ModelOptions
from comfy_gen.errors import ModelManifestError
from comfy_gen.models.manifest import Manifest
from comfy_gen.models.model import Model

PAINTER = Model(file="flux1.safetensors", folder="diffusion_models", name="flux")
ENCODER = Model(file="clip_l.safetensors", folder="text_encoders", name="clip")
DECODER = Model(file="ae.safetensors", folder="vae", name="ae")
MANIFEST = Manifest(
    {"flux": PAINTER, "clip": ENCODER, "ae": DECODER},
    {"all": ("flux", "clip", "ae")},
    {"gpu-1": ("flux",), "*": ("own.safetensors",)},
)


def test_manifest_and_settings_are_put_together():
    assert preload_by(MANIFEST, ["small.ckpt", "gpu-1=large.ckpt", "gpu-2=flux"]) == {
        "gpu-1": ("diffusion_models/flux1.safetensors", "large.ckpt"),
        "gpu-2": ("diffusion_models/flux1.safetensors",),
        "*": ("own.safetensors", "small.ckpt"),
    }


def test_set_stands_for_what_can_be_loaded_by_itself():
    assert files_meant(MANIFEST, "all") == ("diffusion_models/flux1.safetensors",)


def test_decoder_that_is_named_is_meant():
    assert files_meant(MANIFEST, "ae") == ("vae/ae.safetensors",)


@pytest.mark.parametrize("text", ["nobody-knows-it.ckpt", "clip"])
def test_what_the_manifest_cannot_help_with_stays_as_it_is(text):
    assert files_meant(MANIFEST, text) == (text,)


def test_nothing_is_loaded_unless_somebody_said_so():
    assert preload_of(Settings()) == {}


def test_settings_alone_are_enough():
    settings = Settings(fleet=FleetOptions(preload=("gpu-1=sdxl-base",)))
    assert preload_of(settings) == {"gpu-1": ("checkpoints/sd_xl_base_1.0.safetensors",)}


def test_own_manifest_is_read(tmp_path):
    own = tmp_path / "models.yaml"
    own.write_text("preload: {gpu-1: [mine.safetensors]}\n")
    assert preload_of(Settings(models=ModelOptions(manifest=own))) == {"gpu-1": ("mine.safetensors",)}


def test_manifest_that_cannot_be_used_is_told():
    with pytest.raises(ModelManifestError):
        preload_of(Settings(models=ModelOptions(manifest=Path("/nowhere/models.yaml"))))
