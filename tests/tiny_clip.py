"""A tiny CLIP and a tiny SigLIP with random weights and a tokenizer file, as `transformers` saves and loads them.

    build(tmp_path / "model") -> Path
    build(tmp_path / "model", kind="siglip") -> Path

The weights are the same each time. Texts and pictures have some of their direction in common, so that similarities are
above 0 and differ by picture and by text; they mean nothing beyond that.
"""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

WORDS = ["a", "the", "in", "red", "green", "blue", "black", "white", "car", "cars", "fox", "dog", "sunset", "photo"]
"""That are one token; other texts are read letter by letter."""
SIDE = 16
"""Pixels of the pictures that they look at."""
WIDTH = 32
TOKENS = {"clip": 77, "siglip": 64}
"""How long a text they take."""
_START, _END = "<|startoftext|>", "<|endoftext|>"


def build(folder: Path, kind: str = "clip") -> Path:
    """Save one into a folder, and return the folder."""
    import torch
    from transformers import CLIPImageProcessorPil, CLIPProcessor, SiglipImageProcessorPil, SiglipProcessor

    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        if kind == "clip":
            size = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
            processor = CLIPProcessor(CLIPImageProcessorPil(**size), _clip_tokenizer())
        else:
            processor = SiglipProcessor(
                SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE}), _siglip_tokenizer()
            )
        model = _clip(len(processor.tokenizer)) if kind == "clip" else _siglip(len(processor.tokenizer))
        processor.save_pretrained(folder)
        model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny CLIP. It is shared: copy before changing."""
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    return build(tmp_path_factory.mktemp("tiny-clip"))


@pytest.fixture(scope="session")
def tiny_siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny SigLIP. It is shared: copy before changing."""
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    return build(tmp_path_factory.mktemp("tiny-siglip"), kind="siglip")


def _sizes() -> dict[str, int]:
    return {"hidden_size": WIDTH, "intermediate_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2}


def _clip(words: int) -> PreTrainedModel:
    import torch
    from transformers import CLIPConfig, CLIPModel

    text = {
        **_sizes(),
        "vocab_size": words,
        "max_position_embeddings": TOKENS["clip"],
        "bos_token_id": words - 2,
        "eos_token_id": words - 1,
        "pad_token_id": words - 1,
        "projection_dim": WIDTH,
    }
    vision = {**_sizes(), "image_size": SIDE, "patch_size": SIDE // 2, "projection_dim": WIDTH}
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=WIDTH))
    with torch.no_grad():
        model.visual_projection.weight.copy_(model.text_projection.weight)
        for norm in (model.text_model.final_layer_norm, model.vision_model.post_layernorm):
            norm.bias.fill_(0.8)
    return model


def _siglip(words: int) -> PreTrainedModel:
    import torch
    from transformers import SiglipConfig, SiglipModel

    text = {
        **_sizes(),
        "vocab_size": words,
        "max_position_embeddings": TOKENS["siglip"],
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 1,
        "projection_size": WIDTH,
    }
    vision = {**_sizes(), "image_size": SIDE, "patch_size": SIDE // 2}
    model = SiglipModel(SiglipConfig(text_config=text, vision_config=vision))
    with torch.no_grad():
        for bias in (model.text_model.head.bias, model.vision_model.head.mlp.fc2.bias):
            bias.fill_(0.6)
    return model


def _clip_tokenizer() -> PreTrainedTokenizerBase:
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    letters = sorted(ByteLevel.alphabet())
    merges = _merges()
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), *map("".join, merges), _START, _END]
    vocabulary = {token: place for place, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=TOKENS["clip"])


def _merges() -> list[tuple[str, str]]:
    """Return what makes one token of each word, from its first letter on."""
    steps: dict[tuple[str, str], None] = {}
    for word in WORDS:
        letters = [*word[:-1], f"{word[-1]}</w>"]
        begun = itertools.accumulate(letters)
        steps.update(dict.fromkeys(zip(begun, letters[1:], strict=False)))
    return list(steps)


def _siglip_tokenizer() -> PreTrainedTokenizerBase:
    """Return one of whole words; SigLIP's own needs a package more (sentencepiece), SigLIP 2's is of this class."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: place for place, token in enumerate(["<pad>", "<eos>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        unk_token="<unk>",
        model_max_length=TOKENS["siglip"],
    )
