"""A table of jobs: the first line of a CSV file names roles and inputs, each further line is one job. Pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from comfy_gen.batch.change import Change, checked_name
from comfy_gen.errors import InvalidParameterError

WORKFLOW, JOB = "workflow", "job"
"""Columns that are no values: the file to run, and the job's name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; an empty cell leaves a value as the workflow has it."""

    number: int
    """As an editor counts lines, where no cell has several."""
    workflow: str = ""
    name: str = ""
    changes: tuple[Change, ...] = ()


def parse_sheet(text: str, source: str) -> list[Row]:
    """Read the table.

    Raises:
        InvalidParameterError: it has no header or no jobs, a column that is not known, or a line with too many cells.
    """
    try:
        lines = [line for line in csv.reader(text.splitlines(keepends=True), strict=True) if any(line)]
    except csv.Error as error:
        raise InvalidParameterError("csv", source, f"a CSV file ({error})") from error
    if len(lines) < 2:
        raise InvalidParameterError("csv", source, "a CSV file with a line of names and at least one of values")
    header = [_column(name.strip(), source) for name in lines[0]]
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise InvalidParameterError("csv", source, f"a CSV file with each column once, not {', '.join(repeated)} twice")
    return [_row(header, line, number, source) for number, line in enumerate(lines[1:], 2)]


def _column(name: str, source: str) -> str:
    return name if name in (WORKFLOW, JOB) else checked_name(name, f"a column of {source}")


def _row(header: list[str], cells: list[str], number: int, source: str) -> Row:
    if len(cells) > len(header):
        advice = "a text with a comma in it is quoted."
        raise InvalidParameterError(f"line {number} of {source}", len(cells), f"{len(header)} cells", advice)
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    workflow, name = values.pop(WORKFLOW, ""), values.pop(JOB, "")
    return Row(number, workflow, name, tuple(Change(*pair) for pair in values.items()))
