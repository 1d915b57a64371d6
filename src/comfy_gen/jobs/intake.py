"""Accepts single requests together: those that come while others are being committed share the next commit.

It is what makes a thousand callers with one request each cost little more than one with a thousand.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from comfy_gen.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from comfy_gen.jobs.records import Accepted
    from comfy_gen.jobs.sql.acceptance import Prepared

_MOST = 100
"""Requests that share a commit."""


class Intake:
    """Collects requests while a commit goes on. Lives on one loop."""

    def __init__(self, accept_all: Callable[[Sequence[Prepared]], Awaitable[Sequence[Accepted]]]) -> None:
        """``accept_all`` makes jobs of several, all or none."""
        self._accept_all = accept_all
        self._waiting: deque[tuple[Prepared, asyncio.Future[Accepted]]] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def accept(self, one: Prepared) -> Accepted:
        """Make a job of a request. If the caller is cancelled, it may be made all the same.

        Raises:
            ComfyGenError: what ``accept_all`` raises for this one.
        """
        future: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, future))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await future

    async def _serve(self) -> None:
        """Accept until nobody waits."""
        try:
            while self._waiting:
                count = min(len(self._waiting), _MOST)
                await self._settle([self._waiting.popleft() for _ in range(count)])
        finally:
            self._serving = None

    async def _settle(self, some: Sequence[tuple[Prepared, asyncio.Future[Accepted]]]) -> None:
        try:
            answers = await self._accept_all([one for one, _ in some])
        except JobError as error:
            if len(some) > 1:  # it is the fault of one: the others shall not suffer
                for single in some:
                    await self._settle([single])
            else:
                _fail(some[0][1], error)
        except BaseException as error:
            for _, future in some:
                _fail(future, error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, future), answer in zip(some, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


def _fail(future: asyncio.Future[Accepted], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        future.cancel()
    elif not future.done():
        future.set_exception(error)
