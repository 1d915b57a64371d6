"""Finds the weights of a scoring model: in a folder, among what was fetched before, or on Hugging Face.

Knows nothing of torch. What was fetched before is used without a word to the hub.
"""

from __future__ import annotations

import importlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import ScoringModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("clip", "metaclip_2", "siglip", "siglip2")
"""The models that compare pictures with texts, as the ``model_type`` of their config.json names them."""
_CONFIG = "config.json"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
_PROCESSORS = ("preprocessor_config.json", "processor_config.json")
_TOKENIZERS = ("tokenizer.json", "vocab.json", "spiece.model", "sentencepiece.bpe.model")
_PARTS = {"config": (_CONFIG,), "weights": _WEIGHTS, "picture processor": _PROCESSORS, "tokenizer": _TOKENIZERS}
_TEXTS = (".json", ".txt", ".model")
_SECONDS = 10.0
"""The hub may take for its first answer; afterwards its client waits as long for each piece."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model on disk."""

    folder: Path
    kind: str
    """One of `KINDS`."""


def find(model: str, *, offline: bool = False) -> Weights:
    """Return where a model is, fetched if need be; blocks.

    Raises:
        ScoringModelError: it is not there, not whole, of another kind, or the hub does not give it.
    """
    if is_folder(model):
        return _checked(model, Path(model).expanduser(), is_local=True)
    known = _fetched(model)
    if known is None or missing_part(known):
        if offline or _is_offline():
            raise ScoringModelError(model, "it was not fetched before, and nothing may be fetched now", is_local=True)
        known = _fetch(model)
    return _checked(model, known, is_local=False)


def is_folder(model: str) -> bool:
    """Tell whether this is, or was meant to be, a folder: a name on the hub has one slash at most."""
    looks_like_path = model.startswith((".", "/", "~")) or "\\" in model or model.count("/") > 1
    return looks_like_path or Path(model).is_dir()


def missing_part(folder: Path) -> str:
    """Return what a folder lacks of a model, in words; empty where all is there."""
    for part, names in _PARTS.items():
        if not any((folder / name).is_file() for name in names):
            return names[0] if len(names) == 1 else f"{part} ({' or '.join(names[:2])})"
    return ""


def needed(files: Iterable[str]) -> list[str]:
    """Return which files of a repository are needed: its weights once, and not in the forms of other libraries."""
    top = [name for name in files if "/" not in name]
    safe = [name for name in top if name.startswith("model") and name.endswith(".safetensors")]
    weights = safe or [name for name in top if name.startswith("pytorch_model") and name.endswith(".bin")]
    return sorted([*weights, *(name for name in top if name.endswith(_TEXTS))])


def _checked(model: str, folder: Path, *, is_local: bool) -> Weights:
    if not folder.is_dir():
        raise ScoringModelError(model, "there is no such folder", is_local=is_local)
    if missing := missing_part(folder):
        raise ScoringModelError(model, f"{'the folder' if is_local else folder} has no {missing}", is_local=is_local)
    return Weights(folder, _kind_of(model, folder / _CONFIG, is_local=is_local))


def _kind_of(model: str, config: Path, *, is_local: bool) -> str:
    try:
        content: Any = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScoringModelError(model, f"its config.json cannot be read: {error}", is_local=is_local) from error
    kind = cast("dict[str, Any]", content).get("model_type") if isinstance(content, dict) else None
    if kind not in KINDS:
        raise ScoringModelError(model, f"it is neither a CLIP nor a SigLIP, but of type {kind!r}", is_local=is_local)
    return str(kind)


def _is_offline() -> bool:
    """Tell whether the environment forbids requests to the hub."""
    return bool(_hub(".constants").is_offline_mode())


def _fetched(model: str) -> Path | None:
    """Return the folder where the hub's client keeps a model, if it has it; asks nobody."""
    try:
        return Path(_hub().snapshot_download(model, local_files_only=True, allow_patterns=[_CONFIG]))
    except _hub(".errors").HFValidationError as error:
        raise ScoringModelError(model, "it is no folder, and no name on Hugging Face either", is_local=True) from error
    except OSError:  # all that it says of missing files is one
        return None


def _fetch(model: str) -> Path:
    """Fetch what is needed; the first request shows soon whether there is a connection, and such a model."""
    hub = _hub()
    try:
        about = hub.HfApi().model_info(model, timeout=_SECONDS)
        files = needed(file.rfilename for file in about.siblings or ())
        return Path(hub.snapshot_download(model, allow_patterns=files, tqdm_class=_silent_bar()))
    except (_hub(".errors").HTTPError, OSError) as error:
        raise ScoringModelError(model, _why(error)) from error


def _why(error: Exception) -> str:
    """Return what the hub's client met, in words."""
    errors = _hub(".errors")
    if isinstance(error, errors.GatedRepoError):
        return "its owner asks for a login and an agreement on Hugging Face (`hf auth login`)"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "Hugging Face has no such model, or not for everybody (`hf auth login`)"
    if isinstance(error, OSError) and error.errno is not None:
        return f"it cannot be kept: {os.strerror(error.errno)}"
    said = str(error).strip().splitlines() or [type(error).__name__]
    return f"Hugging Face does not give it ({said[0]})"


def _hub(part: str = "") -> Any:
    """Return the hub's client, which comes with the extra and is as slow to import."""
    return importlib.import_module(f"huggingface_hub{part}")


def _silent_bar() -> type[object]:
    """Return a progress bar that shows nothing: whoever waits here may have a screen of their own."""
    tqdm: Any = importlib.import_module("tqdm").tqdm

    def begin(bar: Any, *args: Any, **options: Any) -> None:
        tqdm.__init__(bar, *args, **{**options, "disable": True})

    return type("Silent", (tqdm,), {"__init__": begin})
