"""Does what ``comfygen quality score`` was asked for."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from comfy_gen.app.gating import build_scorer, thresholds_file
from comfy_gen.cli.failures import EXIT_CONFIG_ERROR, EXIT_FAILURE, error_json, print_json
from comfy_gen.cli.quality.pairs import Prompt, read, stored_prompt
from comfy_gen.cli.quality.table import Judged, judged_json, prompt_lines, score_table, threshold_line
from comfy_gen.config import read_settings
from comfy_gen.errors import (
    ComfyGenError,
    InputImageError,
    InvalidParameterError,
    MissingExtraError,
)
from comfy_gen.pipeline.preprocess import open_picture
from comfy_gen.validation.gate import Gate, PictureVerdict, Seen
from comfy_gen.validation.quality import Quality, quality_of
from comfy_gen.validation.scoring.loading import EXTRA
from comfy_gen.validation.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.config import Settings
    from comfy_gen.validation.gate import Scorer

STDERR = Console(stderr=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The pictures that somebody wants to have judged, and by what."""

    pictures: Sequence[Path]
    prompt: str | None = None
    """None: each picture's own."""
    negative_prompt: str | None = None
    positive_threshold: float | None = None
    delta_threshold: float | None = None
    model: str | None = None
    """None: that of the settings."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What was found."""

    pictures: Sequence[Judged]
    model: str
    """Empty where nothing compared them."""
    lack: ComfyGenError | None
    """Why nothing did."""

    @property
    def exit_code(self) -> int:
        """What the command leaves with: what is not installed is no failure, for it may not be wanted."""
        passed = [one.verdict.passed for one in self.pictures]
        if None in passed or not (self.lack is None or isinstance(self.lack, MissingExtraError)):
            return EXIT_CONFIG_ERROR
        return 0 if all(passed) else EXIT_FAILURE


@dataclass(frozen=True, slots=True)
class _Looked:
    """A picture that was looked at, and not yet compared with anything."""

    file: str
    prompt: Prompt
    """Without text where there is none."""
    seen: Seen | None
    """None: it does not open."""
    flaw: str = ""
    """Why it does not."""


def score(wish: Wish, *, as_json: bool) -> None:
    """Print what is to be said of pictures; leave with 1 if one does not pass, and with 2 if they cannot be judged.

    Raises:
        InvalidParameterError: a threshold cannot work, or needs a prompt that is not there.
        InputImageError: files are missing, or may not be read; it names all of them.
        MissingExtraError: thresholds are asked for, and nothing here compares pictures with prompts.
        ThresholdFileError: what was learnt cannot be read.
        ScoringModelError: the model cannot be loaded; what needs none is printed before.
    """
    scored = asyncio.run(_score(wish))
    if as_json:
        lack = {} if scored.lack is None else error_json(scored.lack)
        pictures = [judged_json(one) for one in scored.pictures]
        passed = None if scored.exit_code == EXIT_CONFIG_ERROR else not scored.exit_code
        print_json({"passed": passed, "model": scored.model, "pictures": pictures, **lack})
    else:
        _print(scored, is_stored=wish.prompt is None)
    if scored.exit_code:
        raise typer.Exit(scored.exit_code)


async def _score(wish: Wish) -> Scored:
    settings = read_settings(flags={"quality.model": wish.model})
    quality = _quality(wish, settings)
    thresholds = Thresholds(thresholds_file(settings))
    if wish.positive_threshold is None:
        thresholds.kept()  # a person is told of a damaged file; a worker goes on without
    scorer = build_scorer(settings)
    Gate(thresholds, scorer).check(quality)
    looked = await _look_at_all(Gate(thresholds, None), wish)
    if quality.needs_scores:
        _check_prompts(looked)
    lack = _lack(settings) if scorer is None else await _failure(scorer, looked)
    gate = Gate(thresholds, None if lack else scorer)
    model = "" if scorer is None or lack else settings.quality.model
    return Scored(await _judge(gate, looked, quality), model, lack)


