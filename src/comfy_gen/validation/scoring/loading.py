"""Loads scoring models, each once per process, and says in plain words why one cannot be loaded."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import logging
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import InvalidParameterError, MissingExtraError, ScoringModelError
from comfy_gen.validation.scoring import weights
from comfy_gen.validation.scoring.embedding import AT_WORK, ClipModel
from comfy_gen.validation.scoring.importing import import_torch, sparing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from comfy_gen.validation.scoring.weights import Weights

log = logging.getLogger(__name__)

EXTRA = "clip"
RETRY_AFTER = 60.0
"""Seconds for which it is not tried again to load what could not be loaded."""
_TORN = ("SafetensorError", "UnpicklingError")


@dataclass(slots=True)
class _Attempt:
    """What became of loading a model."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    model: ClipModel | None = None
    failure: ScoringModelError | None = None
    at: float = 0.0
    """Of the failure."""


class Models:
    """Those that are loaded."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, retry_after: float = RETRY_AFTER) -> None:
        """Begin with none."""
        self._clock = clock
        self._retry_after = retry_after
        self._attempts: dict[tuple[str, str, bool], _Attempt] = {}
        self._loaded: dict[tuple[str, str], ClipModel] = {}
        self._lock = threading.Lock()

    def get(self, name: str, *, device: str = "auto", offline: bool = False) -> ClipModel:
        """Return a model by its name on Hugging Face or its folder; blocks the first time.

        Raises:
            InvalidParameterError: this machine has no such device.
            MissingExtraError: torch or transformers are not installed.
            ScoringModelError: it cannot be loaded.
        """
        with self._lock:
            attempt = self._attempts.setdefault((name, device, offline), _Attempt())
        with attempt.lock:
            if attempt.model is None:
                attempt.model = self._tried(attempt, name, device, offline=offline)
            return attempt.model

    def _tried(self, attempt: _Attempt, name: str, device: str, *, offline: bool) -> ClipModel:
        failed = attempt.failure
        if failed is not None and self._clock() - attempt.at < self._retry_after:
            raise ScoringModelError(failed.model, failed.reason, is_local=failed.is_local)
        try:
            return self._shared(name, device, offline=offline)
        except ScoringModelError as error:
            attempt.failure, attempt.at = error, self._clock()
            raise

    def _shared(self, name: str, device: str, *, offline: bool) -> ClipModel:
        """Return a model that may have been loaded under another word for the same device."""
        require()
        found = weights.find(name, offline=offline)
        with AT_WORK, sparing():
            actual = device_of(device)
            key = (name, actual)
            if key not in self._loaded:
                self._loaded[key] = _load(name, found, actual)
            return self._loaded[key]


MODELS = Models()
"""Those of this process: a second validator is to cost nothing."""


def is_available() -> bool:
    """Tell whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "transformers"))


def require() -> None:
    """Do nothing, if the extra is installed.

    Raises:
        MissingExtraError: it is not.
    """
    if not is_available():
        raise MissingExtraError("comparing pictures with prompts", EXTRA)


def device_of(wanted: str) -> str:
    """Return the device that a setting stands for; blocks while torch is imported.

    Raises:
        InvalidParameterError: this machine has no such device.
    """
    torch = _torch()
    has = {"cpu": True, "cuda": bool(torch.cuda.is_available()), "mps": bool(torch.backends.mps.is_available())}
    device = ("cuda" if has["cuda"] else "cpu") if wanted == "auto" else wanted
    if not has.get(device):
        present = ", ".join(name for name, there in has.items() if there)
        raise InvalidParameterError("device", wanted, f"auto, or one that torch finds here: {present}")
    return device


@cache
def _torch() -> Any:
    # The process may end while a thread that nobody waits for is amid native code, which such code does not survive.
    atexit.register(AT_WORK.acquire)
    return import_torch()


def _load(name: str, found: Weights, device: str) -> ClipModel:
    began = time.monotonic()
    torch, transformers = _torch(), cast("Any", importlib.import_module("transformers"))
    try:
        with _quiet(transformers):
            processor = _processor(transformers, found.folder)
            model = _model(transformers, found.folder, dtype=torch.float16 if device == "cuda" else torch.float32)
        model = model.eval().to(device)
    except _foreign() as error:
        raise ScoringModelError(name, _why(error), is_local=weights.is_folder(name)) from error
    log.debug("%s was loaded on %s in %.1f s", name, device, time.monotonic() - began)
    return ClipModel(model, processor, torch=torch, device=device, kind=found.kind)


def _processor(transformers: Any, folder: Path) -> Any:
    """Return what makes inputs of pictures and texts."""
    try:
        return transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
    except ImportError:  # SigLIP's tokenizer is made with another package; its file for the common one says the same
        if not (folder / "tokenizer.json").is_file():
            raise
        pictures = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
        texts = transformers.PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
        return transformers.SiglipProcessor(pictures, texts)


def _model(transformers: Any, folder: Path, *, dtype: Any) -> Any:
    """Return the network, all of it from the file: what is missing would be made up of numbers by chance."""
    model, told = transformers.AutoModel.from_pretrained(
        folder, local_files_only=True, dtype=dtype, output_loading_info=True
    )
    if missing := told["missing_keys"]:
        raise ValueError(f"its weights lack {len(missing)} of its parts, {min(missing)} for one")
    return model


def _foreign() -> tuple[type[Exception], ...]:
    """Return all that loading is known to raise for files that are damaged, or of something else."""
    strict = importlib.import_module("huggingface_hub.errors").StrictDataclassError
    torn = importlib.import_module("safetensors").SafetensorError
    return (
        torn,
        strict,
        UnpicklingError,
        EOFError,
        MemoryError,
        OSError,
        ImportError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RuntimeError,
    )


def _why(error: Exception) -> str:
    """Return what was met while loading, in words."""
    if lacking := re.search(r"requires the (\S+) library", str(error)):
        return f"it needs the Python package {lacking[1].lower()}, which is not installed"
    if "ignore_mismatched_sizes" in str(error):
        return "its weights are of other sizes than its config.json says"
    if type(error).__name__ in _TORN or isinstance(error, EOFError | LookupError):
        return "its weights are damaged, or were not fetched whole"
    said = str(error).strip().splitlines() or [type(error).__name__]
    return said[0] if isinstance(error, ValueError) else f"{type(error).__name__}: {' '.join(said[:2])}"


@contextmanager
def _quiet(transformers: Any) -> Generator[None]:
    """Keep `transformers` from writing to the screen of whoever runs this; it has loaders of its own afterwards."""
    logs = transformers.utils.logging
    verbosity, has_bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity(logs.CRITICAL)
    logs.disable_progress_bar()
    try:
        yield
    finally:
        logs.set_verbosity(verbosity)
        if has_bars:
            logs.enable_progress_bar()
