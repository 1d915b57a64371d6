"""A tiny CLIP that knows a few pictures, so that it tells them apart as a real one does all others."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.tiny_clip import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROMPTS = [
    "a red fox",
    "a blue car",
    "a white cat",
    "a black dog",
    "a green beach",
    "the sunset at the beach",
    "a beautiful photo of a cat",
    "cars in the sunset",
    "a blurry dog",
    "the green fox",
]
"""Of the pictures, in order."""
OTHERS = 0.2
"""The similarity of a picture to the prompts of the others; to its own it is nearly 1."""


def picture(number: int) -> Image.Image:
    """Return one of the pictures, which is like none of the others."""
    small = Image.frombytes("RGB", (8, 8), random.Random(number).randbytes(8 * 8 * 3))
    return small.resize((64, 64), Image.Resampling.NEAREST)


def teach(folder: Path, known: Mapping[str, Image.Image] | None = None) -> Path:
    """Save one into a folder, and return the folder; it knows pictures by their prompts, those of `PROMPTS` usually.

    It is not trained: what it makes of pictures and prompts, by weights of chance, is projected to where it should be.
    """
    import torch
    from transformers import CLIPModel, CLIPProcessor

    processor = CLIPProcessor.from_pretrained(build(folder))
    model = CLIPModel.from_pretrained(folder).eval()
    known = known or {prompt: picture(number) for number, prompt in enumerate(PROMPTS)}
    with torch.no_grad():
        texts = processor.tokenizer([*known], return_tensors="pt", padding=True)
        pixels = processor.image_processor([*known.values()], return_tensors="pt")
        _project(model.text_projection, model.text_model(**texts).pooler_output)
        _project(model.visual_projection, model.vision_model(**pixels).pooler_output)
    model.save_pretrained(folder)
    return folder


def _project(projection: Any, pooled: Any) -> None:
    """Have each row of what went in come out as a direction of its own, beside one that all of them share."""
    import torch

    targets = torch.eye(len(pooled), projection.out_features)
    targets[:, -1] = (OTHERS / (1 - OTHERS)) ** 0.5
    projection.weight.copy_((torch.linalg.pinv(pooled.double()) @ targets.double()).T)
