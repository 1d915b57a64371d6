"""Has the jobs of a request accepted, one for each picture: each on an engine of its own, and each to be repeated."""

from __future__ import annotations

import hashlib
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.openai.wishes import numbered
from comfy_gen.app.accepting import Taken, accept
from comfy_gen.errors import ComfyGenError
from comfy_gen.jobs.records import JobFilter, Selection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence

    from comfy_gen.app.accepting import Ask
    from comfy_gen.app.service import Service
    from comfy_gen.app.tiers import Allowed
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.pipeline.request import GenerationRequest

    Wish = Callable[[Allowed], Awaitable[GenerationRequest]]

MARK = "openai"
"""What a job's metadata are called that say which request it is of."""
LATELY = 60.0
"""Seconds since the end of a job that somebody may not have heard of: their service was started anew."""
_LOOKED_AT = 200
"""Of an owner's newest jobs, where an SDK says that it sends a request again."""
_REPEATED = "x-stainless-retry-count"


class Audience:
    """The jobs whose end somebody waits for here, or was told of."""

    MOST = 20_000

    def __init__(self) -> None:
        self._jobs: dict[str, None] = {}

    def __contains__(self, job_id: str) -> bool:
        """Tell whether a job is one of these."""
        return job_id in self._jobs

    @asynccontextmanager
    async def listening(self, job_ids: Collection[str]) -> AsyncGenerator[Callable[[], None]]:
        """Have somebody wait for jobs in this block; they are told of them if they call what it gives."""
        self._jobs |= dict.fromkeys(job_ids)
        is_told = False

        def told() -> None:
            nonlocal is_told
            is_told = True

        try:
            yield told
        finally:
            for job_id in () if is_told else job_ids:
                self._jobs.pop(job_id, None)
            while len(self._jobs) > self.MOST:
                self._jobs.pop(next(iter(self._jobs)))


async def take(service: Service, ask: Ask, count: int, wish: Wish) -> list[Taken]:
    """Accept a job for each of so many pictures, or none.

    Raises:
        ComfyGenError: what stands against them.
    """
    once: list[GenerationRequest] = []

    async def of_number(number: int, allowed: Allowed) -> GenerationRequest:
        once[:] = once or [await wish(allowed)]
        return numbered(once[0], number)

    taken: list[Taken] = []
    try:
        for number in range(count):
            one = _ask_for(ask, number, count)
            taken.append(await accept(service, one, lambda allowed, number=number: of_number(number, allowed)))
    except ComfyGenError:
        await _take_back(service, taken)
        raise
    return taken


async def resumed(
    service: Service, ask: Ask, count: int, headers: Mapping[str, str], audience: Audience
) -> list[Taken]:
    """Return the jobs of a request that an SDK sends again by itself, since its connection broke or its time was up.

    It brings no key by which they could be told from others: so they are jobs of the very same request that go on, or
    ended just now, and that nobody waits for. None, if that is not so of each.
    """
    if ask.key is not None or headers.get(_REPEATED, "0") == "0":
        return []
    page = await service.queue.store.list(JobFilter(owner=ask.caller.owner), _LOOKED_AT)
    free = [job for job in page.jobs if job.job_id not in audience and _is_of_now(job)]
    found: list[Job] = []
    for number in range(count):
        digest = _digest_of(ask, number)
        same = [job for job in free if dict(job.metadata.get(MARK) or {}).get("asked") == digest]
        found += same[:1]
    return [Taken(job, is_replay=True, notes=()) for job in found] if len(found) == count else []


def ids_of(taken: Sequence[Taken]) -> list[JobId]:
    """Return the ids of jobs."""
    return [one.job.job_id for one in taken]


def _ask_for(ask: Ask, number: int, count: int) -> Ask:
    digest = _digest_of(ask, number)
    facts = {**ask.metadata[MARK], "asked": digest, "number": number + 1, "of": count}
    key = ask.key if ask.key is None or not number else f"openai/{number}/{_hash_of(ask.key)}"
    return replace(ask, key=key, digest=digest, metadata={**ask.metadata, MARK: facts})


def _digest_of(ask: Ask, number: int) -> str:
    return _hash_of(f"{ask.digest}/{number}")


def _hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_of_now(job: Job) -> bool:
    return not job.state.is_end or (job.ended is not None and time.time() - job.ended < LATELY)


async def _take_back(service: Service, taken: Sequence[Taken]) -> None:
    """Cancel what was accepted for a request that is refused as a whole."""
    fresh = [one.job.job_id for one in taken if not one.is_replay]
    if fresh:
        await service.queue.store.cancel(Selection(fresh), now=time.time())
