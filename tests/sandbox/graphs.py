"""Graphs that a sandbox with its default models runs."""

from __future__ import annotations

from typing import Any

from tests.contracts.peer import node

CHECKPOINT = "v1-5-pruned-emaonly-fp16.safetensors"


def plain(color: int = 1, **changes: Any) -> dict[str, Any]:
    """One coloured square, saved."""
    return {
        "1": node("EmptyImage", **{"width": 16, "height": 16, "batch_size": 1, "color": color, **changes}),
        "2": node("SaveImage", images=["1", 0], filename_prefix="plain"),
    }


def painted(seed: int = 1, text: str = "a mountain", **changes: Any) -> dict[str, Any]:
    """Text to image."""
    sampling = {"seed": seed, "steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name=CHECKPOINT),
        "5": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "6": node("CLIPTextEncode", text=text, clip=["4", 1]),
        "7": node("CLIPTextEncode", text="bad", clip=["4", 1]),
        "3": node("KSampler", **{**sampling, **links, **changes}),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="painted"),
    }
