from __future__ import annotations

from comfy_gen.engines.capability import Capability, capability_of, lacks
from comfy_gen.engines.need import Need

LOADER = {"input": {"required": {"unet_name": [["quant.gguf"], {}], "device": [["cpu"], {}]}}}
EMPTY_LOADER = {"input": {"required": {"ckpt_name": ["STRING", {}]}}}
INFO = {"KSampler": {"input": {}}, "UnetLoaderGGUF": LOADER, "OddLoader": EMPTY_LOADER}


def test_engine_with_everything_lacks_nothing():
    capability = capability_of(INFO, {"checkpoints": ["sub\\sd15.safetensors"]})
    assert lacks(capability, Need(("KSampler",), (("checkpoints", "sub/sd15.safetensors"),))) == ()


def test_all_that_lacks_is_named():
    capability = capability_of(INFO, {"checkpoints": []})
    need = Need(("KSampler", "FancySampler"), (("checkpoints", "xl.safetensors"),))
    assert lacks(capability, need) == ("the node class FancySampler", "the file checkpoints/xl.safetensors")


def test_folder_of_which_nothing_is_known_is_trusted():
    assert capability_of({}, {"vae": []}).has("loras", "any.safetensors")
    assert Capability().has("loras", "any.safetensors")


def test_name_that_the_loader_knows_without_a_file_is_there():
    assert capability_of({}, {"vae": []}).has("vae", "taesd")
    assert not capability_of({}, {"vae": []}).has("vae", "fine.safetensors")


def test_file_that_a_loader_offers_is_there_though_its_folder_has_another_name():
    capability = capability_of(INFO, {"diffusion_models": ["flux.safetensors"], "unet_gguf": ["quant.gguf"]})
    assert capability.models["diffusion_models"] == {"flux.safetensors", "quant.gguf"}
    assert "cpu" not in {name for names in capability.models.values() for name in names}
