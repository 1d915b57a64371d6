"""A prompt as a model should read it that knows nothing of ComfyUI's marks: weights, LoRAs, embeddings. Pure."""

from __future__ import annotations

import re

_LORA = re.compile(r"<[A-Za-z]+:[^<>]*>")
_EMBEDDING = re.compile(r"\(?\bembedding:[^\s,()\[\]]+(?::[-+]?[\d.]+)?\)?", re.IGNORECASE)
_BREAK = re.compile(r"\b(?:BREAK|AND)\b(?=\s|$)")
_WEIGHT = re.compile(r":\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*(?=[)\]])")
_BRACKET = re.compile(r"(?<!\\)[()\[\]{}]")
_ESCAPE = re.compile(r"\\([()\[\]{}])")
_SPACES = re.compile(r"\s+")
_EMPTY = re.compile(r"(?:\s*,)*\s*,\s*")


def plain(prompt: str) -> str:
    """Return what a prompt says: ``(a red car:1.2), <lora:paint:0.8>`` is "a red car"."""
    text = _EMBEDDING.sub(" ", _LORA.sub(" ", prompt))
    text = _BRACKET.sub("", _WEIGHT.sub("", _BREAK.sub(",", text)))
    text = _SPACES.sub(" ", _ESCAPE.sub(r"\1", text))
    return _EMPTY.sub(", ", text).strip(" ,")
