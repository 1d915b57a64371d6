"""The gate: looks at each picture of a job, first without a model and then with one, and says whether it passes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from comfy_gen.errors import ComfyGenError, InvalidParameterError
from comfy_gen.validation.basic import findings_of, likenesses
from comfy_gen.validation.looking.fingerprint import fingerprint_of
from comfy_gen.validation.looking.visible import reduced, visible
from comfy_gen.validation.scoring.loading import EXTRA, is_available, require
from comfy_gen.validation.scoring.similarity import shortfalls
from comfy_gen.validation.scoring.weights import is_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from comfy_gen.validation.basic import Finding
    from comfy_gen.validation.quality import Quality
    from comfy_gen.validation.scoring.scorer import Score
    from comfy_gen.validation.thresholds import Thresholds

log = logging.getLogger(__name__)

CHECK = "quality"
"""What its verdicts are called."""
SEEN_SIDE = 512
"""Pixels of the longer side of what a model gets to see: none of them looks at more."""


UNSCORED = "nothing could compare it with the prompt: the log says why"
"""Errors of models name folders of this machine, and verdicts are told to everybody."""
NO_PROMPT = "the workflow has no prompt to compare it with"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of a picture until all of its batch are there."""

    findings: tuple[Finding, ...]
    fingerprint: int
    small: Image.Image
    """In RGB, for the model."""
    batch: str = ""
    """What it came with: of the same batch no two pictures should be alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureVerdict:
    """What the gate says of a picture."""

    passed: bool | None
    """None where it could not be told whether it fits the prompt."""
    score: float | None = None
    """Its similarity to the prompt, from 0 to 1; None where nothing compared them."""
    negative_score: float | None = None
    """Its similarity to the negative prompt."""
    score_delta: float | None = None
    """The difference."""
    reason: str = ""
    """Why it did not pass, or could not be judged."""
    threshold: float | None = None
    threshold_source: str = ""
    """Where the threshold is from: ``given``, ``calibrated`` or ``default``."""
    delta_threshold: float | None = None
    model: str = ""
    """That compared them."""
    findings: Sequence[Finding] = ()
    """Of the checks that need no model."""
    check: str = CHECK

    @property
    def flaws(self) -> int:
        """How many of those checks found something."""
        return sum(not finding.passed for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {**asdict(self), "findings": [asdict(finding) for finding in self.findings]}


class Scorer(Protocol):
    """Compares pictures with texts."""

    @property
    def model(self) -> str:
        """What it compares them with."""
        ...

    def prepare(self) -> None:
        """Have it ready when the pictures come, without waiting for it."""
        ...

    async def scores(self, pictures: Sequence[Image.Image], prompt: str, negative_prompt: str) -> Sequence[Score]:
        """Return how like the texts each picture is.

        Raises:
            ScoringModelError: the model cannot be loaded.
        """
        ...


class Gate:
    """Judges the pictures of jobs."""

    def __init__(self, thresholds: Thresholds, scorer: Scorer | None) -> None:
        """``scorer`` is None where nothing compares pictures with prompts: no model is set, or no extra installed."""
        self._thresholds = thresholds
        self._scorer = scorer

    def check(self, quality: Quality) -> None:
        """Do nothing, if pictures can be judged as somebody asks.

        Raises:
            MissingExtraError: scores are asked for, and what gives them is not installed.
            InvalidParameterError: it is installed, and no model is set.
        """
        if quality.needs_scores:
            self.check_scores(quality.scored[0])

    def check_scores(self, purpose: str) -> None:
        """Do nothing, if pictures can be compared with prompts; ``purpose`` says what needs that.

        Raises:
            MissingExtraError: what compares them is not installed.
            InvalidParameterError: it is installed, and no model is set.
        """
        if self._scorer is None:
            require()
            expected = f"a CLIP or SigLIP model, for {purpose} needs one"
            raise InvalidParameterError("quality.model", "none", expected, "set COMFYGEN_QUALITY_MODEL.")

    def prepare(self) -> None:
        """Have a model loaded while the pictures are made that it is to see."""
        if self._scorer is not None:
            self._scorer.prepare()

    @property
    def notes(self) -> list[str]:
        """What everybody is told whose pictures are judged."""
        if self._scorer is not None:
            return []
        why = "no model is set (quality.model)" if is_available() else f"the extra {EXTRA} is not installed"
        return [f"the pictures were not compared with the prompt: {why}"]

    async def look(self, picture: Image.Image, size: tuple[int, int] | None = None, *, batch: str = "") -> Seen:
        """Look at a decoded picture without a model.

        ``size`` is the one that was asked for, where that is known; ``batch`` names what the picture came with.
        """
        return await asyncio.to_thread(_look, picture, size, batch)

    async def judge(
        self, pictures: Sequence[Seen], quality: Quality, *, prompt: str, negative_prompt: str
    ) -> list[PictureVerdict]:
        """Return what is to be said of the pictures that one prompt made."""
        found = [(*one.findings, likeness) for one, likeness in zip(pictures, _likenesses(pictures), strict=True)]
        sound = [place for place, findings in enumerate(found) if all(one.passed for one in findings)]
        scored = await self._score([pictures[place].small for place in sound], prompt, negative_prompt)
        if isinstance(scored, str):
            return [_unscored(findings, scored) for findings in found]
        if quality.needs_scores and not prompt.strip():
            return [_unscored(findings, NO_PROMPT) for findings in found]
        scores = dict(zip(sound, scored, strict=True))
        return [self._verdict(findings, scores.get(place), quality) for place, findings in enumerate(found)]

    async def _score(self, pictures: list[Image.Image], prompt: str, negative: str) -> Sequence[Score | None] | str:
        """Return the scores of pictures, or why they have none; without a prompt there is nothing to compare with."""
        if self._scorer is None or not (pictures and prompt.strip()):
            return [None] * len(pictures)
        try:
            return await self._scorer.scores(pictures, prompt, negative)
        except ComfyGenError as error:
            log.warning("pictures go unscored: %s", "; ".join(filter(None, [error.message, error.hint])))
            return UNSCORED
        except Exception:  # a bug must not cost the pictures
            log.exception("pictures go unscored")
            return UNSCORED

    def _verdict(self, findings: tuple[Finding, ...], score: Score | None, quality: Quality) -> PictureVerdict:
        if score is None or self._scorer is None:
            return _unscored(findings, "")
        threshold = self._thresholds.of(self._scorer.model, given=quality.positive_threshold)
        reasons = [*_flaws(findings), *shortfalls(score, threshold.value, quality.delta_threshold)]
        return PictureVerdict(
            passed=not reasons,
            score=_rounded(score.positive),
            negative_score=_rounded(score.negative),
            score_delta=_rounded(score.delta),
            reason="; ".join(reasons),
            threshold=threshold.value,
            threshold_source=threshold.source,
            delta_threshold=quality.delta_threshold,
            model=shown(self._scorer.model),
            findings=findings,
        )


def _rounded(figure: float | None) -> float | None:
    """Return a figure as it is told: what comes after that differs from one machine to the next."""
    return None if figure is None else round(figure, 4)


def shown(model: str) -> str:
    """Return what a model is called; of a folder no more than its name, for verdicts are told to everybody."""
    return Path(model).name if is_folder(model) else model


def _look(picture: Image.Image, size: tuple[int, int] | None, batch: str) -> Seen:
    small = reduced(visible(picture), SEEN_SIDE).convert("RGB")
    return Seen(findings_of(picture, size=size), fingerprint_of(small), small, batch)


def _likenesses(pictures: Sequence[Seen]) -> list[Finding]:
    """Return a finding for each picture, that compares it with the earlier ones of its own batch."""
    batches: dict[str, list[int]] = {}
    for place, one in enumerate(pictures):
        batches.setdefault(one.batch, []).append(place)
    found = {
        place: finding
        for places in batches.values()
        for place, finding in zip(places, likenesses([pictures[place].fingerprint for place in places]), strict=True)
    }
    return [found[place] for place in range(len(pictures))]


def _unscored(findings: Sequence[Finding], why: str) -> PictureVerdict:
    """Return a verdict by the findings alone: what has flaws does not pass, whatever a model would say."""
    flaws = _flaws(findings)
    passed = False if flaws else (None if why else True)
    return PictureVerdict(passed=passed, reason="; ".join(flaws) or why, findings=findings)


def _flaws(findings: Sequence[Finding]) -> list[str]:
    return [finding.reason for finding in findings if not finding.passed]
