"""The workflow whose node ids the specification knows: 3 samples, 6 and 7 are the prompts."""

from __future__ import annotations

import secrets
from typing import Any

CHECKPOINT = "v1-5-pruned-emaonly-fp16.safetensors"


def classic() -> dict[str, Any]:
    """Return the workflow, small; with a seed of its own, so that no engine has made its picture already."""
    sampling = {"seed": secrets.randbelow(2**32), "steps": 2, "cfg": 7.0, "sampler_name": "euler"}
    wired = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return {
        "3": {"class_type": "KSampler", "inputs": {**sampling, "scheduler": "normal", "denoise": 1.0, **wired}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "output"}},
    }
