"""Lists webhooks for ``comfygen webhooks list``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.selection import PAGE
from comfy_gen.cli.webhooks.table import headline, webhook_json, webhook_table
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.records import DeliveryState

if TYPE_CHECKING:
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.records import Delivery


def state_meant(*, dead: bool, says_all: bool) -> DeliveryState | None:
    """Return the state of the webhooks that a person means; None for any.

    Raises:
        InvalidParameterError: they mean two things at once.
    """
    if dead and says_all:
        raise InvalidParameterError("--dead", "given with --all", "alone: these are among all")
    if says_all:
        return None
    return DeliveryState.DEAD if dead else DeliveryState.PENDING


async def show(queue: JobQueue, state: DeliveryState | None, limit: int, *, as_json: bool) -> None:
    """Print the webhooks in a state, newest first, and how many are in each."""
    found, counts = await _read(queue, state, limit), await queue.outbox.counts()
    if as_json:
        numbers = {str(name): number for name, number in counts.items()}
        print_json({"webhooks": [webhook_json(one) for one in found], "counts": numbers})
        return
    console = Console()
    console.print(Text(headline(counts), style="bold", no_wrap=True, overflow="ellipsis"))
    if found:
        console.print(webhook_table(found, now=time.time()))
    elif state is DeliveryState.PENDING and counts[DeliveryState.DEAD]:
        console.print("None waits; --dead lists those that were given up.", highlight=False)


async def _read(queue: JobQueue, state: DeliveryState | None, limit: int) -> list[Delivery]:
    found: list[Delivery] = []
    cursor: str | None = None
    while len(found) < limit:
        page = await queue.outbox.list(state, min(limit - len(found), PAGE), cursor)
        found += page.deliveries
        cursor = page.next
        if cursor is None:
            break
    return found
