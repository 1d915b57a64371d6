"""How judged pictures and learnt thresholds are shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rich.text import Text

from comfy_gen.cli.jobs.table import age, cut
from comfy_gen.cli.library.table import one_line, shown
from comfy_gen.cli.plain_table import plain_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from comfy_gen.cli.quality.pairs import LeftOut, Prompt
    from comfy_gen.validation.calibration import Calibration
    from comfy_gen.validation.gate import PictureVerdict

_LISTED = 10
"""Files that are named to people; ``--json`` has all of them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture, and what is said of it."""

    file: str
    prompt: Prompt
    verdict: PictureVerdict


def score_table(pictures: Sequence[Judged]) -> Table:
    """Return one line for each picture; what nothing compared them with has no column."""
    has_scores = any(one.verdict.score is not None for one in pictures)
    has_deltas = any(one.verdict.score_delta is not None for one in pictures)
    table = plain_table()
    table.add_column("picture", no_wrap=True, max_width=28)
    table.add_column("passed" if has_scores else "sound", no_wrap=True)
    for heading in [*["score"] * has_scores, *["negative", "delta"] * has_deltas]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for one in pictures:
        verdict = one.verdict
        figures = [*[verdict.score] * has_scores, *[verdict.negative_score, verdict.score_delta] * has_deltas]
        cells = cut(PurePath(one.file).name), _passed(verdict.passed), *map(_figure, figures)
        table.add_row(*cells, Text(verdict.reason))
    return table


def prompt_lines(pictures: Sequence[Judged]) -> list[str]:
    """Return the prompts that pictures carry, each with those that do."""
    files: dict[str, list[str]] = {}
    for one in pictures:
        if one.verdict.findings:  # else it did not open
            files.setdefault(one.prompt.text, []).append(PurePath(one.file).name)
    return [_prompt_line(prompt, names) for prompt, names in files.items()]


def threshold_line(pictures: Sequence[Judged]) -> list[str]:
    """Return from where on pictures pass, and who says so; nothing where none was compared."""
    verdict = next((one.verdict for one in pictures if one.verdict.threshold is not None), None)
    if verdict is None:
        return []
    who = {
        "given": "as you say",
        "calibrated": f"learnt of {verdict.model}",
        "default": f"the default; learn what suits {verdict.model}: comfygen quality calibrate FOLDER",
    }
    return [f"Pictures pass from {_figure(verdict.threshold)} on: {who[verdict.threshold_source]}."]


def judged_json(one: Judged) -> dict[str, Any]:
    """Return a picture as ``--json`` prints it."""
    prompts = {"prompt": one.prompt.text or None, "negative_prompt": one.prompt.negative or None}
    return {"file": one.file, **prompts, **one.verdict.as_json()}


def spread_table(learnt: Calibration) -> Table:
    """Return how similarities are spread, and what of them passes."""
    table = plain_table()
    table.add_column("compared with")
    for heading in ("pairs", "least", "lower ¼", "median", "upper ¼", "most", "pass"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, spread in (("their own prompts", learnt.own), ("others' prompts", learnt.other)):
        values = spread.least, spread.lower, spread.median, spread.upper, spread.most
        table.add_row(name, f"{spread.count:,}", *map(_figure, values), _share(spread.passed))
    return table


def threshold_table(kept: Mapping[str, Calibration], *, now: float) -> Table:
    """Return one line for each model; its name whole, to be given to another command."""
    table = plain_table()
    table.add_column("model", overflow="fold")
    for heading in ("from", "right pass", "wrong pass", "AUC", "pairs", "age"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, learnt in kept.items():
        rates = _share(learnt.own.passed), _share(learnt.other.passed)
        cells = _figure(learnt.threshold), *rates, f"{learnt.auc:.3f}", f"{learnt.pairs:,}", age(now - learnt.at)
        table.add_row(Text(name), *cells)
    return table


def left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    """Return the files that nothing was learnt of, each with why."""
    return _some([f"  - {one.file}: {one.reason}" for one in left_out])


def failing_lines(failing: Mapping[str, float]) -> list[str]:
    """Return the pictures that would not pass with their own prompts."""
    return _some([f"  - {file}: {_figure(value)}" for file, value in failing.items()])


def _some(lines: list[str]) -> list[str]:
    rest = len(lines) - _LISTED
    return lines if rest <= 0 else [*lines[:_LISTED], f"  - and {rest:,} more; --json has all"]


def _prompt_line(prompt: str, names: Sequence[str]) -> str:
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    if prompt:
        return f"{names[0]}{others}, by the prompt inside: {shown(one_line(prompt))}"
    return f"{names[0]}{others}: no prompt inside, so nothing to compare with. Give one: --prompt TEXT"


def _passed(passed: bool | None) -> Text:  # noqa: FBT001  # it is the value of a cell
    word, style = {True: ("yes", "green"), False: ("no", "red"), None: ("unknown", "yellow")}[passed]
    return Text(word, style=style)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(part: float) -> str:
    return f"{part:.0%}"
