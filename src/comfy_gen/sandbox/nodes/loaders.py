"""Nodes that load: models, which are only names here and take the engine's load time, and pictures, which are real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageOps, ImageSequence

from comfy_gen.sandbox.values import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node, TimedNode, Work
    from comfy_gen.sandbox.values import Masks, Pictures


async def load_checkpoint(work: Work, *, ckpt_name: str) -> tuple[Model, Model, Model]:
    """CheckpointLoaderSimple, ImageOnlyCheckpointLoader: model, CLIP and VAE of one file."""
    await work.load(ckpt_name)
    return Model(ckpt_name), Model(ckpt_name), Model(ckpt_name)


async def load_model(work: Work, **names: Any) -> tuple[Model]:
    """Load the one or more files of which a UNET, CLIP, VAE, ControlNet, … is made."""
    files = [value for name, value in names.items() if "_name" in name]
    for file in files:
        await work.load(file)
    return (Model(" + ".join(files)),)


async def load_lora(
    work: Work, *, model: Model, clip: Model, lora_name: str, strength_model: float, strength_clip: float
) -> tuple[Model, Model]:
    """LoraLoader: a LoRA of strength 0 is not loaded."""
    if strength_model == 0 and strength_clip == 0:
        return model, clip
    await work.load(lora_name)
    return _with_lora(model, lora_name, strength_model), _with_lora(clip, lora_name, strength_clip)


async def load_lora_model_only(work: Work, *, model: Model, lora_name: str, strength_model: float) -> tuple[Model]:
    """LoraLoaderModelOnly."""
    if strength_model == 0:
        return (model,)
    await work.load(lora_name)
    return (_with_lora(model, lora_name, strength_model),)


def _with_lora(model: Model, lora: str, strength: float) -> Model:
    return model.with_lora(f"{lora}:{strength:g}") if strength else model


def load_image(work: Work, *, image: str) -> tuple[Pictures, Masks]:
    """LoadImage: every frame of the file, and the inverse of its alpha as the mask."""
    pictures: list[Image.Image] = []
    masks: list[Image.Image] = []
    with Image.open(_path(work, image)) as file:
        for frame in ImageSequence.Iterator(file):
            upright = ImageOps.exif_transpose(frame)
            if pictures and upright.size != pictures[0].size:
                continue
            pictures.append(upright.convert("RGB"))
            masks.append(_alpha_mask(upright))
    return tuple(pictures), tuple(masks)


def load_mask(work: Work, *, image: str, channel: str) -> tuple[Masks]:
    """LoadImageMask: one channel of the file; of alpha the inverse."""
    with Image.open(_path(work, image)) as file:
        upright = ImageOps.exif_transpose(file)
    if channel == "alpha":
        return ((_alpha_mask(upright),),)
    return ((upright.convert("RGB").getchannel(channel[0].upper()),),)


def _path(work: Work, name: str) -> str:
    path = work.files.annotated(name)
    if path is None:
        raise FileNotFoundError(name)
    return str(path)


def _alpha_mask(picture: Image.Image) -> Image.Image:
    # Without alpha ComfyUI gives an empty mask of 64 by 64, whatever the picture's size.
    if not picture.has_transparency_data:
        return Image.new("L", (64, 64), 0)
    return ImageChops.invert(picture.convert("RGBA").getchannel("A"))


MODEL_NODES: Mapping[str, TimedNode] = {
    "CheckpointLoaderSimple": load_checkpoint,
    "ImageOnlyCheckpointLoader": load_checkpoint,
    "UNETLoader": load_model,
    "VAELoader": load_model,
    "CLIPLoader": load_model,
    "DualCLIPLoader": load_model,
    "TripleCLIPLoader": load_model,
    "QuadrupleCLIPLoader": load_model,
    "CLIPVisionLoader": load_model,
    "ControlNetLoader": load_model,
    "DiffControlNetLoader": load_model,
    "StyleModelLoader": load_model,
    "UpscaleModelLoader": load_model,
    "LoraLoader": load_lora,
    "LoraLoaderModelOnly": load_lora_model_only,
}

FILE_NODES: Mapping[str, Node] = {
    "LoadImage": load_image,
    "LoadImageOutput": load_image,
    "LoadImageMask": load_mask,
}
