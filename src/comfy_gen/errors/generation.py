"""A prompt ran and did not give what was asked, or what it gave could not be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError

if TYPE_CHECKING:
    from collections.abc import Sequence


class GenerationError(ComfyGenError):
    """The prompt was run and did not give what was asked."""

    code = "generation"


@dataclass(eq=False)
class ExecutionFailedError(GenerationError):
    """A node raised while it ran. ``code`` is the failure class (see ``comfyui.failures``)."""

    prompt_id: str
    failure: str
    node_id: str
    node_type: str
    reason: str
    traceback: Sequence[str] = ()
    advice: str = ""

    @property
    def code(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  # differs by instance here
        """The failure class: out_of_memory, gpu_error, missing_model, invalid_input or internal."""
        return self.failure

    @property
    def message(self) -> str:
        return f"node {self.node_id} ({self.node_type}) failed: {self.reason.strip()}"

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class InterruptedPromptError(GenerationError):
    """Somebody stopped the prompt: this caller, another one, or a person in ComfyUI."""

    prompt_id: str
    code: ClassVar[str] = "interrupted"

    @property
    def message(self) -> str:
        return f"prompt {self.prompt_id} was interrupted before it was done"


@dataclass(eq=False)
class NoOutputError(GenerationError):
    """The prompt succeeded and left no file to take."""

    prompt_id: str
    code: ClassVar[str] = "no_output"

    @property
    def message(self) -> str:
        return f"prompt {self.prompt_id} succeeded but saved nothing"

    @property
    def hint(self) -> str:
        return "the workflow needs an output node such as SaveImage."


@dataclass(eq=False)
class CorruptOutputError(GenerationError):
    """The engine gave a file that is damaged."""

    filename: str
    reason: str
    code: ClassVar[str] = "corrupt_output"

    @property
    def message(self) -> str:
        return f"the engine's file {self.filename} is damaged: {self.reason}"

    @property
    def hint(self) -> str:
        return "look at the disk of the machine that ComfyUI runs on, then run the same command again."


@dataclass(eq=False)
class StorageError(ComfyGenError):
    """A finished result could not be stored, or not be had back."""

    target: str
    reason: str
    advice: str = ""
    doing: str = "store"
    """``store``, ``read`` or ``delete``."""
    is_refused: bool = False
    """Whether the store will not, however often it is asked."""
    code: ClassVar[str] = "storage_failed"

    @property
    def message(self) -> str:
        return f"could not {self.doing} {self.target}: {self.reason}"

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class ArtifactGoneError(ComfyGenError):
    """A finished result is not in the store any more."""

    key: str
    code: ClassVar[str] = "artifact_gone"

    @property
    def message(self) -> str:
        return f"the stored file {self.key} is gone"

    @property
    def hint(self) -> str:
        return "somebody deleted it from the store; run the job again for another."
