"""Tells from the names of a file's tensors what kind of model it is, and of which family. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comfy_gen.models.safetensors import Header

_ENCODERS = r"cond_stage_model\.|conditioner\.|text_encoders\.|first_stage_model\.|vae\."
_LORA = r"[._]lora_(up|down|A|B)\.|[._]hada_w1|[._]lokr_w1|\.dora_scale$|\.oft_(blocks|diag)"
_CONTROL = (
    r"(^|\.)(control_model|controlnet_blocks|controlnet_cond_embedding|controlnet_down_blocks|input_hint_block)\."
)
_PAINTERS = (
    r"^(model\.diffusion_model\.|double_blocks\.|joint_blocks\.|single_transformer_blocks\.|transformer_blocks\.\d)"
    r"|^(input_blocks\.\d+\.|down_blocks\.\d+\.attentions\.|blocks\.\d+\.(cross_attn|self_attn)\.)"
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (folder, re.compile(pattern))
    for folder, pattern in (
        ("loras", _LORA),
        ("controlnet", _CONTROL),
        ("diffusion_models", _PAINTERS),
        ("clip_vision", r"^(vision_model\.encoder|visual\.transformer)\."),
        ("text_encoders", r"^(text_model\.encoder|encoder\.block\.\d+\.layer|transformer\.resblocks|model\.layers)\."),
        ("text_encoders", r"^(transformer\.text_model|shared\.weight|text_model)"),
        ("vae", r"^(first_stage_model\.)?(encoder|decoder)\.(conv_in|conv_out|conv1|down_blocks|up_blocks|down|up)\."),
        ("upscale_models", r"^(model\.\d+\.sub\.|body\.\d+\.rdb|RRDB_trunk|conv_body\.|params_ema)"),
        ("embeddings", r"^(emb_params|clip_[lg]|t5xxl)$"),
    )
)
"""A file is of the first kind that any of its tensors shows."""

_BY_METADATA: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (family, re.compile(pattern, re.IGNORECASE))
    for family, pattern in (
        ("flux", r"flux"),
        ("sd3.5", r"stable-diffusion-v?3|\bsd3"),
        ("qwen-image", r"qwen"),
        ("wan", r"\bwan"),
        ("sdxl", r"sdxl|stable-diffusion-xl"),
        ("sd15", r"sd_?(v?1|1\.5)|stable-diffusion-v1"),
    )
)
_SAID_IN = ("modelspec.architecture", "ss_base_model_version")
"""https://github.com/Stability-AI/ModelSpec, and what kohya's trainer writes."""
_BY_TENSORS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        ("flux", r"(^|\.|_)(double_blocks|single_blocks)[._]\d|single_transformer_blocks"),
        ("sd3.5", r"(^|\.|_)joint_blocks[._]\d"),
        ("qwen-image", r"transformer_blocks\.0\.img_mod"),
        ("wan", r"(^|\.)blocks\.0\.cross_attn\.norm_k"),
        ("sdxl", r"^conditioner\.embedders\.1\.|^lora_te2_|input_blocks_8_1_transformer_blocks_9"),
        ("sd15", r"^cond_stage_model\.transformer\.text_model\."),
    )
)
_CONTEXT = re.compile(r"(^|\.)input_blocks\.(4|5|7|8)\.1\.transformer_blocks\.0\.attn2\.to_k\.weight$")
_BY_CONTEXT = {768: "sd15", 2048: "sdxl"}
"""As wide as the texts are that a U-Net listens to."""


def kind_of(header: Header) -> str:
    """Return the folder of ComfyUI that a model belongs in; empty if its tensors do not tell."""
    folder = next((name for name, pattern in _KINDS if any(map(pattern.search, header.tensors))), "")
    if folder == "diffusion_models" and any(re.match(_ENCODERS, key) for key in header.tensors):
        return "checkpoints"
    return folder


def family_of(header: Header) -> str:
    """Return the family that a model is made for, in the words of `workflows.families`; empty if nothing tells."""
    said = " ".join(header.metadata.get(key, "") for key in _SAID_IN)
    if found := next((family for family, pattern in _BY_METADATA if pattern.search(said)), ""):
        return found
    if found := next((family for family, pattern in _BY_TENSORS if any(map(pattern.search, header.tensors))), ""):
        return found
    widths = (tensor.shape[-1:] for key, tensor in header.tensors.items() if _CONTEXT.search(key))
    return next((_BY_CONTEXT[width[0]] for width in widths if width and width[0] in _BY_CONTEXT), "")
