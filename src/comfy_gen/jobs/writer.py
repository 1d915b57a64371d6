"""The one thread that writes: takes all the work that waits, and commits it at once.

A commit waits for the disk. Twenty pieces of work that share one wait a twentieth each, and a single one waits for
nobody: the thread never delays to collect more.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from comfy_gen.jobs.connecting import begin
from comfy_gen.jobs.trouble import can_be_repeated, is_unavailable, unavailable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

_MOST = 128
"""Pieces of work in one transaction: a long one keeps other processes waiting."""
_TRIES = 4
_FIRST_PAUSE = 0.05
"""Seconds before the second try; twice as many before each further one."""


@dataclass(slots=True, eq=False)
class Task:
    """A piece of work, and who waits for its answer."""

    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    is_durable: bool = True
    """Whether it must survive a loss of power, and not only the end of this process."""


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any = None
    error: Exception | None = None


class Writer:
    """Runs work on a thread of its own, with a transaction around it."""

    def __init__(self, engine: Engine, *, shown: str) -> None:
        self._engine = engine
        self._shown = shown
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="database-writer", daemon=True)
        self._thread.start()

    def put(self, task: Task) -> None:
        """Have work done; its future is told on its own loop."""
        self._tasks.put(task)

    def close(self) -> None:
        """Finish what waits, and end."""
        self._tasks.put(None)
        self._thread.join()

    def _serve(self) -> None:
        is_open = True
        while is_open:
            batch = [*_drain(self._tasks)]
            is_open = None not in batch
            tasks = [task for task in batch if task is not None]
            try:
                self._run(tasks)
            except (
                Exception
            ) as error:  # whatever befalls this thread: who waits must hear of it, and the next be served
                log.exception("the database's thread met a bug")
                _tell(tasks, [_Answer(error=error)] * len(tasks))

    def _run(self, tasks: Sequence[Task]) -> None:
        answers = self._together(tasks) if len(tasks) > 1 else None
        if answers is None:
            for task in tasks:
                _tell([task], [self._alone(task)])
        else:
            _tell(tasks, answers)

    def _together(self, tasks: Sequence[Task]) -> Sequence[_Answer] | None:
        """Run all in one transaction; None if that came to nothing, so that each has to be run alone."""
        try:
            with self._engine.connect() as connection:
                begin(connection, is_durable=any(task.is_durable for task in tasks))
                answers = [_answer_within(connection, task) for task in tasks]
                is_lost = self._commit(connection)
                return [_Answer(error=is_lost)] * len(tasks) if is_lost else answers
        except DBAPIError:
            return None

    def _commit(self, connection: Connection) -> Exception | None:
        """Commit; where the server was lost before it answered nobody knows, so nobody repeats: return that.

        Raises:
            DBAPIError: nothing was committed.
        """
        try:
            connection.commit()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return unavailable(error, self._shown)
        return None

    def _alone(self, task: Task) -> _Answer:
        for pause in (*(_FIRST_PAUSE * 2**number for number in range(_TRIES - 1)), None):
            try:
                return self._once(task)
            except DBAPIError as error:
                if pause is None or not can_be_repeated(error):
                    return _Answer(error=unavailable(error, self._shown) if is_unavailable(error) else error)
                time.sleep(pause)
        raise AssertionError("the last try returns")

    def _once(self, task: Task) -> _Answer:
        with self._engine.connect() as connection:
            begin(connection, is_durable=task.is_durable)
            try:
                value = task.work(connection)
            except DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever the work raises is for whoever gave it, not for this thread
                return _Answer(error=error)
            is_lost = self._commit(connection)
            return _Answer(error=is_lost) if is_lost else _Answer(value)


def _answer_within(connection: Connection, task: Task) -> _Answer:
    """Run one of several; what it did is undone if it raises, and only that.

    The savepoint is set by hand: SQLAlchemy's own takes five times as long, which was a quarter of all writing.

    Raises:
        DBAPIError: the whole transaction is spoilt.
    """
    connection.exec_driver_sql("SAVEPOINT task")
    try:
        answer = _Answer(task.work(connection))
    except DBAPIError as error:
        if is_unavailable(error):
            raise
        answer = _Answer(error=error)
    except Exception as error:  # noqa: BLE001  # as above: for whoever gave the work
        answer = _Answer(error=error)
    if answer.error is not None:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT task")
    connection.exec_driver_sql("RELEASE SAVEPOINT task")
    return answer


def _drain(tasks: queue.SimpleQueue[Task | None]) -> Iterable[Task | None]:
    """Wait for one, and take those that are there as well, up to the end of all."""
    task = tasks.get()
    yield task
    for _ in range(_MOST - 1):
        if task is None:
            return
        try:
            task = tasks.get_nowait()
        except queue.Empty:
            return
        yield task


def _tell(tasks: Sequence[Task], answers: Sequence[_Answer]) -> None:
    """Hand out the answers: one call for each loop, since waking a loop costs more than the work."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Task, _Answer]]] = {}
    for task, answer in zip(tasks, answers, strict=True):
        by_loop.setdefault(task.loop, []).append((task, answer))
    for loop, pairs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Iterable[tuple[Task, _Answer]]) -> None:
    for task, answer in pairs:
        if task.future.done():  # who waited was cancelled
            continue
        if answer.error is None:
            task.future.set_result(answer.value)
        else:
            task.future.set_exception(answer.error)
