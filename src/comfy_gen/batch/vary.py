"""Values that shall all be tried, in all combinations: ``seed=1..20``, ``cfg=5,7,9``, ``prompt=@prompts.txt``. Pure."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from comfy_gen.batch.change import Change, parse_change
from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_JOBS = 100_000
"""More jobs in one batch are a slip of the finger."""

_NUMBER = r"(-?(?:\d+(?:\.\d+)?|\.\d+))"
_RANGE = re.compile(rf"{_NUMBER}\.\.{_NUMBER}(?:\.\.{_NUMBER})?")
_SHORT = re.compile(r"[A-Za-z0-9+_.-]{1,16}")
_EXPECTED = "NAME=FROM..TO, NAME=FROM..TO..STEP, NAME=A,B,C or NAME=@FILE, such as seed=1..20"


@dataclass(frozen=True, slots=True)
class Variation:
    """The values of one role or input."""

    name: str
    texts: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """What tells the jobs apart in their names: ``seed7``, or ``prompt3`` where the values are long."""
        stem = self.name.rpartition(".")[2]
        is_short = all(_SHORT.fullmatch(text) for text in self.texts)
        return tuple(f"{stem}{text if is_short else number}" for number, text in enumerate(self.texts, 1))


def parse_variation(text: str, read: Callable[[str], str]) -> Variation:
    """Read what ``--vary`` was given; ``read`` gives a file's text.

    Raises:
        InvalidParameterError: it is something else, or no value is left.
    """
    name, values = parse_change(text, "vary")
    texts = tuple(dict.fromkeys(_values(text, values.strip(), read)))
    if not texts:
        raise InvalidParameterError("vary", text, _EXPECTED)
    return Variation(name, texts)


def combinations(variations: Sequence[Variation]) -> Iterator[tuple[tuple[Change, ...], str]]:
    """Yield every combination, the last variation changing fastest, each with a label; one empty one for none.

    Raises:
        InvalidParameterError: there are too many.
    """
    count = math.prod(len(variation.texts) for variation in variations)
    if count > MAX_JOBS:
        raise InvalidParameterError("vary", f"{count:,} combinations", f"{MAX_JOBS:,} at most")
    sides = [
        [(Change(one.name, text), label) for text, label in zip(one.texts, one.labels, strict=True)]
        for one in variations
    ]
    for chosen in itertools.product(*sides):
        yield tuple(change for change, _ in chosen), "-".join(label for _, label in chosen)


def _values(whole: str, values: str, read: Callable[[str], str]) -> list[str]:
    if values.startswith("@"):
        return [line.strip() for line in read(values[1:]).splitlines() if line.strip()]
    if found := _RANGE.fullmatch(values):
        return _range(whole, *found.groups())
    # As in a CSV file: a value with a comma in it is quoted.
    row = next(csv.reader(io.StringIO(values, newline=""), skipinitialspace=True), list[str]())
    return [value.strip() for value in row if value.strip()]


def _range(whole: str, first: str, last: str, step: str | None) -> list[str]:
    """Count from first to last, both included, down too."""
    start, end, by = Decimal(first), Decimal(last), Decimal(step or 1)
    if by <= 0 or abs(end - start) / by >= MAX_JOBS:
        raise InvalidParameterError("vary", whole, f"a range of {MAX_JOBS:,} values at most, with a step above 0")
    count = int(abs(end - start) / by) + 1
    return [f"{start + (by if end >= start else -by) * number:f}" for number in range(count)]
