"""Makes jobs and what belongs to them out of rows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import Artifact, Attempt, Event, Job, JobState
from comfy_gen.jobs.records import Waiting
from comfy_gen.jobs.tables import artifacts, attempts, events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, Row

    AnyRow = Row[*tuple[Any, ...]]

_INTERNAL = frozenset({"seq", "turn", "line", "need", "run", "idempotency_key", "digest", "history", "is_forgotten"})

JOB: tuple[Column[Any], ...] = tuple(column for column in jobs.c if column.name not in _INTERNAL)
"""The columns that `job_of` needs."""
WAITING: tuple[Column[Any], ...] = tuple(
    jobs.c[name]
    for name in ("job_id", "rank", "owner", "likeness", "need", "strikes", "avoided", "not_before", "attempt")
)
_JOB_NAMES = tuple(column.name for column in JOB)
_WAITING_NAMES = tuple(column.name for column in WAITING)
ATTEMPT = tuple(column for column in attempts.c if column.name not in {"likeness", "seconds"})
EVENT = tuple(events.c)
ARTIFACT = tuple(column for column in artifacts.c if column.name != "place")


def job_of(row: AnyRow) -> Job:
    """Return the job of a row that begins with the columns `JOB`."""
    values: dict[str, Any] = dict(zip(_JOB_NAMES, row, strict=False))
    webhook = values.pop("webhook")
    values["state"] = JobState(values["state"])
    values["avoided"] = frozenset(values["avoided"])
    values["failure"] = _failure_of(values["failure"])
    values["notes"] = tuple(values["notes"])
    return Job(webhook_url=webhook and webhook["url"], **values)


def waiting_of(row: AnyRow) -> Waiting:
    """Return what a scheduler is told of the job in a row that begins with the columns `WAITING`."""
    values: dict[str, Any] = dict(zip(_WAITING_NAMES, row, strict=False))
    values["need_json"] = values.pop("need")
    values["avoided"] = frozenset(values["avoided"])
    return Waiting(**values)


def attempt_of(row: AnyRow) -> Attempt:
    """Return the attempt of a row of the columns `ATTEMPT`."""
    values: dict[str, Any] = {**fields_of(row)}
    values["failure"] = _failure_of(values["failure"])
    return Attempt(**values)


def event_of(row: AnyRow) -> Event:
    """Return the event of a row of the columns `EVENT`."""
    return Event(**fields_of(row))


def artifact_of(row: AnyRow) -> Artifact:
    """Return the artifact of a row of the columns `ARTIFACT`."""
    return Artifact(**fields_of(row))


def fields_of(row: AnyRow) -> Mapping[Any, Any]:
    """Return the values of a row by column and by name."""
    return row._mapping  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # public, in spite of its name


def _failure_of(data: Any) -> JobFailure | None:
    return None if data is None else JobFailure.from_json(data)
