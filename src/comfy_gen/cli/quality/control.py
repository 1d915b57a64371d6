"""Does what the commands for learnt thresholds were asked for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app.gating import build_scorer, thresholds_file
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.quality.pairs import LeftOut, Pairs, read, read_pairs, spread_over
from comfy_gen.cli.quality.table import failing_lines, left_out_lines, spread_table, threshold_table
from comfy_gen.config import read_settings
from comfy_gen.errors import CalibrationError, InputImageError, InvalidParameterError, MissingExtraError
from comfy_gen.pipeline.preprocess import open_picture
from comfy_gen.validation.calibration import Calibration, check_prompts, learn
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.scoring.loading import EXTRA
from comfy_gen.validation.thresholds import DEFAULT, Threshold, Thresholds, key_of

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from comfy_gen.config import Settings
    from comfy_gen.validation.scoring.scorer import ClipScorer

STDERR = Console(stderr=True)
MOST_PAIRS = 256
"""That are compared, each with each: more change the threshold little, and have to be in memory."""


@dataclass(slots=True)
class _Sample:
    """The pictures that are compared, small, with their prompts."""

    files: list[str] = field(default_factory=list[str])
    prompts: list[str] = field(default_factory=list[str])
    pictures: list[Image.Image] = field(default_factory=list["Image.Image"])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What was learnt, and of what."""

    model: str
    learnt: Calibration
    before: Threshold
    failing: dict[str, float]
    """The pictures that would not pass, with their similarity to their prompts."""
    left_out: list[LeftOut]
    found: int
    """How many pictures with a prompt there are, of which those that were compared are a sample."""


def calibrate(folder: Path, model: str | None, *, is_rehearsal: bool, as_json: bool) -> None:
    """Learn a model's threshold of a folder, print how good it is, and keep it.

    Raises:
        InvalidParameterError: it is no folder, or no model is set.
        CalibrationError: nothing can be learnt of it.
        MissingExtraError, ScoringModelError: nothing here compares pictures with prompts.
        ThresholdFileError, OutputPathError: it cannot be kept.
    """
    settings = read_settings(flags={"quality.model": model})
    scorer = _scorer(settings)
    thresholds = Thresholds(thresholds_file(settings))
    thresholds.kept()  # a damaged file is told of now, not after minutes of work
    lesson = asyncio.run(_learn(read_pairs(folder), scorer, thresholds))
    if not is_rehearsal:
        thresholds.keep(lesson.model, lesson.learnt)
    if as_json:
        print_json(_lesson_json(lesson, None if is_rehearsal else thresholds_file(settings)))
    else:
        _print(lesson, None if is_rehearsal else thresholds_file(settings))


def list_thresholds(*, as_json: bool) -> None:
    """Print what was learnt.

    Raises:
        ThresholdFileError: it cannot be read.
    """
    kept = Thresholds(thresholds_file(read_settings())).kept()
    if as_json:
        print_json({"default": DEFAULT, "models": {name: learnt.as_json() for name, learnt in kept.items()}})
    elif kept:
        Console().print(threshold_table(kept, now=time.time()))
    else:
        _say(
            f"Nothing was learnt yet: with any model pictures pass from {DEFAULT:.2f} on."
            " Learn what suits it: comfygen quality calibrate FOLDER"
        )


def forget(model: str, *, as_json: bool) -> None:
    """Forget what was learnt of a model.

    Raises:
        InvalidParameterError: nothing was.
        ThresholdFileError, OutputPathError: the file is damaged, or cannot be written.
    """
    name = Thresholds(thresholds_file(read_settings())).forget(model)
    if as_json:
        print_json({"model": name, "threshold": DEFAULT, "source": "default"})
        return
    said = f"Pictures that are compared by {name} pass from {DEFAULT:.2f} on again, the default."
    Console().print(said, markup=False, highlight=False, soft_wrap=True)


def _scorer(settings: Settings) -> ClipScorer:
    if not settings.quality.has_model:
        raise InvalidParameterError("quality.model", "none", "set", "name a model with --model.")
    scorer = build_scorer(settings)
    if scorer is None:
        raise MissingExtraError("comparing pictures with their prompts", EXTRA)
    return scorer


async def _learn(pairs: Pairs, scorer: ClipScorer, thresholds: Thresholds) -> _Lesson:
    sample = await _sample_of(pairs, Gate(thresholds, None))
    try:
        check_prompts(sample.prompts)
        similarities = await scorer.similarities(sample.pictures, sample.prompts)
        learnt = learn(similarities, sample.prompts, at=time.time())
    except CalibrationError as error:
        raise CalibrationError("\n".join([error.reason, *_told(sample.left_out)])) from error
    own = {file: similarities[place][place] for place, file in enumerate(sample.files)}
    failing = {file: value for file, value in own.items() if value < learnt.threshold}
    before = thresholds.of(scorer.model)
    return _Lesson(key_of(scorer.model), learnt, before, failing, sample.left_out, len(pairs.prompts))


async def _sample_of(pairs: Pairs, gate: Gate) -> _Sample:
    """Open pictures, and leave out those that the gate would not let pass whatever they show."""
    sample = _Sample(left_out=list(pairs.left_out))
    for name in spread_over(list(pairs.prompts), MOST_PAIRS):
        try:
            seen = await gate.look(open_picture(read(pairs.folder / name), source=name))
        except InputImageError as error:
            sample.left_out.append(LeftOut(name, error.reason))
            continue
        if flaws := [finding.reason for finding in seen.findings if not finding.passed]:
            sample.left_out.append(LeftOut(name, "; ".join(flaws)))
            continue
        sample.files.append(name)
        sample.prompts.append(pairs.prompts[name])
        sample.pictures.append(seen.small)
    return sample


def _told(left_out: list[LeftOut]) -> list[str]:
    count = "1 file is" if len(left_out) == 1 else f"{len(left_out):,} files are"
    return [f"{count} left out:", *left_out_lines(left_out)] if left_out else []


def _print(lesson: _Lesson, file: Path | None) -> None:
    learnt = lesson.learnt
    if lesson.found > MOST_PAIRS:
        _say(f"Of {lesson.found:,} pictures with a prompt {MOST_PAIRS} from all over were taken.")
    for line in _told(lesson.left_out):
        _say(line)
    console = Console()
    said = f"Pictures that are compared by {lesson.model} pass from {learnt.threshold:.3f} on."
    console.print(said, markup=False, highlight=False, soft_wrap=True)
    console.print(spread_table(learnt))
    said = f"Of two such pairs the own one is nearer in {learnt.auc:.1%} of all cases (AUC {learnt.auc:.3f})."
    console.print(said, markup=False, highlight=False, soft_wrap=True)
    if lesson.failing:
        _say(f"With their own prompts {len(lesson.failing):,} would not pass:")
    for line in failing_lines(lesson.failing):
        _say(line)
    before = f"{lesson.before.value:.3f} ({lesson.before.source})"
    _say(f"Not kept: it stays at {before}." if file is None else f"Kept in {file}; it was {before}.")


def _lesson_json(lesson: _Lesson, file: Path | None) -> dict[str, object]:
    return {
        "model": lesson.model,
        **lesson.learnt.as_json(),
        "file": None if file is None else str(file),
        "before": {"threshold": lesson.before.value, "source": lesson.before.source},
        "found": lesson.found,
        "not_passing": lesson.failing,
        "left_out": [{"file": one.file, "reason": one.reason} for one in lesson.left_out],
    }


def _say(line: str) -> None:
    STDERR.print(line, markup=False, highlight=False, soft_wrap=True)
