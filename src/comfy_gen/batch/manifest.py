"""The record of a batch beside its outputs: a line of JSON for each job that ended, so that the rest can be run later.

Lines are only ever added, each in one write: whatever happens, at most the last one is torn, and that one is passed
over. Of several lines on one job the last counts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self, cast

from comfy_gen.batch.job import Job, JobStatus
from comfy_gen.errors import ComfyGenError, OutputPathError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE_NAME = "batch.jsonl"
DONE, PARTIAL, FAILED = "done", "partial", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of one job."""

    job: str
    key: str
    """Of the workflow: another one under the same name is another job."""
    status: str
    files: tuple[str, ...] = ()
    """Names in the outputs folder."""
    error: Mapping[str, str] | None = None
    problems: tuple[str, ...] = ()
    engine: str | None = None
    prompt_id: str | None = None
    attempts: int = 0
    seconds: float | None = None
    workflow: str = ""
    set: Mapping[str, str] | None = None

    @classmethod
    def from_line(cls, line: str) -> Self | None:
        """Read a line; None for one that is torn or none of ours."""
        try:
            data = cast("dict[str, Any]", json.loads(line))
        except (ValueError, RecursionError):
            return None
        if type(data) is not dict or not all(isinstance(data.get(name), str) for name in ("job", "key", "status")):
            return None
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = {name: value for name, value in data.items() if name in known}
        for name in ("files", "problems"):
            names: object = given.get(name) or []
            if not isinstance(names, list) or not all(isinstance(one, str) for one in cast("list[object]", names)):
                return None
            given[name] = tuple(cast("list[str]", names))
        return cls(**given)

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON data, without what it does not say."""
        return {name: value for name, value in asdict(self).items() if value not in (None, (), "")}


def key_of(job: Job) -> str:
    """Return what tells this workflow from every other."""
    return hashlib.sha256(json.dumps(job.workflow).encode()).hexdigest()[:16]


def record_of(job: Job) -> Record:
    """Return what is to be remembered of a job that ended."""
    is_done = job.status is JobStatus.COMPLETED
    return Record(
        job=job.job_id,
        key=key_of(job),
        status=(PARTIAL if job.problems else DONE) if is_done else FAILED,
        files=tuple(path.name for path in job.collected or ()),
        error=_told(job.error),
        problems=tuple(job.problems),
        engine=job.engine,
        prompt_id=job.prompt_id,
        attempts=job.attempts,
        seconds=None if job.seconds is None else round(job.seconds, 3),
        workflow=str(job.metadata.get("workflow", "")),
        set=job.metadata.get("set") or None,
    )


def _told(error: Exception | None) -> dict[str, str] | None:
    if error is None:
        return None
    if isinstance(error, ComfyGenError):
        return error.as_json()
    return {"code": "internal", "message": f"{type(error).__name__}: {error}", "hint": ""}


def is_done(job: Job, record: Record | None, present: Iterable[str]) -> bool:
    """Tell whether a job need not run again: this very workflow succeeded in full, and its files are still there."""
    if record is None or record.status != DONE or record.key != key_of(job):
        return False
    return bool(record.files) and set(record.files) <= set(present)


class Manifest:
    """The file of one outputs folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def read(self) -> dict[str, Record]:
        """Return the newest record of each job; none where there is no such file yet.

        Raises:
            OutputPathError: it cannot be read.
        """
        try:
            text = self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise OutputPathError(self.path, error.strerror or str(error)) from error
        records = (Record.from_line(line) for line in text.split("\n"))
        return {record.job: record for record in records if record is not None}

    def append(self, record: Record) -> None:
        """Add a record.

        Raises:
            OutputPathError: it cannot be written.
        """
        line = json.dumps(record.as_json(), ensure_ascii=False) + "\n"
        try:
            with self.path.open("ab+", buffering=0) as file:
                if file.tell() and file.seek(-1, 2) >= 0 and file.read(1) != b"\n":  # the last line was torn
                    line = "\n" + line
                file.write(line.encode(errors="replace"))
        except OSError as error:
            raise OutputPathError(self.path, error.strerror or str(error)) from error
