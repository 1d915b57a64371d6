"""How webhooks are shown: in a table, and as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rich.text import Text

from comfy_gen.cli.batch_table import clock
from comfy_gen.cli.jobs.json import delivery_json
from comfy_gen.cli.jobs.table import age, cut, short_ids
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.jobs.announcement import PROGRESS
from comfy_gen.jobs.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from comfy_gen.jobs.records import Delivery

STYLES = {
    DeliveryState.PENDING: "cyan",
    DeliveryState.DELIVERED: "green",
    DeliveryState.DEAD: "red",
    DeliveryState.DROPPED: "dim",
}


def webhook_table(deliveries: Sequence[Delivery], *, now: float) -> Table:
    """Return one line for each webhook: what it tells, whom, and how the sending goes."""
    table = plain_table()
    for heading in ("id", "state", "tells", "job"):
        table.add_column(heading, no_wrap=True)
    table.add_column("receiver")
    table.add_column("age", justify="right", no_wrap=True)
    table.add_column("tries", justify="right", no_wrap=True)
    table.add_column("why")
    ids, jobs = short_ids(one.delivery_id for one in deliveries), short_ids(one.job_id for one in deliveries)
    for one in deliveries:
        state = Text(standing_of(one, now=now), style=STYLES[one.standing])
        table.add_row(
            *(ids[one.delivery_id], state, what_of(one), jobs[one.job_id], cut(receiver_of(one))),
            *(age(now - one.created), str(one.tries), cut(one.error)),
        )
    return table


def headline(counts: Mapping[DeliveryState, int]) -> str:
    """Return how many webhooks are in each state, in a line."""
    said = [f"{number:,} {state}" for state, number in counts.items() if number]
    return " · ".join(said or ["no webhooks"])


def standing_of(delivery: Delivery, *, now: float) -> str:
    """Return how it stands with a webhook, with when it is sent again."""
    wait = 0.0 if delivery.next_at is None else delivery.next_at - now
    again = f", in {clock(wait)}" if wait >= 1 else ""
    return f"{delivery.standing}{again}"


def what_of(delivery: Delivery) -> str:
    """Return what a webhook tells."""
    return f"{delivery.state} …" if delivery.event == PROGRESS else str(delivery.state)


def receiver_of(delivery: Delivery) -> str:
    """Return the host that is told: what else is in the address may be a secret."""
    return urlsplit(delivery.url).hostname or ""


def webhook_json(delivery: Delivery) -> dict[str, Any]:
    """Return how it stands with a webhook; times are in seconds since 1970."""
    more = {"job_id": delivery.job_id, "event": delivery.event, "tried": delivery.tried}
    return {**delivery_json(delivery), **more, "standing": str(delivery.standing)}
