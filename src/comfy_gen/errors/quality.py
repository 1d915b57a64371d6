"""What keeps pictures from being judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


class QualityError(ConfigurationError):
    """Pictures cannot be judged like this."""

    code = "quality"


@dataclass(eq=False)
class ScoringModelError(QualityError):
    """The model that compares pictures with prompts cannot be loaded."""

    model: str
    """A name on Hugging Face, or a folder."""
    reason: str
    is_local: bool = False
    """Whether it was to be a folder, or nothing may be fetched."""
    code: ClassVar[str] = "scoring_model"

    @property
    def message(self) -> str:
        return f"the scoring model {self.model!r} cannot be loaded: {self.reason}"

    @property
    def hint(self) -> str:
        if self.is_local:
            return (
                "give a folder with config.json, model.safetensors and the processor's files; on a machine that has"
                " a connection `hf download NAME --local-dir FOLDER` makes one."
            )
        return (
            "fetch it while there is a connection with `hf download NAME`, or name a folder that has it:"
            " COMFYGEN_QUALITY_MODEL=FOLDER."
        )


@dataclass(eq=False)
class ScoringBusyError(ComfyGenError):
    """A picture could not be compared with its prompt in the time that somebody waits."""

    patience: float
    """Seconds."""
    code: ClassVar[str] = "scoring_busy"

    @property
    def message(self) -> str:
        return f"the picture could not be compared with the prompt within {self.patience:g} s"

    @property
    def hint(self) -> str:
        return "ask again in a while: the model is still being loaded, or others wait for it too."


@dataclass(eq=False)
class CalibrationError(QualityError):
    """No threshold can be learnt from these pictures."""

    reason: str
    code: ClassVar[str] = "calibration"

    @property
    def message(self) -> str:
        return f"no threshold can be learnt: {self.reason}"

    @property
    def hint(self) -> str:
        return (
            "give a folder of pictures that fit their prompts: each with a .txt of its name beside it, or with the"
            " prompt inside, as ComfyUI and this program save it; 8 or more, of different things."
        )


@dataclass(eq=False)
class ThresholdFileError(QualityError):
    """The file of the thresholds that were learnt is damaged, or cannot be read."""

    path: Path
    reason: str
    code: ClassVar[str] = "threshold_file"

    @property
    def message(self) -> str:
        return f"the thresholds in {self.path} cannot be read: {self.reason}"

    @property
    def hint(self) -> str:
        return "mend the file or take it away, then learn anew: comfygen quality calibrate FOLDER."
