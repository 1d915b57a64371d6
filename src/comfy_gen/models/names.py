"""Makes of what a server calls a file the name that it gets here, and guesses its folder. Pure.

Names come from strangers: whatever they say, one that is made here is a file's plain name and never a path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from comfy_gen.workflows.families import family_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WEIGHTS = (".safetensors", ".sft", ".gguf", ".ckpt", ".pth", ".pt", ".bin", ".onnx")
"""The endings of files of weights, those that run no code first."""
LONGEST = 200
"""Bytes of a name: less than the 255 of most file systems, for a download adds to it."""
_UNWANTED = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_ANYBODY = re.compile(r"^(diffusion_pytorch_model|pytorch_lora_weights|pytorch_model|adapter_model|model)(?=\.)")
"""Names that hundreds of repositories give their file."""

_BY_PATH = (
    ("checkpoints", {"checkpoints", "checkpoint"}),
    ("loras", {"loras", "lora"}),
    ("vae", {"vae", "vaes"}),
    ("text_encoders", {"text_encoders", "text_encoder", "clip"}),
    ("clip_vision", {"clip_vision", "image_encoder"}),
    ("diffusion_models", {"diffusion_models", "unet", "transformer"}),
    ("controlnet", {"controlnet", "control_net", "controlnets"}),
    ("upscale_models", {"upscale_models", "upscalers"}),
    ("embeddings", {"embeddings"}),
)
_BY_TAG = (("loras", {"lora"}), ("controlnet", {"controlnet"}), ("embeddings", {"textual_inversion"}))


def plain_name(text: str) -> str:
    """Return the name that a file of this name gets here; empty if nothing usable is left of it."""
    last = re.split(r"[/\\]", text)[-1]
    kept = _UNWANTED.sub("", last).strip(". ")
    if not kept.isprintable() or _RESERVED.fullmatch(kept.partition(".")[0]):
        return ""
    return _shortened(kept)


def own_name(path: str, repository: str) -> str:
    """Return the name of a repository's file: with the repository's, where it has one that many have."""
    name = plain_name(path)
    return plain_name(_ANYBODY.sub(lambda _found: repository.rpartition("/")[2], name, count=1))


def is_weights(name: str) -> bool:
    """Tell whether a file's name is one of weights."""
    return name.lower().endswith(WEIGHTS)


def folder_in(path: str, tags: Iterable[str] = ()) -> str:
    """Return the ComfyUI folder that a path in a repository, or the repository's tags, tell; empty if none."""
    parts, said = {part.lower() for part in path.split("/")[:-1]}, {tag.lower() for tag in tags}
    by_path = (folder for folder, names in _BY_PATH if names & parts)
    by_tag = (folder for folder, names in _BY_TAG if names & said)
    return next(by_path, "") or next(by_tag, "")


def family_said(texts: Sequence[str]) -> str:
    """Return the family that the first telling of these texts names: a base model, a file's name."""
    return next((family for text in texts if (family := family_in(text.replace(" ", "-")))), "")


def _shortened(name: str) -> str:
    """Return a name that a file system takes, cut before its ending where it is too long."""
    stem, dot, ending = name.rpartition(".")
    room = LONGEST - len(f"{dot}{ending}".encode())
    if room < 1 or not stem:
        return name.encode()[:LONGEST].decode(errors="ignore")
    return f"{stem.encode()[:room].decode(errors='ignore')}{dot}{ending}"
