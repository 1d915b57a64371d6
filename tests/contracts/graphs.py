"""Small graphs that both the sandbox and a real ComfyUI with the tiny models run."""

from __future__ import annotations

import itertools
from typing import Any

from tests.contracts.peer import node

CHECKPOINT = "tiny_sd15.ckpt"
LORA = "tiny_lora.safetensors"
EMBEDDING = "tiny_embed"

Graph = dict[str, dict[str, Any]]

_colours = itertools.count(1_000)


def new_colour() -> int:
    """Return a colour that no earlier graph had, so that nothing of it is cached."""
    return next(_colours)


def picture(*, colour: int | None = None, prefix: str = "picture", size: int = 16, batch: int = 1) -> Graph:
    """Paint a plain picture and save it; no model needed."""
    colour = new_colour() if colour is None else colour
    return {
        "1": node("EmptyImage", width=size, height=size, batch_size=batch, color=colour),
        "2": node("SaveImage", images=["1", 0], filename_prefix=prefix),
    }


def inverted(*, colour: int | None = None, prefix: str = "inverted") -> Graph:
    """A chain of three nodes; no model needed."""
    graph = picture(colour=colour, prefix=prefix)
    return {
        "1": graph["1"],
        "2": node("ImageInvert", image=["1", 0]),
        "3": node("SaveImage", images=["2", 0], filename_prefix=prefix),
    }


def text_to_image(*, seed: int = 1, steps: int = 4, size: int = 64, prefix: str = "t2i", **sampler: Any) -> Graph:
    """Sample with the tiny checkpoint."""
    settings = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0, **sampler}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name=CHECKPOINT),
        "5": node("EmptyLatentImage", width=size, height=size, batch_size=1),
        "6": node("CLIPTextEncode", text="a cat", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="bad", clip=["4", 1]),
        "3": node("KSampler", seed=seed, steps=steps, **settings, **links),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix=prefix),
    }


def endless(seed: int = 1) -> Graph:
    """Sample for longer than any test waits: to be interrupted."""
    return text_to_image(seed=seed, steps=10_000, size=64, prefix="endless")


def with_lora(graph: Graph, *, strength: float = 1.0) -> Graph:
    """Return a graph of `text_to_image` with the tiny LoRA between the checkpoint and all that use it."""
    lora = node("LoraLoader", lora_name=LORA, strength_model=strength, strength_clip=strength)
    lora["inputs"] |= {"model": ["4", 0], "clip": ["4", 1]}
    linked = {"3": {"model": ["10", 0]}, "6": {"clip": ["10", 1]}, "7": {"clip": ["10", 1]}}
    changed = {
        node_id: {**old, "inputs": {**old["inputs"], **linked.get(node_id, {})}} for node_id, old in graph.items()
    }
    return {**changed, "10": lora}


def scaled(image: str, *, size: int = 32, prefix: str = "scaled") -> Graph:
    """Load an uploaded picture, scale and save it."""
    return {
        "1": node("LoadImage", image=image),
        "2": node(
            "ImageScale", image=["1", 0], upscale_method="nearest-exact", width=size, height=size, crop="disabled"
        ),
        "3": node("SaveImage", images=["2", 0], filename_prefix=prefix),
    }


def image_to_image(image: str, *, seed: int = 1, denoise: float = 0.6) -> Graph:
    """Sample from an uploaded picture."""
    graph = text_to_image(seed=seed, denoise=denoise, prefix="i2i")
    del graph["5"]
    graph["3"]["inputs"]["latent_image"] = ["11", 0]
    return {
        **graph,
        "10": node("LoadImage", image=image),
        "11": node("VAEEncode", pixels=["10", 0], vae=["4", 2]),
    }
