"""The seam between the table of jobs and the workers: who tells a worker which jobs to look at next.

A dispatcher only points at jobs. What a job's state is, and whether a worker may have it, is said by the table alone:
a job may be handed to two workers, or to one of them twice, and nothing comes of it, since only one can claim it.
What it must never do is forget one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.job import JobId
    from comfy_gen.jobs.records import Waiting


class Hand(Protocol):
    """The jobs that a worker holds: those it weighs for its engines, and those that run."""

    def room(self) -> int:
        """How many more waiting jobs it would hold; a job counts from the call of ``take`` until it runs or leaves."""
        ...

    async def take(self, job_id: JobId, known: Waiting | None = None) -> None:
        """Hold one job, and return once it is out of this worker's hands: ended, or left to others as it is.

        It may be handed a job that has ended or is held: it returns at once then. It may be handed one that is active:
        its worker is gone, and it claims the job by ``take_over``. It may be handed one that it holds already. It may
        be handed more than it has room for, where a job belongs before those that it holds: it lets go of the last of
        them then. ``known`` is the job as it was read a moment ago, if it was. Being cancelled, it leaves the job as
        it is; whoever gets it next goes on from there.
        """
        ...


class Dispatcher(Protocol):
    """Feeds workers. The first three methods run in a transaction of the caller's, on the thread that writes."""

    def enqueue(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        """Have jobs, each with its rank, handed to a worker once this transaction is committed, and not before.

        A job that waits here already is let be.
        """
        ...

    def reorder(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        """Give jobs that wait another rank. Those that a worker holds already, it holds on to."""
        ...

    def withdraw(self, connection: Connection, job_ids: Sequence[JobId]) -> None:
        """Hand these to nobody any more: they are held, or ended while they waited. A worker may hold them already."""
        ...

    async def feed(self, hand: Hand) -> None:
        """Keep a hand filled with the jobs of the lowest rank, until cancelled; it never returns otherwise.

        Jobs whose worker died, or gave them back, are among them. A job that the hand lets go of while it still waits
        comes back after a rest. Once this is cancelled, every job in the hand can be had by others, at once.
        """
        ...
