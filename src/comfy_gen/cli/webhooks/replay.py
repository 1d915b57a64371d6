"""Has webhooks sent again, for ``comfygen webhooks replay``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.control import SHOWN
from comfy_gen.cli.jobs.table import short_ids
from comfy_gen.cli.webhooks.table import webhook_json
from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.records import Delivery


def ids_meant(ids: Sequence[str], *, all_dead: bool) -> Sequence[str] | None:
    """Return the webhooks that a person means; None for all that were given up.

    Raises:
        InvalidParameterError: they said neither, or both.
    """
    if bool(ids) == all_dead:
        said = "both" if ids else ""
        raise InvalidParameterError(
            "the choice of webhooks", said, "an ID or --all-dead", "see: comfygen webhooks list"
        )
    return None if all_dead else ids


async def replay(queue: JobQueue, wanted: Sequence[str] | None, *, as_json: bool) -> None:
    """Have them sent again, and say which.

    Raises:
        DeliveryNotFoundError: one that is named does not exist.
    """
    changed = await queue.outbox.replay(wanted, now=time.time())
    if as_json:
        print_json({"webhooks": [webhook_json(one) for one in changed]})
        return
    Console().print(_said(changed), highlight=False, markup=False, soft_wrap=True)


def _said(changed: Sequence[Delivery]) -> str:
    if not changed:
        return "No webhook was given up."
    ids = short_ids(one.delivery_id for one in changed)
    named = ", ".join(ids[one.delivery_id] for one in changed[:SHOWN])
    more = f" and {len(changed) - SHOWN:,} more" if len(changed) > SHOWN else ""
    count = "1 webhook is" if len(changed) == 1 else f"{len(changed):,} webhooks are"
    return f"{count} to be sent again, by the next worker that looks: {named}{more}"
