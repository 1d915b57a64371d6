"""One transaction that changes jobs: what is written, and whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert

from comfy_gen.jobs.job import ENDS
from comfy_gen.jobs.signals import end_of, topic_of
from comfy_gen.jobs.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.dispatch.dispatcher import Dispatcher
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job

_INSERT = insert(events)
_DROP_PROGRESS = delete(events).where(events.c.job_id.in_(bindparam("of", expanding=True)), events.c.type == "progress")


class Change:
    """A connection in a transaction, the dispatcher that takes part in it, and the topics to signal afterwards."""

    def __init__(self, connection: Connection, dispatcher: Dispatcher) -> None:
        self.connection = connection
        self.dispatcher = dispatcher
        self.topics: dict[str, None] = {}
        """In the order in which they came up."""

    def tell(self, *topics: str) -> None:
        """Have a topic signalled once this is committed."""
        self.topics.update(dict.fromkeys(topics))

    def record(self, changed: Iterable[Job], *, at: float, kind: str = "state", **facts: Any) -> None:
        """Write an event for each of these jobs, under the number that its row has now."""
        rows = [(job, {"state": job.state, "attempt": job.attempt, **facts}) for job in changed]
        self._write([_event(job.job_id, job.last_event, at, kind, data) for job, data in rows])

    def record_one(self, job_id: JobId, number: int, *, at: float, **facts: Any) -> None:
        """Write that a job is in another state, under the number that its row has now."""
        self._write([_event(job_id, number, at, "state", facts)])

    def record_progress(self, reported: Mapping[JobId, tuple[int, Mapping[str, Any]]], *, at: float) -> None:
        """Write the progress of jobs, each with its event's number, in the place of what was written before."""
        if not reported:
            return
        self.connection.execute(_DROP_PROGRESS, {"of": [*reported]})
        self._write([_event(job_id, number, at, "progress", data) for job_id, (number, data) in reported.items()])

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self.connection.execute(_INSERT, rows)
            self.tell(*(topic_of(row["job_id"]) for row in rows))
            self.tell(*(end_of(row["job_id"]) for row in rows if row["data"].get("state") in ENDS))


def _event(job_id: JobId, number: int, at: float, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"job_id": job_id, "number": number, "at": at, "type": kind, "data": data}
