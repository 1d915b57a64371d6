"""What a command does when a person, or the system, wants it to end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

EXIT_INTERRUPTED = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def run_interruptible(
    work: Coroutine[Any, Any, int], *, on_signal: Callable[[], None], on_end: Callable[[], None]
) -> int:
    """Do a command's work and return its exit code; a signal cancels it, so that it can clean up on the engine.

    ``on_signal`` is called at once and ``on_end`` when the work has ended; a second signal cuts its clean-up short.
    """
    task = asyncio.ensure_future(work)

    def cancel() -> None:
        on_signal()
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, cancel)
    try:
        return await task
    except asyncio.CancelledError:
        on_end()
        return EXIT_INTERRUPTED
