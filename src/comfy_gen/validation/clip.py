"""Compares a picture with the prompt that it was made by, as documented.

    validator = ImageValidator()
    result = validator.validate_image("car.png", "a red sports car", "multiple cars", positive_threshold=0.28)
    print(result["passed"], result["reason"])

Needs the extra ``clip``. It blocks: in an event loop, use `comfy_gen.validation.scoring.scorer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.validation.scoring.loading import MODELS
from comfy_gen.validation.scoring.prompt_text import plain
from comfy_gen.validation.scoring.similarity import score_of, shortfalls, similarity
from comfy_gen.validation.thresholds import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from comfy_gen.validation.scoring.similarity import Score

__all__ = ["ImageValidator", "validate_image"]

DEFAULT_MODEL = "openai/clip-vit-base-patch32"


class ImageValidator:
    """Compares pictures with texts; the second one of a model in a process loads nothing."""

    device: str
    """``cuda`` or ``cpu``."""
    model: Any
    """As `transformers` loaded it."""
    processor: Any
    """What makes inputs for it."""

    def __init__(self, model_name: str = DEFAULT_MODEL, *, device: str = "auto", offline: bool = False) -> None:
        """Load a model: a CLIP or SigLIP by its name on Hugging Face, or from a folder.

        ``device`` is ``auto``, ``cpu``, ``cuda`` or ``mps``; with ``offline`` nothing is fetched.

        Raises:
            InvalidParameterError: this machine has no such device.
            MissingExtraError: the extra ``clip`` is not installed.
            ScoringModelError: the model cannot be loaded.
        """
        self._clip = MODELS.get(model_name, device=device, offline=offline)
        self.model_name = model_name
        self.device = self._clip.device
        self.model = self._clip.model
        self.processor = self._clip.processor

    def compute_clip_score(
        self, image_path: str | Path, positive_prompt: str, negative_prompt: str | None = None
    ) -> dict[str, Any]:
        """Return ``positive_score``; with a negative prompt ``negative_score`` and ``score_delta``.

        For a picture that cannot be read there is ``error`` instead, which says why.
        """
        try:
            return _as_documented(self._score(_opened(image_path), positive_prompt, negative_prompt))
        except _UnreadableError as error:
            return {"error": str(error)}

    def validate_image(
        self,
        image_path: str | Path,
        positive_prompt: str,
        negative_prompt: str | None = None,
        positive_threshold: float = DEFAULT,
        delta_threshold: float | None = None,
    ) -> dict[str, Any]:
        """Return whether a picture ``passed``, the ``reason``, and what `compute_clip_score` returns.

        One that cannot be read does not pass, and its ``positive_score`` is 0.
        """
        try:
            score = self._score(_opened(image_path), positive_prompt, negative_prompt)
        except _UnreadableError as error:
            return {"passed": False, "reason": str(error), "positive_score": 0.0, "error": str(error)}
        lacking = shortfalls(score, positive_threshold, delta_threshold)
        reason = "; ".join(lacking) or f"it fits the prompt: {score.positive:.3f}"
        return {"passed": not lacking, "reason": reason, **_as_documented(score)}

    def _score(self, picture: Image.Image, positive_prompt: str, negative_prompt: str | None) -> Score:
        texts = [plain(positive_prompt), plain(negative_prompt or "")]
        [seen] = self._clip.pictures([picture])
        return score_of(*(similarity(seen, text) for text in self._clip.texts(texts if texts[1] else texts[:1])))


def validate_image(
    image_path: str | Path,
    positive_prompt: str,
    negative_prompt: str | None = None,
    positive_threshold: float = DEFAULT,
    delta_threshold: float | None = None,
) -> dict[str, Any]:
    """Return what `ImageValidator.validate_image` does, with the default model.

    Raises:
        MissingExtraError: the extra ``clip`` is not installed.
        ScoringModelError: the model cannot be loaded.
    """
    return ImageValidator().validate_image(
        image_path, positive_prompt, negative_prompt, positive_threshold, delta_threshold
    )


class _UnreadableError(ValueError):
    """A picture cannot be read."""


def _opened(path: str | Path) -> Image.Image:
    """Return a picture, all of it decoded.

    Raises:
        _UnreadableError: there is none, or it is damaged.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # whoever only imports this needs none

    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except UnidentifiedImageError as error:
        raise _UnreadableError(f"{path} is not a picture in a known format") from error
    except OSError as error:
        raise _UnreadableError(f"{path} cannot be read: {error.strerror or error}") from error
    # Pillow's other ways to say that a file is damaged, or out of all measure.
    except (ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise _UnreadableError(f"{path} cannot be read: {error}") from error


def _as_documented(score: Score) -> dict[str, Any]:
    if score.negative is None:
        return {"positive_score": score.positive}
    return {"positive_score": score.positive, "negative_score": score.negative, "score_delta": score.delta}
