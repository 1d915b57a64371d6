"""Writes what was found as a page of Markdown: ratios first, then figures, each with its bar. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.finding import Bar, Finding, Judgement, LeftOut

NOISY = 1.1
"""How many times as slow as at its best a machine is not quiet any more."""
INTRODUCTION = """\
Written by `make bench`; what is changed by hand is lost with the next run. All figures are of one run on one machine.
What is compared took turns in that run, job by job or batch by batch, so that a ratio says more than a figure does.
"""
REPEATING = """\
## How to repeat it

```bash
make bench                             # all of it, and this page
make bench ARGS="--quick"              # a few rounds of each: whether all works
python -m benchmarks gateways gaps     # some of it, and no page
python -m benchmarks --engine http://127.0.0.1:8188   # with a ComfyUI of yours
```

`make live` installs the ComfyUI that is measured, into `.comfyui`.
"""
NOISE = """\
Medians are compared. *p95* is what nineteen of twenty were better than, the worst of fewer: how far it is from the
median is the noise of that row. Rows of one value have no spread that was measured. Before and after each measurement
the same loop of Python was timed while nothing else ran; *quiet* says how many times as long it took as at its best in
this run. Beyond 1.10 somebody else used the machine, and only ratios are worth reading there. Servers, engines and
clients share the cores that there are: on machines with more of them all absolute figures are better.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What came of one measurement."""

    name: str
    heading: str
    text: str
    findings: Sequence[Finding] = ()
    left_out: Sequence[LeftOut] = ()
    seconds: float = 0.0
    quiet: float = 1.0
    """How many times as slow the machine was as at its best, before and after."""
    failure: str = ""
    """Why there is no more of it."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found."""

    facts: Mapping[str, str]
    sections: Sequence[Section] = field(default=())
    is_quick: bool = False
    others: Sequence[str] = ()
    """Measurements that this run did not take."""

    def judged(self) -> Iterator[tuple[Section, Finding, Judgement]]:
        """Yield each bar and what was reached of it."""
        for section in self.sections:
            for finding in section.findings:
                yield from ((section, finding, judgement) for judgement in finding.judgements())


def markdown(run: Run) -> str:
    """Return the page."""
    parts = ["# Benchmarks", INTRODUCTION, *_warning(run), *_summary(run), "## Ratios", *_ratios(run)]
    parts += [part for section in run.sections for part in section_lines(section)]
    parts += ["## The machine", *_table(("", ""), run.facts.items()), "## Noise", NOISE, *_quietness(run), REPEATING]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def section_lines(section: Section) -> Iterator[str]:
    """Yield what is to be said of one measurement."""
    yield f"## {section.heading}"
    if section.text:
        yield section.text
    rows = [row for finding in section.findings for row in _rows(finding)]
    if rows:
        yield from _table(("what", "way", "median", "p95", "n", "better", "bar", ""), rows, right=(2, 3, 4))
    notes = [f"- {finding.title}: {finding.note}" for finding in section.findings if finding.note]
    notes += [f"- Left out: {one.what}. {one.why[:1].upper()}{one.why[1:]}." for one in section.left_out]
    yield from ["\n".join(notes)] if notes else []
    if section.failure:
        yield f"**It did not come to its end:** {section.failure}"


def said(bar: Bar, finding: Finding) -> str:
    """Return a bar in words."""
    limit = f"{bar.limit:,.3g}" if bar.limit < 1000 else f"{bar.limit:,.0f}"
    if bar.beside and not bar.is_added:
        return f"at least {limit} times {bar.beside}"
    point = "" if bar.at == "p50" else f" ({bar.at})"
    more = f" more than {bar.beside}" if bar.beside else ""
    return f"at {'least' if finding.better == 'more' else 'most'} {limit} {finding.unit}{more}{point}"


def number(value: float) -> str:
    """Return a figure with no more digits than it is worth."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def verdict(judgement: Judgement) -> str:
    """Return the word for a bar, and what was reached where the row does not show it."""
    word = "ok" if judgement.is_met else "**MISSED**"
    is_shown = judgement.bar.at in {"p50", "p95"} and not judgement.bar.beside
    return word if is_shown else f"{word} ({number(judgement.reached)})"


def _warning(run: Run) -> Iterator[str]:
    if run.is_quick:
        yield "**This was a quick run: a few rounds of each, to see that all works. Its figures say nothing.**"
    if run.others:
        yield f"**This run took some of the measurements only.** It has nothing of: {', '.join(run.others)}."


def _summary(run: Run) -> Iterator[str]:
    judged = [*run.judged()]
    met = sum(judgement.is_met for *_, judgement in judged)
    yield f"**{met} of {len(judged)} bars are met.**" + ("" if met == len(judged) else " Missed are:")
    missed = (
        f"- {finding.title}, {one.bar.way}: {number(one.reached)}, {said(one.bar, finding)}"
        for _, finding, one in judged
        if not one.is_met
    )
    yield from filter(None, ["\n".join(missed)])
    for section in run.sections:
        if section.failure:
            yield f"**Not measured to its end:** {section.heading}."


def _ratios(run: Run) -> Iterator[str]:
    yield "How many times as good the median is as that of another way: 2 is half the time, or twice the rate."
    rows = [row for section in run.sections for finding in section.findings for row in _ratio_rows(finding)]
    yield from _table(("what", "way", "times as good as", "bar", ""), rows)


def _ratio_rows(finding: Finding) -> Iterator[Sequence[str]]:
    ratios = [*finding.ratios()]
    title = finding.title
    for way in dict.fromkeys(ratio.way for ratio in ratios):
        beside = ", ".join(f"{ratio.than} **{ratio.times:.2f}**" for ratio in ratios if ratio.way == way)
        bars = [one for one in finding.judgements() if one.bar.way == way and one.bar.beside and not one.bar.is_added]
        yield title, way, beside, _joined(said(one.bar, finding) for one in bars), _joined(map(verdict, bars))
        title = ""


def _rows(finding: Finding) -> Iterator[Sequence[str]]:
    title = f"{finding.title} ({finding.unit})"
    for way, values in finding.of_ways.items():
        bars = [one for one in finding.judgements() if one.bar.way == way]
        spread = number(finding.at(way, "p95")) if len(values) > 1 else ""
        judged = (_joined(said(one.bar, finding) for one in bars), _joined(map(verdict, bars)))
        yield title, way, number(finding.at(way)), spread, f"{len(values):,}", finding.better, *judged
        title = ""


def _quietness(run: Run) -> Iterator[str]:
    rows = (
        (section.name, f"{section.seconds:.0f}", f"{section.quiet:.2f}", "" if section.quiet <= NOISY else "noisy")
        for section in run.sections
    )
    yield from _table(("measurement", "seconds", "quiet", ""), rows, right=(1, 2))


def _joined(words: Iterable[str]) -> str:
    return "<br>".join(words)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    rule = ["--:" if place in right else "---" for place in range(len(heads))]
    yield "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows))
