"""The seam of being told: what a topic is, and what is promised to those who wait for one.

A signal says that it is worth looking, never what there is to see: the table says that. Signals of one topic that
nobody has heard yet are one signal, so that a slow reader costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Connection

QUEUE = "queue"
"""Jobs began to wait, or to wait elsewhere in the queue."""
WISHES = "wishes"
"""Somebody wants something of the workers: a job to stop, to wait, to go first, or all of them to pause."""
LINE = "line"
"""Jobs that wait were moved, and others made room for them, of which none is told by itself."""
ENGINES = "engines"
"""The list of engines changed."""
ANYTHING = ""
"""Something changed, nobody knows what: look at all you are interested in."""

_JOB = "job:"


def topic_of(job_id: str) -> str:
    """Return the topic of one job: its state and its events."""
    return f"{_JOB}{job_id}"


def job_of(topic: str) -> str | None:
    """Return the job whose topic this is; None for any other topic."""
    return topic[len(_JOB) :] if topic.startswith(_JOB) else None


def end_of(job_id: str) -> str:
    """Return the topic of one job's end, for those who wait for nothing else."""
    return f"end:{job_id}"


class Signals(Protocol):
    """Tells those who wait, here and in other processes on the same database."""

    def send(self, connection: Connection, topic: str) -> None:
        """Tell other processes, once this transaction is committed. Runs on the thread that writes."""
        ...

    def published(self, topic: str) -> None:
        """Tell this process; for whoever has just committed, so that nothing is lost in between. From any thread."""
        ...

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Hear these topics (all of them, where none is named) from the moment on in which the context is entered.

        The iterator gives each topic that was signalled since, and ``ANYTHING``, which concerns everybody.
        """
        ...

    async def close(self) -> None:
        """Hold nothing open any more."""
        ...
