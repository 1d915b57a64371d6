"""The graphs that engines are given: the smallest that saves a file, and one that samples. None is the same twice."""

from __future__ import annotations

import itertools
from typing import Any

CHECKPOINT = "v1-5-pruned-emaonly-fp16.safetensors"
FOLDER = 500
"""So many pictures share a folder: an engine takes the longer to save one, the more there are."""

_numbers = itertools.count(1)


def picture() -> dict[str, Any]:
    """Return the smallest graph that saves a file; nothing of it is cached."""
    number = next(_numbers)
    empty = {"width": 16, "height": 16, "batch_size": 1, "color": number}
    return {
        "1": {"class_type": "EmptyImage", "inputs": empty},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": _prefix(number)}},
    }


def sampled(*, steps: int = 1, checkpoint: str = CHECKPOINT) -> dict[str, Any]:
    """Return a graph that takes a sandbox as long as its steps do, and a ComfyUI some work."""
    number = next(_numbers)
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0]}
    settings = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": {"seed": number, "steps": steps, **settings, **links}},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": _prefix(number)}},
    }


def _prefix(number: int) -> str:
    return f"{number // FOLDER}/bench"
