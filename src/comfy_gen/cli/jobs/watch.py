"""Watches jobs until they have ended, for ``comfygen jobs watch`` and ``comfygen jobs submit --wait``."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.failures import EXIT_FAILURE, EXIT_NOT_PASSED, print_json
from comfy_gen.cli.jobs.bars import Bars
from comfy_gen.cli.jobs.json import event_json
from comfy_gen.cli.jobs.table import short_ids
from comfy_gen.cli.jobs.view import JobView, advice
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Event, Job

AT_ONCE = 64
"""So many jobs are listened to at a time; the others' events are read when their turn comes."""
LOOK_EVERY = 1.0
"""Seconds between two looks at places and times of those that are shown."""


async def watch(queue: JobQueue, jobs: Iterable[Job]) -> int:
    """Show how jobs go until all have ended, and return the exit code.

    It is 1 unless all of them are completed; then 3 unless all pictures passed that somebody had judged.
    """
    console = Console(stderr=True)
    views = [JobView(job) for job in jobs]
    ids = short_ids(view.job_id for view in views)

    def tell(view: JobView) -> None:
        if not console.is_terminal:
            console.print(f"{ids[view.job_id]} {view.line()}", markup=False, highlight=False, soft_wrap=True)

    def take(view: JobView, event: Event) -> None:
        if view.feed(event):
            tell(view)

    with Bars(console, views) as bars:
        looking = asyncio.create_task(_keep_looking(queue, bars))
        for view in views:
            tell(view)
        try:
            await _follow_all(queue, views, take)
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
    return _exit_code(views)


async def stream(queue: JobQueue, jobs: Iterable[Job], *, after: int = 0) -> int:
    """Print every event of jobs with a number above ``after`` as a line of JSON, and return the exit code."""
    views = [JobView(job) for job in jobs]
    for view in views:
        view.last_event = after

    def take(view: JobView, event: Event) -> None:
        view.feed(event)
        print_json(event_json(event), indent=False)

    await _follow_all(queue, views, take)
    return _exit_code(views)


async def wait(queue: JobQueue, jobs: Iterable[Job]) -> int:
    """Wait without a word until jobs have ended, and return the exit code."""
    views = [JobView(job) for job in jobs]
    await _follow_all(queue, views, lambda view, event: view.feed(event))
    return _exit_code(views)


def _exit_code(views: Sequence[JobView]) -> int:
    if not all(view.state is JobState.COMPLETED for view in views):
        return EXIT_FAILURE
    return EXIT_NOT_PASSED if any(view.shortfall for view in views) else 0


async def _follow_all(queue: JobQueue, views: Sequence[JobView], take: Callable[[JobView, Event], object]) -> None:
    """Hand over what happens to jobs from here on until all have ended."""
    # Those that run first: what they tell is what is looked for.
    waiting = iter(sorted(views, key=lambda view: (not view.state.is_active, view.state.is_end)))

    async def follow_some() -> None:
        for view in waiting:
            async for event in queue.watch(view.job_id, after=view.last_event):
                take(view, event)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(views))):
                group.create_task(follow_some())
    except ExceptionGroup as errors:  # a person is told one thing
        raise errors.exceptions[0] from None


async def _keep_looking(queue: JobQueue, bars: Bars) -> None:
    """Keep places and times up to date, of those that are shown."""
    while True:
        active = await queue.store.active()
        for view in bars.shown():
            await _place(queue, view)
        is_paused = await queue.store.is_paused()
        bars.say(advice(bars.views, is_idle=not active, is_paused=is_paused, now=time.time()))
        await asyncio.sleep(LOOK_EVERY)


async def _place(queue: JobQueue, view: JobView) -> None:
    if view.state.is_end:
        return
    job = await queue.store.get(view.job_id)
    view.position = await queue.store.position(view.job_id)
    view.eta = await queue.eta(job)
