"""Runs what changes jobs in a transaction, and signals whom it concerns once that is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import IntegrityError

from comfy_gen.jobs.sql.change import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from comfy_gen.jobs.database import Database
    from comfy_gen.jobs.dispatch.dispatcher import Dispatcher
    from comfy_gen.jobs.signals import Signals

T = TypeVar("T")

_TRIES = 3


class Transactions:
    """A database together with those who take part in every change of it."""

    def __init__(self, database: Database, dispatcher: Dispatcher, signals: Signals) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._signals = signals

    async def read(self, work: Callable[[Connection], T], *, is_brief: bool = False) -> T:
        """Run queries; brief ones read a few rows by an index."""
        return await self._database.read(work, is_brief=is_brief)

    async def write(self, work: Callable[[Change], T], *, is_durable: bool = True) -> T:
        """Run work in a transaction. It may be run again, once what it did was undone."""
        for number in range(1, _TRIES + 1):
            try:
                change, answer = await self._database.write(
                    lambda connection: self._change(connection, work), is_durable=is_durable
                )
            except IntegrityError:
                if number == _TRIES:
                    raise
                continue  # another process wrote the same key at the same moment, and is seen now
            for topic in change.topics:
                self._signals.published(topic)
            return answer
        raise AssertionError("the last try returns or raises")

    def _change(self, connection: Connection, work: Callable[[Change], T]) -> tuple[Change, T]:
        change = Change(connection, self._dispatcher)
        answer = work(change)
        for topic in change.topics:
            self._signals.send(connection, topic)
        return change, answer
