from __future__ import annotations

import asyncio
import os
import signal

import pytest

from comfy_gen.cli.signals import EXIT_INTERRUPTED, SIGNALS, run_interruptible


async def forever(cleaned):
    try:
        await asyncio.Event().wait()
    finally:
        cleaned.append(True)
    return 0


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_ends_the_work_after_its_clean_up(number):
    told, cleaned = [], []

    async def main():
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        return await run_interruptible(
            forever(cleaned), on_signal=lambda: told.append("signal"), on_end=lambda: told.append("end")
        )

    assert asyncio.run(main()) == EXIT_INTERRUPTED
    assert (told, cleaned) == (["signal", "end"], [True])


def test_work_that_ends_by_itself_keeps_its_exit_code():
    async def work():
        return 3

    def unexpected():
        raise AssertionError

    assert asyncio.run(run_interruptible(work(), on_signal=unexpected, on_end=unexpected)) == 3
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
