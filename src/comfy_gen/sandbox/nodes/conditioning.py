"""Nodes that encode, combine and guide conditioning, and those that patch a model. Pure.

What a patch would do to a diffusion model leaves the painted picture as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comfy_gen.sandbox.nodes.latents import encode
from comfy_gen.sandbox.values import Conditioning, Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node
    from comfy_gen.sandbox.values import Latent, Masks, Pictures


def encode_text(*, clip: Model, **texts: Any) -> tuple[Conditioning]:
    """CLIPTextEncode and its kin: the texts of all its encoders, each said once."""
    said = dict.fromkeys(text for name, text in texts.items() if isinstance(text, str) and name != "empty_padding")
    style = f" <{' '.join(clip.loras)}>" if clip.loras else ""
    return (Conditioning(" ".join(said) + style),)


def encode_edit(*, prompt: str, **pictures: Any) -> tuple[Conditioning]:
    """TextEncodeQwenImageEdit(Plus): a text about one to three pictures."""
    guides = tuple(picture for name, batch in pictures.items() if name.startswith("image") for picture in batch)
    return (Conditioning(prompt, guides),)


def same(*, conditioning: Conditioning, **_: Any) -> tuple[Conditioning]:
    """FluxGuidance, areas, time ranges, styles: the text stays."""
    return (conditioning,)


def empty(**_: Any) -> tuple[Conditioning]:
    """ConditioningZeroOut."""
    return (Conditioning(""),)


def combine(*, conditioning_1: Conditioning, conditioning_2: Conditioning) -> tuple[Conditioning]:
    """ConditioningCombine."""
    return (_joined(conditioning_1, conditioning_2),)


def concatenate(*, conditioning_to: Conditioning, conditioning_from: Conditioning, **_: Any) -> tuple[Conditioning]:
    """ConditioningConcat, ConditioningAverage."""
    return (_joined(conditioning_to, conditioning_from),)


def _joined(first: Conditioning, second: Conditioning) -> Conditioning:
    return Conditioning(f"{first.text} {second.text}".strip(), first.guides + second.guides)


def apply_controlnet(*, conditioning: Conditioning, image: Pictures, strength: float, **_: Any) -> tuple[Conditioning]:
    """ControlNetApply."""
    return (_guided(conditioning, image, strength),)


def apply_controlnet_to_both(
    *, positive: Conditioning, negative: Conditioning, image: Pictures, strength: float, **_: Any
) -> tuple[Conditioning, Conditioning]:
    """ControlNetApplyAdvanced, ControlNetApplySD3."""
    return _guided(positive, image, strength), _guided(negative, image, strength)


def _guided(conditioning: Conditioning, image: Pictures, strength: float) -> Conditioning:
    return replace(conditioning, guides=conditioning.guides + image) if strength else conditioning


def refer(*, conditioning: Conditioning, latent: Latent | None = None) -> tuple[Conditioning]:
    """ReferenceLatent."""
    return (replace(conditioning, guides=conditioning.guides + latent.pictures()) if latent else conditioning,)


def inpaint(
    *, positive: Conditioning, negative: Conditioning, pixels: Pictures, mask: Masks, noise_mask: bool, **_: Any
) -> tuple[Conditioning, Conditioning, Latent]:
    """InpaintModelConditioning: the latent keeps what the mask leaves."""
    (latent,) = encode(pixels=pixels)
    return positive, negative, replace(latent, mask=mask if noise_mask else ())


def see(*, image: Pictures, **_: Any) -> tuple[Pictures]:
    """CLIPVisionEncode: what was seen is the picture."""
    return (image,)


def patch(*, model: Model, **_: Any) -> tuple[Model]:
    """ModelSampling…, CFGNorm, FreeU, …: the model stays."""
    return (model,)


def patch_clip(*, clip: Model, **_: Any) -> tuple[Model]:
    """CLIPSetLastLayer."""
    return (clip,)


def patch_controlnet(*, control_net: Model, **_: Any) -> tuple[Model]:
    """SetUnionControlNetType."""
    return (control_net,)


def merge(*, model1: Model, model2: Model, ratio: float) -> tuple[Model]:
    """ModelMergeSimple."""
    return (Model(f"{model1.name}*{ratio:g} + {model2.name}", model1.loras + model2.loras),)


_TEXTS = ("", "SDXL", "SDXLRefiner", "Flux", "SD3", "HunyuanDiT")
_SAME = [
    "FluxGuidance",
    "FluxDisableGuidance",
    "ConditioningSetTimestepRange",
    "ConditioningSetArea",
    "ConditioningSetAreaPercentage",
    "ConditioningSetMask",
    "StyleModelApply",
    "unCLIPConditioning",
]
_PATCHES = [
    "ModelSamplingFlux",
    "ModelSamplingSD3",
    "ModelSamplingAuraFlow",
    "ModelSamplingDiscrete",
    "CFGNorm",
    "CFGZeroStar",
    "RescaleCFG",
    "FreeU",
    "FreeU_V2",
    "DifferentialDiffusion",
    "SkipLayerGuidanceSD3",
    "SkipLayerGuidanceDiT",
    "PerturbedAttentionGuidance",
    "TomePatchModel",
    "TorchCompileModel",
]

NODES: Mapping[str, Node] = {
    **{f"CLIPTextEncode{family}": encode_text for family in _TEXTS},
    **dict.fromkeys(_SAME, same),
    **dict.fromkeys(_PATCHES, patch),
    "TextEncodeQwenImageEdit": encode_edit,
    "TextEncodeQwenImageEditPlus": encode_edit,
    "ConditioningZeroOut": empty,
    "ConditioningCombine": combine,
    "ConditioningConcat": concatenate,
    "ConditioningAverage": concatenate,
    "ControlNetApply": apply_controlnet,
    "ControlNetApplyAdvanced": apply_controlnet_to_both,
    "ControlNetApplySD3": apply_controlnet_to_both,
    "SetUnionControlNetType": patch_controlnet,
    "ReferenceLatent": refer,
    "InpaintModelConditioning": inpaint,
    "CLIPVisionEncode": see,
    "CLIPSetLastLayer": patch_clip,
    "ModelMergeSimple": merge,
}
