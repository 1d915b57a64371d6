"""What is written of takes: how often a job's pictures were made, and what was found of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import takes
from comfy_gen.pipeline.record import GenerationRecord
from comfy_gen.validation.takes import Take

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from comfy_gen.jobs.records import Taken

_INTERNAL = frozenset({"job_id", "record", "template", "model"})
_OWN = tuple(column for column in takes.c if column.name not in _INTERNAL)
_ALL = select(*_OWN).where(takes.c.job_id == bindparam("of")).order_by(takes.c.number)
_RECORD = select(takes.c.record).where(takes.c.job_id == bindparam("of"), takes.c.number == bindparam("at"))
_FORGET = delete(takes).where(takes.c.job_id == bindparam("of"), takes.c.number == bindparam("at"))
_ADD = insert(takes)


def keep(connection: Connection, job_id: str, taken: Taken) -> None:
    """Write a take, in the place of what was written of it before."""
    connection.execute(_FORGET, {"of": job_id, "at": taken.take.number})
    record = taken.record
    row = {
        **asdict(taken.take),
        "job_id": job_id,
        "record": record and record.as_json(),
        "template": record.workflow if record else "",
        "model": record.models[0].file if record and record.models else "",
    }
    connection.execute(_ADD, row)


def takes_of(connection: Connection, job_id: str) -> list[Take]:
    """Return the takes of a job, in their order."""
    return [Take(**fields_of(row)) for row in connection.execute(_ALL, {"of": job_id})]


def record_of(connection: Connection, job_id: str, number: int) -> GenerationRecord | None:
    """Return how the pictures of a take were made; None if that is not known."""
    kept = connection.execute(_RECORD, {"of": job_id, "at": number}).scalar()
    return None if kept is None else GenerationRecord.from_json(kept)