def _quality(wish: Wish, settings: Settings) -> Quality:
    if wish.prompt is not None and not wish.prompt.strip():
        raise InvalidParameterError("--prompt", wish.prompt, "a text", "without it, each picture's own is used.")
    quality = quality_of(
        validate=True, positive_threshold=wish.positive_threshold, delta_threshold=wish.delta_threshold
    )
    if quality is not None and quality.needs_scores and not settings.quality.has_model:
        raise InvalidParameterError("quality.model", "none", "set for thresholds", "name a model with --model.")
    return quality or Quality()


def _lack(settings: Settings) -> ComfyGenError | None:
    """Return why nothing compares pictures with prompts; nobody wants it where no model is set."""
    return MissingExtraError("comparing pictures with their prompts", EXTRA) if settings.quality.has_model else None


async def _failure(scorer: Scorer, looked: Sequence[_Looked]) -> ComfyGenError | None:
    """Return what keeps a model from comparing one picture: the gate would say it of each, and not what to do."""
    first = next(((one.seen, one.prompt) for one in looked if one.seen is not None and one.prompt.text), None)
    if first is None:
        return None
    seen, prompt = first
    try:
        await scorer.scores([seen.small], prompt.text, "")
    except ComfyGenError as error:
        return error
    return None


async def _look_at_all(gate: Gate, wish: Wish) -> list[_Looked]:
    looked: list[_Looked] = []
    missing: list[InputImageError] = []
    for path in wish.pictures:
        try:
            content = read(path)
        except InputImageError as error:
            missing.append(error)
            continue
        looked.append(await _look(gate, wish, str(path), content))
    if missing:
        reasons = dict.fromkeys(error.reason for error in missing)
        raise InputImageError(" and ".join(error.source for error in missing), "; ".join(reasons))
    return looked


async def _look(gate: Gate, wish: Wish, file: str, content: bytes) -> _Looked:
    try:
        stored = None if wish.prompt is not None else stored_prompt(content, source=file)
        seen = await gate.look(open_picture(content, source=file))
    except InputImageError as error:
        return _Looked(file, Prompt(""), None, f"it does not open: {error.reason}")
    prompt = stored or Prompt(wish.prompt or "")
    return _Looked(
        file, prompt if wish.negative_prompt is None else replace(prompt, negative=wish.negative_prompt), seen
    )


def _check_prompts(looked: Sequence[_Looked]) -> None:
    bare = [one.file for one in looked if one.seen is not None and not one.prompt.text.strip()]
    if bare:
        lacking = f"{bare[0]} and {len(bare) - 1} more carry none" if len(bare) > 1 else f"{bare[0]} carries none"
        raise InvalidParameterError("--prompt", "", f"given with a threshold: {lacking}")


async def _judge(gate: Gate, looked: Sequence[_Looked], quality: Quality) -> list[Judged]:
    """Judge what one prompt made as one batch."""
    verdicts = [PictureVerdict(passed=False, reason=one.flaw) for one in looked]
    batches: dict[Prompt, dict[int, Seen]] = {}
    for place, one in enumerate(looked):
        if one.seen is not None:
            batches.setdefault(one.prompt, {})[place] = one.seen

    async def judge(prompt: Prompt, batch: dict[int, Seen]) -> None:
        judged = await gate.judge([*batch.values()], quality, prompt=prompt.text, negative_prompt=prompt.negative)
        for place, verdict in zip(batch, judged, strict=True):
            verdicts[place] = verdict

    await asyncio.gather(*itertools.starmap(judge, batches.items()))
    return [Judged(one.file, one.prompt, verdict) for one, verdict in zip(looked, verdicts, strict=True)]


def _print(scored: Scored, *, is_stored: bool) -> None:
    Console().print(score_table(scored.pictures))
    said = prompt_lines(scored.pictures) if is_stored else []
    for line in [*said, *threshold_line(scored.pictures)]:
        STDERR.print(line, markup=False, highlight=False, soft_wrap=True)
    if scored.lack is not None and not isinstance(scored.lack, MissingExtraError):
        raise scored.lack
    if not scored.model:
        why = f"{scored.lack.message}; {scored.lack.hint}" if scored.lack else "no model is set (quality.model)"
        said = f"They were only looked at for what is broken: {why}"
        STDERR.print(said, markup=False, highlight=False, soft_wrap=True)
