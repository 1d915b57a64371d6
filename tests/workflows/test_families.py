import pytest

from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.families import family_in, family_of, family_of_checkpoint, painters_of, paints_pictures


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sd_xl_base_1.0.safetensors", "sdxl"),
        ("ponyDiffusionV6.safetensors", "sdxl"),
        ("v1-5-pruned-emaonly-fp16.safetensors", "sd15"),
        ("sd3.5_large_fp8_scaled.safetensors", "sd3.5"),
        ("flux1-schnell.safetensors", "flux"),
        ("qwen_image_fp8_e4m3fn.safetensors", "qwen-image"),
        ("wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", "wan"),
        ("dreamshaper_8.safetensors", ""),
    ],
)
def test_name_tells_the_family(name, family):
    assert family_in(name) == family


@pytest.mark.parametrize(
    ("template", "family"),
    [
        ("sdxl", "sdxl"),
        ("sd15", "sd15"),
        ("flux-dev", "flux"),
        ("flux-schnell", "flux"),
        ("sd3.5", "sd3.5"),
        ("qwen-image", "qwen-image"),
        ("wan2.2-t2v", "wan"),
        ("upscale", ""),
    ],
)
def test_family_of_what_ships_is_that_of_its_model(template, family):
    assert family_of(load_template(template)) == family


def test_nameless_checkpoint_is_stable_diffusion_1_5():
    workflow = load_template("sd15").workflow
    workflow["1"]["inputs"]["ckpt_name"] = "mine.safetensors"
    assert family_of(derive_template("mine", workflow)) == family_of_checkpoint("mine.safetensors") == "sd15"
    assert family_of_checkpoint("mineXL.safetensors") == "sdxl"


def test_model_without_a_name_of_its_family_has_none():
    workflow = load_template("flux-dev").workflow
    workflow["1"]["inputs"]["unet_name"] = "mine.safetensors"
    assert family_of(derive_template("mine", workflow)) == ""


def test_checkpoints_for_other_things_paint_no_pictures():
    assert paints_pictures("dreamshaper_8.safetensors")
    assert not paints_pictures("sdxl-inpaint.safetensors")


def test_painters_are_the_models_that_paint():
    assert [need.file for need in painters_of(load_template("flux-dev"))] == ["flux1-dev.safetensors"]
