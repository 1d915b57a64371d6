"""Makes of the settings the gate that judges pictures: for the worker, and for who generates without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.validation.gate import Gate
from comfy_gen.validation.scoring.scorer import ClipScorer, is_available
from comfy_gen.validation.scoring.weights import find, is_folder
from comfy_gen.validation.thresholds import Thresholds

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.config import Settings


def build_gate(settings: Settings) -> Gate:
    """Return a gate; no model is loaded before it judges.

    It compares nothing with prompts where no model is set, or the extra for it is not installed.

    Raises:
        ScoringModelError: the model that is set should be here, and is not, or not whole.
    """
    quality, scorer = settings.quality, build_scorer(settings)
    if scorer is not None and (quality.offline or is_folder(quality.model)):
        find(quality.model, offline=True)  # said at once, not after the first picture
    return Gate(Thresholds(thresholds_file(settings)), scorer)


def thresholds_file(settings: Settings) -> Path:
    """Return where the thresholds are that were learnt."""
    return settings.jobs.data_dir / "thresholds.json"


def build_scorer(settings: Settings) -> ClipScorer | None:
    """Return what compares pictures with prompts; None where no model is set, or its extra is not installed."""
    quality = settings.quality
    if not (quality.has_model and is_available()):
        return None
    return ClipScorer(quality.model, device=quality.device, batch_size=quality.batch_size, offline=quality.offline)
