from __future__ import annotations

import asyncio

from comfy_gen.jobs.ending import end


async def test_task_that_forgets_a_cancellation_is_cancelled_again():
    cancels = 0

    async def forgetful():
        nonlocal cancels
        while cancels < 2:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancels += 1

    task = asyncio.create_task(forgetful())
    await asyncio.sleep(0)
    await end(task, again_after=0.001)
    assert cancels == 2


async def test_error_of_a_task_that_is_ended_is_nobodys():
    async def fail():
        raise ZeroDivisionError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await end(task)
    assert task.done()
