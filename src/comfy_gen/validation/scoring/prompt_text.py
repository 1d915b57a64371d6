"""A prompt as a model should read it that knows nothing of ComfyUI's marks: weights, LoRAs, embeddings. Pure."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[A-Za-z]{1,20}:[^<>]*>")
_EMBEDDING = re.compile(r"\bembedding:[^\s,()\[\]]*", re.IGNORECASE)
_BREAK = re.compile(r"\bBREAK\b")
_WEIGHT = re.compile(r":\s{0,9}[-+]?[\d.]{1,20}\s{0,9}(?=[)\]])")
_BRACKET = re.compile(r"(?<!\\)[()\[\]{}]")
_ESCAPE = re.compile(r"\\([()\[\]{}])")


def plain(prompt: str) -> str:
    """Return what a prompt says: ``(a red car:1.2), <lora:paint:0.8>`` is "a red car"."""
    text = _EMBEDDING.sub("", _TAG.sub(" ", prompt))
    text = _BRACKET.sub("", _WEIGHT.sub("", _BREAK.sub(",", text)))
    parts = (" ".join(part.split()) for part in _ESCAPE.sub(r"\1", text).split(","))
    return ", ".join(filter(None, parts))
