"""What whole services over sandboxes are made of."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from comfy_gen.app import open_service

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.app import JobQueue
    from comfy_gen.config import Settings
    from comfy_gen.jobs.work.worker import Worker


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[tuple[JobQueue, Worker]]:
    """Open a queue with a worker, which begins when the block first waits for something."""
    async with open_service(settings) as (queue, worker):
        task = asyncio.create_task(worker.run())
        try:
            yield queue, worker
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
