from __future__ import annotations

import pytest

from comfy_gen.models.safetensors import Header, Tensor, family_of, kind_of

UNET = "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"


def header(*keys, width=1, **metadata):
    return Header(dict.fromkeys(keys, Tensor("F16", (4, width))), metadata)


@pytest.mark.parametrize(
    ("keys", "folder", "family"),
    [
        ((UNET, "cond_stage_model.transformer.text_model.x", "first_stage_model.decoder.conv_in.weight"), "checkpoints",
         "sd15"),
        ((UNET, "conditioner.embedders.1.model.ln_final.bias"), "checkpoints", "sdxl"),
        (("model.diffusion_model.double_blocks.0.img_attn.qkv.weight",), "diffusion_models", "flux"),
        (("double_blocks.0.img_attn.qkv.weight", "img_in.weight"), "diffusion_models", "flux"),
        (("model.diffusion_model.joint_blocks.0.x", "text_encoders.clip_l.x"), "checkpoints", "sd3.5"),
        (("transformer_blocks.0.img_mod.1.weight",), "diffusion_models", "qwen-image"),
        (("blocks.0.cross_attn.norm_k.weight", "patch_embedding.weight"), "diffusion_models", "wan"),
        (("lora_unet_input_blocks_4_1_proj_in.lora_down.weight",), "loras", ""),
        (("lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight",), "loras", "sdxl"),
        (("lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight",), "loras", "flux"),
        (("transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight",), "loras", "flux"),
        (("lora_unet_x.hada_w1_a",), "loras", ""),
        (("control_model.input_hint_block.0.weight", "control_model.zero_convs.0.0.weight"), "controlnet", ""),
        (("controlnet_cond_embedding.conv_in.weight", "down_blocks.0.attentions.0.norm.weight"), "controlnet", ""),
        (("first_stage_model.decoder.conv_in.weight",), "vae", ""),
        (("encoder.conv_in.weight", "decoder.conv_out.weight"), "vae", ""),
        (("text_model.encoder.layers.0.mlp.fc1.weight",), "text_encoders", ""),
        (("encoder.block.0.layer.0.SelfAttention.q.weight", "shared.weight"), "text_encoders", ""),
        (("vision_model.encoder.layers.0.mlp.fc1.weight",), "clip_vision", ""),
        (("model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"), "upscale_models", ""),
        (("emb_params",), "embeddings", ""),
        (("something.else",), "", ""),
        ((), "", ""),
    ],
)  # fmt: skip
def test_tensors_tell_the_folder_and_the_family(keys, folder, family):
    assert kind_of(header(*keys)) == folder
    assert family_of(header(*keys)) == family


@pytest.mark.parametrize(("width", "family"), [(768, "sd15"), (2048, "sdxl"), (1024, "")])
def test_width_of_the_texts_tells_u_nets_apart(width, family):
    assert family_of(header(UNET, width=width)) == family


@pytest.mark.parametrize(
    ("metadata", "family"),
    [
        ({"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"}, "sdxl"),
        ({"modelspec.architecture": "stable-diffusion-v1"}, "sd15"),
        ({"modelspec.architecture": "flux-1-dev/lora"}, "flux"),
        ({"modelspec.architecture": "stable-diffusion-v3.5-large"}, "sd3.5"),
        ({"ss_base_model_version": "sdxl_base_v1-0"}, "sdxl"),
        ({"ss_base_model_version": "sd_v1"}, "sd15"),
        ({"ss_base_model_version": "sd_v2"}, ""),
        ({"title": "flux"}, ""),
    ],
)
def test_makers_may_say_the_family(metadata, family):
    assert family_of(header("lora_unet_x.lora_up.weight", **metadata)) == family
