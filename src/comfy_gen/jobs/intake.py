"""Accepts single requests together: those that come while others are being committed share the next commit.

It is what makes a thousand callers with one request each cost little more than one with a thousand.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from comfy_gen.composition.policy.shown import is_long
from comfy_gen.errors import JobError
from comfy_gen.jobs.sql.acceptance import prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from comfy_gen.jobs.records import Accepted
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.jobs.sql.acceptance import Prepared

_MOST = 100
"""Requests that share a commit."""


_FEW = 4
"""So many requests are prepared on the loop; more would keep it from others for too long, as would long ones."""


async def prepare_all(requests: Sequence[JobRequest], *, now: float) -> Sequence[Prepared]:
    """Check requests, and say all that can be said of them without the database.

    Raises:
        ComfyGenError: what stands against the first that cannot be accepted.
    """

    def work() -> Sequence[Prepared]:
        return [prepare(request, now=now) for request in requests]

    takes_long = len(requests) > _FEW or any(is_long(request.workflow) for request in requests)
    return await asyncio.to_thread(work) if takes_long else work()


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
