"""Workflows that take no time, or too much of it."""

from __future__ import annotations

from tests.api.conftest import picture_graph

CHECKPOINT = "v1-5-pruned-emaonly-fp16.safetensors"


def sampled(steps, seed=1, text="a pier"):
    """A workflow that samples, which can be watched and stopped."""
    sampling = {"seed": seed, "steps": steps, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 1}
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0]}
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": {**sampling, **links}},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "x"}},
    }


def copied(name):
    """A workflow that saves a picture once more."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


def plain(color=1):
    """A workflow that is done at once."""
    return picture_graph(color)


def body(workflow, **more):
    """The body of a request."""
    images = {"images": more.pop("images")} if "images" in more else {}
    return {"input": {"workflow": workflow, **images}, **more}
