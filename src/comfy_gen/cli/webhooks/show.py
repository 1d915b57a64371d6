"""Prints one webhook for ``comfygen webhooks show``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.card import moment, rows
from comfy_gen.cli.webhooks.table import STYLES, standing_of, webhook_json, what_of
from comfy_gen.config import masked
from comfy_gen.jobs.announcement import in_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.records import Delivery


async def show(queue: JobQueue, text: str, *, as_json: bool) -> None:
    """Print what is known of the webhook whose id begins so.

    Raises:
        DeliveryNotFoundError: there is none, or there are several.
    """
    delivery = await queue.outbox.get(text)
    told = {**delivery.extra_params, **in_shape(delivery.body)}
    if as_json:
        print_json({**webhook_json(delivery), "body": told})
        return
    console = Console()
    console.print(Text(delivery.delivery_id, style="bold"))
    console.print(rows(_facts(delivery, now=time.time())))
    console.print()
    console.print_json(data=told)


def _facts(delivery: Delivery, *, now: float) -> Iterator[tuple[str, Text]]:
    yield "state", Text(standing_of(delivery, now=now), style=STYLES[delivery.standing])
    plain = {
        "tells": what_of(delivery),
        "job": delivery.job_id,
        "receiver": masked(delivery.url),
        "written": moment(delivery.created),
        "tries": str(delivery.tries),
        "last try": moment(delivery.tried),
        "answer": str(delivery.status or ""),
        "why": delivery.error,
    }
    yield from ((name, Text(value)) for name, value in plain.items() if value)
