"""What keeps a model from being found, fetched or trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ModelError(ComfyGenError):
    """A model could not be fetched whole and as it should be."""

    code = "model"


@dataclass(eq=False)
class ModelReferenceError(ConfigurationError):
    """A text names no model."""

    text: str
    reason: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "model_reference"

    @property
    def message(self) -> str:
        return f"{self.text!r} names no model: {self.reason}"

    @property
    def hint(self) -> str:
        give = f"nearest: {listing(self.nearest)}. Give" if self.nearest else "give"
        return (
            f"{give} a name of `comfygen models list --manifest`, hf:OWNER/REPOSITORY/FILE, civitai:VERSION, or a URL."
        )


@dataclass(eq=False)
class ModelSourceError(ModelError):
    """Hugging Face, Civitai or another server does not give a model away."""

    source: str
    reason: str
    advice: str = ""
    code: ClassVar[str] = "model_source"

    @property
    def message(self) -> str:
        return f"{self.source}: {self.reason}"

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class ModelDownloadError(ModelError):
    """A model's file could not be fetched whole."""

    name: str
    reason: str
    kept: int = 0
    """Bytes that are here and need not be fetched again."""
    advice: str = ""
    code: ClassVar[str] = "model_download"

    @property
    def message(self) -> str:
        return f"{self.name} could not be fetched: {self.reason}"

    @property
    def hint(self) -> str:
        if self.kept:
            again = f"{self.kept / 1e6:.1f} MB are kept: the same command goes on from there."
        else:
            again = "nothing of it is kept; try again, or name another source."
        return f"{again} {self.advice}".rstrip()


@dataclass(eq=False)
class ModelIntegrityError(ModelError):
    """A model's file is not what it should be."""

    name: str
    reason: str
    code: ClassVar[str] = "model_integrity"

    @property
    def message(self) -> str:
        return f"{self.name} is damaged or is another file: {self.reason}"

    @property
    def hint(self) -> str:
        return "fetch it anew with comfygen models download, from another source if it comes out the same."


@dataclass(eq=False)
class UnsafeModelError(ConfigurationError):
    """A model's file may run code when it is loaded."""

    name: str
    reason: str
    code: ClassVar[str] = "unsafe_model"

    @property
    def message(self) -> str:
        return f"{self.name} is refused: {self.reason}"

    @property
    def hint(self) -> str:
        return "look for the same model as .safetensors; --allow-pickle takes it if you trust who made it."


@dataclass(eq=False)
class ModelManifestError(ConfigurationError):
    """A manifest of models cannot be used."""

    problems: Sequence[str]
    """Each with its file and line."""
    code: ClassVar[str] = "model_manifest"

    @property
    def message(self) -> str:
        return f"the manifest of models cannot be used: {'; '.join(self.problems)}"

    @property
    def hint(self) -> str:
        return "docs/operating.md tells what a manifest may say."


@dataclass(eq=False)
class ModelRegistryError(ConfigurationError):
    """The list of the models that were fetched is damaged, or cannot be read."""

    path: Path
    reason: str
    code: ClassVar[str] = "model_registry"

    @property
    def message(self) -> str:
        return f"the list of models {self.path} cannot be read: {self.reason}"

    @property
    def hint(self) -> str:
        return "mend it or take it away; `comfygen models verify` makes it anew."
