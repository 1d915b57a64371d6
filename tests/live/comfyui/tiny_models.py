"""Makes a tiny checkpoint of the Stable Diffusion 1.5 family, a LoRA and an embedding, all of random weights.

    VENV/bin/python tiny_models.py MODELS

A stock ComfyUI loads and really runs them on a CPU in milliseconds; what it paints is noise. Needs torch,
safetensors and NumPy of ComfyUI's own environment.

The UNet has one level, the VAE has the shape of TAESD. CLIP-L cannot be made smaller, for ComfyUI builds all of it
whatever the file holds; so all tensors are overlapping views of a few small storages, and the file has 0.3 MB.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

CHECKPOINT = "tiny_sd15.ckpt"
LORA = "tiny_lora.safetensors"
EMBEDDING = "tiny_embed.safetensors"

CHANNELS, TIME, TEXT = 320, 1280, 768
"""Widths of the UNet, of its time embedding and of CLIP-L, by which ComfyUI recognises the family."""
TOKENS, POSITIONS, CLIP_LAYERS = 49408, 77, 12

STORAGE = 1 << 16
"""Values in one shared storage: more than any view reaches."""


class Weights:
    """A state dict that grows layer by layer; its tensors are windows onto shared noise."""

    def __init__(self, seed: int = 0) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self._noise = {std: noise(seed, STORAGE, std) for std in (0.02, 0.06)}
        self._constants = {value: torch.full((1,), value, dtype=torch.float16) for value in (0.0, 1.0)}

    def random(self, key: str, *shape: int, std: float = 0.02, step: int = 13) -> None:
        """Add a tensor whose rows are windows ``step`` values apart; std 0 makes it zero."""
        if not std:
            self.constant(key, *shape, value=0.0)
            return
        inner = int(np.prod(shape[1:]))
        strides = [step, *(int(np.prod(shape[axis + 1 :])) for axis in range(1, len(shape)))]
        room = STORAGE - (shape[0] - 1) * step - inner
        offset = len(self.tensors) * 2377 % room
        self.tensors[key] = self._noise[std].as_strided(shape, strides, offset)

    def constant(self, key: str, *shape: int, value: float) -> None:
        """Add a tensor that is the same everywhere."""
        self.tensors[key] = self._constants[value].as_strided(shape, (0,) * len(shape))

    def linear(self, key: str, out: int, into: int, *, bias: bool = True, std: float = 0.02) -> None:
        """Add a linear layer."""
        self.random(f"{key}.weight", out, into, std=std)
        if bias:
            self.constant(f"{key}.bias", out, value=0.0)

    def conv(self, key: str, out: int, into: int, size: int = 3, *, bias: bool = True, std: float = 0.02) -> None:
        """Add a convolution."""
        self.random(f"{key}.weight", out, into, size, size, std=std)
        if bias:
            self.constant(f"{key}.bias", out, value=0.0)

    def norm(self, key: str, width: int) -> None:
        """Add a normalisation that changes nothing."""
        self.constant(f"{key}.weight", width, value=1.0)
        self.constant(f"{key}.bias", width, value=0.0)


def noise(seed: int, count: int, std: float) -> torch.Tensor:
    """Return normal values that are the same on every machine."""
    values = np.random.default_rng(seed).standard_normal(count) * std
    return torch.from_numpy(values.astype(np.float16))


def add_unet(weights: Weights) -> None:
    """Add one level: in, residual block, transformer, two residual blocks, out."""
    unet = "model.diffusion_model"
    weights.linear(f"{unet}.time_embed.0", TIME, CHANNELS)
    weights.linear(f"{unet}.time_embed.2", TIME, TIME)
    weights.conv(f"{unet}.input_blocks.0.0", CHANNELS, 4)
    add_residual(weights, f"{unet}.input_blocks.1.0", CHANNELS)
    add_transformer(weights, f"{unet}.input_blocks.1.1")
    for block in (0, 1):
        add_residual(weights, f"{unet}.output_blocks.{block}.0", 2 * CHANNELS)
    weights.norm(f"{unet}.out.0", CHANNELS)
    weights.conv(f"{unet}.out.2", 4, CHANNELS)


def add_residual(weights: Weights, key: str, into: int) -> None:
    """Add a residual block of the UNet."""
    weights.norm(f"{key}.in_layers.0", into)
    weights.conv(f"{key}.in_layers.2", CHANNELS, into)
    weights.linear(f"{key}.emb_layers.1", CHANNELS, TIME)
    weights.norm(f"{key}.out_layers.0", CHANNELS)
    weights.conv(f"{key}.out_layers.3", CHANNELS, CHANNELS)
    if into != CHANNELS:
        weights.conv(f"{key}.skip_connection", CHANNELS, into, 1)


def add_transformer(weights: Weights, key: str) -> None:
    """Add the attention to the picture itself and to the text."""
    weights.norm(f"{key}.norm", CHANNELS)
    weights.conv(f"{key}.proj_in", CHANNELS, CHANNELS, 1)
    block = f"{key}.transformer_blocks.0"
    for attention, context in (("attn1", CHANNELS), ("attn2", TEXT)):
        weights.linear(f"{block}.{attention}.to_q", CHANNELS, CHANNELS, bias=False)
        weights.linear(f"{block}.{attention}.to_k", CHANNELS, context, bias=False)
        weights.linear(f"{block}.{attention}.to_v", CHANNELS, context, bias=False)
        weights.linear(f"{block}.{attention}.to_out.0", CHANNELS, CHANNELS)
    weights.linear(f"{block}.ff.net.0.proj", 8 * CHANNELS, CHANNELS)
    weights.linear(f"{block}.ff.net.2", CHANNELS, 4 * CHANNELS)
    for number in (1, 2, 3):
        weights.norm(f"{block}.norm{number}", CHANNELS)
    weights.conv(f"{key}.proj_out", CHANNELS, CHANNELS, 1)


def add_vae(weights: Weights) -> None:
    """Add encoder and decoder: numbered layers, three blocks after each change of size."""
    encoder, decoder = "first_stage_model.taesd_encoder", "first_stage_model.taesd_decoder"
    add_vae_conv(weights, f"{encoder}.0", into=3)
    add_vae_blocks(weights, encoder, 1)
    for first in (2, 6, 10):
        add_vae_conv(weights, f"{encoder}.{first}", bias=False)
        add_vae_blocks(weights, encoder, first + 1, first + 2, first + 3)
    add_vae_conv(weights, f"{encoder}.14", out=4)
    add_vae_conv(weights, f"{decoder}.1", into=4)
    for first in (3, 8, 13):  # the decoder's upsampling between them has a number but no weights
        add_vae_blocks(weights, decoder, first, first + 1, first + 2)
        add_vae_conv(weights, f"{decoder}.{first + 4}", bias=False)
    add_vae_blocks(weights, decoder, 18)
    add_vae_conv(weights, f"{decoder}.19", out=3)
    weights.constant("first_stage_model.vae_scale", value=1.0)
    weights.constant("first_stage_model.vae_shift", value=0.0)


def add_vae_conv(weights: Weights, key: str, *, out: int = 64, into: int = 64, bias: bool = True) -> None:
    """Add one convolution of the VAE."""
    weights.conv(key, out, into, bias=bias, std=0.06)


def add_vae_blocks(weights: Weights, key: str, *numbers: int) -> None:
    """Add blocks of three convolutions."""
    for number in numbers:
        for layer in (0, 2, 4):
            add_vae_conv(weights, f"{key}.{number}.conv.{layer}")


def add_clip(weights: Weights) -> None:
    """Add CLIP-L; all layers but the first are exact identities, to keep the noise within bounds."""
    text = "cond_stage_model.transformer.text_model"
    weights.random(f"{text}.embeddings.token_embedding.weight", TOKENS, TEXT, step=1)
    weights.random(f"{text}.embeddings.position_embedding.weight", POSITIONS, TEXT)
    for number in range(CLIP_LAYERS):
        layer, std = f"{text}.encoder.layers.{number}", 0.02 if number == 0 else 0.0
        for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
            weights.linear(f"{layer}.self_attn.{projection}", TEXT, TEXT, std=std)
        weights.linear(f"{layer}.mlp.fc1", 4 * TEXT, TEXT, std=std)
        weights.linear(f"{layer}.mlp.fc2", TEXT, 4 * TEXT, std=std)
        for norm in (1, 2):
            weights.norm(f"{layer}.layer_norm{norm}", TEXT)
    weights.norm(f"{text}.final_layer_norm", TEXT)


def make_checkpoint() -> dict[str, torch.Tensor]:
    """Return the tensors of the whole checkpoint."""
    weights = Weights()
    add_unet(weights)
    add_vae(weights)
    add_clip(weights)
    return weights.tensors


def make_lora(rank: int = 4) -> dict[str, torch.Tensor]:
    """Return the tensors of a LoRA for some layers of UNet and CLIP, strong enough to change the picture."""
    block, layer = "lora_unet_input_blocks_1_1_transformer_blocks_0_", "lora_te_text_model_encoder_layers_0_"
    targets = {
        f"{block}attn1_to_q": (CHANNELS, CHANNELS),
        f"{block}attn2_to_k": (CHANNELS, TEXT),
        f"{block}attn2_to_v": (CHANNELS, TEXT),
        f"{block}ff_net_2": (CHANNELS, 4 * CHANNELS),
        f"{layer}self_attn_q_proj": (TEXT, TEXT),
        f"{layer}mlp_fc2": (TEXT, 4 * TEXT),
    }
    tensors: dict[str, torch.Tensor] = {}
    for seed, (key, (out, into)) in enumerate(targets.items(), 1):
        tensors[f"{key}.lora_up.weight"] = noise(seed, out * rank, 0.5).reshape(out, rank)
        tensors[f"{key}.lora_down.weight"] = noise(seed + 100, rank * into, 0.5).reshape(rank, into)
        tensors[f"{key}.alpha"] = torch.tensor(float(rank), dtype=torch.float16)
    return tensors


def make_embedding(tokens: int = 2) -> dict[str, torch.Tensor]:
    """Return the tensor of a textual-inversion embedding."""
    return {"emb_params": noise(7, tokens * TEXT, 0.05).reshape(tokens, TEXT)}


def main(models: Path) -> None:
    """Write the files where ComfyUI looks for them."""
    for folder in ("checkpoints", "loras", "embeddings"):
        (models / folder).mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": make_checkpoint()}, models / "checkpoints" / CHECKPOINT)
    save_file(make_lora(), models / "loras" / LORA, metadata={"format": "pt"})
    save_file(make_embedding(), models / "embeddings" / EMBEDDING, metadata={"format": "pt"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
