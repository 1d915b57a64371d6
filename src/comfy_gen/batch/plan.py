"""Makes the jobs of a batch: every file with every line of a table in every variation, each with its own name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.batch.change import Change, changed
from comfy_gen.batch.job import Job, make_job
from comfy_gen.batch.sheet import Row, parse_sheet
from comfy_gen.batch.vary import MAX_JOBS, Variation, combinations, parse_variation
from comfy_gen.errors import ComfyGenError, InvalidParameterError
from comfy_gen.pipeline.request import raise_all
from comfy_gen.workflows.catalogue import find_workflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comfy_gen.workflows.graph import Workflow

_NAME_LENGTH = 120
"""Characters: what is left of a file name is for numbers and suffix."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a person asks for."""

    files: tuple[str, ...]
    """Files, folders of files, and shipped templates."""
    settings: tuple[Change, ...] = ()
    """For every job."""
    variations: tuple[Variation, ...] = ()
    rows: tuple[Row, ...] = field(default=(Row(0),))
    """Of a table; one that says nothing where there is none."""


def read_sheet(path: str) -> tuple[Row, ...]:
    """Read a table of jobs from a CSV file.

    Raises:
        InvalidParameterError: it cannot be read, or is no such table.
    """
    return tuple(parse_sheet(_text(path, "csv"), path))


def read_variation(text: str) -> Variation:
    """Read what ``--vary`` was given, with its file if it names one.

    Raises:
        InvalidParameterError: it is something else.
    """
    return parse_variation(text, lambda path: _text(path, "vary"))


def make_jobs(request: BatchRequest) -> list[Job]:
    """Return every job, in the order of files, lines and variations.

    Raises:
        ComfyGenError: a file, a value or a name that cannot work, or an `InvalidRequestError` with all of them.
    """
    errors: list[ComfyGenError] = []
    workflows = _load(_files(request), errors)
    _refuse_too_many(request, sum(1 for _ in _pairs(request, workflows)))
    names = _Names()
    jobs: list[Job] = []
    for source, row in _pairs(request, workflows):
        for changes, label in combinations(request.variations):
            name = names.unused("-".join(filter(None, (row.name or _stem(source, row), label))))
            try:
                all_changes = (*request.settings, *row.changes, *changes)
                workflow = changed(workflows[source], all_changes)
                jobs.append(make_job(name, workflow, {"workflow": source, "set": dict(all_changes)}))
            except ComfyGenError as error:
                errors.append(error)
                break  # the other variations have the same fault
    raise_all(errors)
    return jobs


def _files(request: BatchRequest) -> list[str]:
    """Return every file and template that is asked for, once; a folder's ``*.json`` by name."""
    asked = [*request.files, *(row.workflow for row in request.rows if row.workflow)]
    if not asked:
        advice = "name files or a folder, or have a column `workflow` in the CSV file."
        raise InvalidParameterError("workflows", "", "at least one", advice)
    return list(dict.fromkeys(file for one in asked for file in _in_folder(one)))


def _in_folder(name: str) -> list[str]:
    folder = Path(name)
    if not folder.is_dir():
        return [name]
    found = sorted(str(path) for path in folder.glob("*.json") if path.is_file())
    if not found:
        raise InvalidParameterError("workflows", name, "a folder with workflows in .json files")
    return found


def _load(files: Sequence[str], errors: list[ComfyGenError]) -> dict[str, Workflow]:
    workflows: dict[str, Workflow] = {}
    for file in files:
        try:
            workflows[file] = find_workflow(file)
        except ComfyGenError as error:
            errors.append(error)
    return workflows


def _refuse_too_many(request: BatchRequest, pairs: int) -> None:
    count = pairs
    for variation in request.variations:
        count *= len(variation.texts)
    if count > MAX_JOBS:
        raise InvalidParameterError("batch", f"{count:,} jobs", f"{MAX_JOBS:,} at most")


def _pairs(request: BatchRequest, workflows: dict[str, Workflow]) -> Iterator[tuple[str, Row]]:
    """Yield each line with each file that it is for: its own, or all that the command names."""
    named = {file for one in request.files for file in _in_folder(one)}
    for row in request.rows:
        for file in _in_folder(row.workflow) if row.workflow else [one for one in workflows if one in named]:
            if file in workflows:
                yield file, row


def _stem(source: str, row: Row) -> str:
    return f"{Path(source).stem}-line{row.number}" if row.number else Path(source).stem


class _Names:
    """Names of jobs, of which none is given twice, whatever the letters' case: they become files."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def unused(self, wanted: str) -> str:
        plain = re.sub(r"[^\w.+-]+", "-", wanted).strip("-.")[:_NAME_LENGTH] or "job"
        name, number = plain, 1
        while self._used[name.casefold()]:
            number += 1
            name = f"{plain}-{number}"
        self._used[name.casefold()] += 1
        return name


def _text(path: str, option: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidParameterError(option, path, f"a file that can be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InvalidParameterError(option, path, "a file of UTF-8 text") from error
