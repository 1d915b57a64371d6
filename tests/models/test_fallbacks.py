import pytest

from comfy_gen.models.fallbacks import Fallback, fallbacks


@pytest.mark.parametrize(
    ("folder", "file", "other", "reason"),
    [
        ("checkpoints", "sd_xl_base_1.0.safetensors", "sd_xl_base_1.0_fp16.safetensors", "fp16 rather than its usual"),
        ("text_encoders", "t5xxl_fp8_e4m3fn.safetensors", "t5xxl_fp16.safetensors", "fp16 rather than fp8 e4m3fn"),
        ("diffusion_models", "flux1-dev.safetensors", "flux1-dev-Q4_K_S.gguf", "q4ks rather than"),
        ("diffusion_models", "flux1-dev.safetensors", "flux1-dev-Q8_0.gguf", "q80 rather than"),
        ("checkpoints", "v1-5-pruned-emaonly.safetensors", "sd15/v1-5-pruned-emaonly.ckpt", "in another file"),
    ],
)
def test_same_model_in_another_precision_or_format_stands_in(folder, file, other, reason):
    (found,) = fallbacks((folder, file), [other])
    assert found.file == other
    assert found.reason.startswith("the same model")
    assert reason in found.reason


def test_same_model_goes_before_its_family_and_this_before_a_like_name():
    available = ["sd_xl_bases_2.safetensors", "juggernautXL.safetensors", "sd_xl_base_1.0_fp16.safetensors"]
    found = fallbacks(("checkpoints", "sd_xl_base_1.0.safetensors"), available)
    assert found[0].file == "sd_xl_base_1.0_fp16.safetensors"
    assert Fallback("juggernautXL.safetensors", "another model of the family sdxl") in found


@pytest.mark.parametrize(
    ("folder", "file", "other"),
    [
        ("checkpoints", "sd_xl_base_1.0.safetensors", "v1-5-pruned.safetensors"),
        ("checkpoints", "sd_xl_base_1.0.safetensors", "sd_xl_refiner_1.0.safetensors"),
        ("diffusion_models", "wan2.2_t2v_high_noise_14B_fp8.safetensors", "wan2.2_t2v_low_noise_14B_fp8.safetensors"),
        ("diffusion_models", "wan2.2_t2v_high_noise_14B_fp8.safetensors", "wan2.2_i2v_high_noise_14B_fp8.safetensors"),
        ("loras", "pencil_sdxl.safetensors", "pencil_flux.safetensors"),
        ("text_encoders", "clip_l.safetensors", "clip_g.safetensors"),
        ("text_encoders", "t5xxl_fp8.safetensors", "umt5_xxl_fp8.safetensors"),
        ("vae", "ae.safetensors", "sdxl_vae.safetensors"),
        ("upscale_models", "RealESRGAN_x4plus.pth", "zebra.pth"),
    ],
)
def test_what_does_not_fit_never_stands_in(folder, file, other):
    assert fallbacks((folder, file), [other]) == ()


def test_like_name_is_told_as_no_more_than_that():
    (found,) = fallbacks(("loras", "pencil_drawing_v1.safetensors"), ["pencil_drawing_v2.safetensors"])
    assert "look whether" in found.reason


def test_no_more_than_asked_for_are_told_each_once():
    available = [f"sd_xl_{number}.safetensors" for number in range(9)]
    found = fallbacks(("checkpoints", "sd_xl_base.safetensors"), available, limit=2)
    assert len({one.file for one in found}) == 2


def test_nothing_there_is_nothing_to_stand_in():
    assert fallbacks(("vae", "ae.safetensors"), ["ae.safetensors"]) == ()
