"""Graphs of the kinds that people have, with ids that tell nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow


def node(class_type: str, /, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def sampler(**inputs: Any) -> dict[str, Any]:
    standard: dict[str, Any] = {
        "model": ["41", 0],
        "positive": ["42", 0],
        "negative": ["43", 0],
        "latent_image": ["44", 0],
        "seed": 7,
        "steps": 20,
        "cfg": 8.0,
        "sampler_name": "euler",
        "scheduler": "normal",
        "denoise": 1.0,
    }
    return node("KSampler", **(standard | inputs))


def plain(**sampler_inputs: Any) -> Workflow:
    """Text to image from a checkpoint; the negative encoder comes first in the graph."""
    return {
        "43": node("CLIPTextEncode", text="ugly", clip=["41", 1]),
        "42": node("CLIPTextEncode", text="a fox", clip=["41", 1]),
        "44": node("EmptyLatentImage", width=512, height=768, batch_size=2),
        "41": node("CheckpointLoaderSimple", ckpt_name="tiny_sd15.safetensors"),
        "40": sampler(**sampler_inputs),
        "45": node("VAEDecode", samples=["40", 0], vae=["41", 2]),
        "46": node("SaveImage", images=["45", 0], filename_prefix="x"),
    }


def custom() -> Workflow:
    """Flux as its makers show it: SamplerCustomAdvanced, told everything by other nodes; no negative side."""
    return {
        "noise": node("RandomNoise", noise_seed=11),
        "guider": node("BasicGuider", model=["shift", 0], conditioning=["guide", 0]),
        "choice": node("KSamplerSelect", sampler_name="euler"),
        "sigmas": node("BasicScheduler", model=["shift", 0], scheduler="simple", steps=20, denoise=1.0),
        "guide": node("FluxGuidance", conditioning=["text", 0], guidance=3.5),
        "text": node("CLIPTextEncodeFlux", clip=["clip", 0], clip_l="a fox", t5xxl="a fox", guidance=3.5),
        "clip": node("DualCLIPLoader", clip_name1="t5", clip_name2="l", type="flux"),
        "unet": node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="default"),
        "shift": node("ModelSamplingFlux", model=["unet", 0], max_shift=1.15, base_shift=0.5, width=1024, height=1024),
        "canvas": node("EmptySD3LatentImage", width=1024, height=1024, batch_size=1),
        "run": node(
            "SamplerCustomAdvanced",
            noise=["noise", 0],
            guider=["guider", 0],
            sampler=["choice", 0],
            sigmas=["sigmas", 0],
            latent_image=["canvas", 0],
        ),
        "vae": node("VAELoader", vae_name="ae.safetensors"),
        "decode": node("VAEDecode", samples=["run", 0], vae=["vae", 0]),
        "save": node("SaveImage", images=["decode", 0], filename_prefix="x"),
    }


def two_passes() -> Workflow:
    """A small picture, enlarged and painted over; the second pass comes first in the graph."""
    graph = plain()
    second = sampler(latent_image=["50", 0], denoise=0.5, seed=8)
    graph["45"]["inputs"]["samples"] = ["39", 0]
    grown = node(
        "LatentUpscale", samples=["40", 0], upscale_method="bilinear", width=1024, height=1536, crop="disabled"
    )
    return {"39": second, "50": grown, **graph}


def experts() -> Workflow:
    """Two models that share the steps, as Wan 2.2 has them."""
    shared: dict[str, Any] = {
        "steps": 20,
        "cfg": 3.5,
        "sampler_name": "euler",
        "scheduler": "simple",
        "positive": ["2", 0],
        "negative": ["3", 0],
    }
    high = shared | {
        "model": ["7", 0],
        "add_noise": "enable",
        "noise_seed": 5,
        "latent_image": ["10", 0],
        "start_at_step": 0,
        "end_at_step": 10,
        "return_with_leftover_noise": "enable",
    }
    low = shared | {
        "model": ["8", 0],
        "add_noise": "disable",
        "noise_seed": 0,
        "latent_image": ["11", 0],
        "start_at_step": 10,
        "end_at_step": 10000,
        "return_with_leftover_noise": "disable",
    }
    return {
        "12": node("KSamplerAdvanced", **low),
        "11": node("KSamplerAdvanced", **high),
        "1": node("CLIPLoader", clip_name="umt5", type="wan"),
        "2": node("CLIPTextEncode", text="a fox runs", clip=["1", 0]),
        "3": node("CLIPTextEncode", text="static", clip=["1", 0]),
        "5": node("UNETLoader", unet_name="high.safetensors", weight_dtype="default"),
        "6": node("UNETLoader", unet_name="low.safetensors", weight_dtype="default"),
        "7": node("ModelSamplingSD3", model=["5", 0], shift=8.0),
        "8": node("ModelSamplingSD3", model=["6", 0], shift=8.0),
        "10": node("EmptyHunyuanLatentVideo", width=832, height=480, length=81, batch_size=1),
    }


def inpainting() -> Workflow:
    """Repaints the transparent part of a picture."""
    graph = plain(latent_image=["61", 0], denoise=0.9)
    del graph["44"]
    graph["60"] = node("LoadImage", image="photo.png")
    graph["61"] = node("VAEEncodeForInpaint", pixels=["60", 0], vae=["41", 2], mask=["60", 1], grow_mask_by=6)
    return graph


def enlarging() -> Workflow:
    """No sampler at all."""
    return {
        "1": node("LoadImage", image="small.png"),
        "2": node("UpscaleModelLoader", model_name="4x.pth"),
        "3": node("ImageUpscaleWithModel", upscale_model=["2", 0], image=["1", 0]),
        "4": node("SaveImage", images=["3", 0], filename_prefix="x"),
    }
