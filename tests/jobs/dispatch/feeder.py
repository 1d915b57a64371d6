"""A process that feeds a hand, says what it takes, and holds it until it is killed."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tests.contracts.hands import OpenHand, open_desk

if TYPE_CHECKING:
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.records import Waiting


class TalkingHand(OpenHand):
    """Says what it takes."""

    async def take(self, job_id: JobId, known: Waiting | None = None) -> None:
        sys.stdout.write(f"{job_id}\n")
        sys.stdout.flush()
        await super().take(job_id, known)


async def main(url: str) -> None:
    async with open_desk(url) as desk:
        await desk.dispatcher.feed(TalkingHand())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
