"""The webhooks: how it stands with them, and those that were given up once more."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from comfy_gen.api.context import Admin, Generator, JobPath, Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.webhooks import JobWebhooks, WebhookDelivery, WebhookPage
from comfy_gen.config import masked
from comfy_gen.errors import DeliveryNotFoundError
from comfy_gen.jobs.records import Delivery, DeliveryState

router = APIRouter(tags=["webhooks"])

WebhookPath = Annotated[str, Path(min_length=1, max_length=100, description="The webhook's id.")]


@router.get("/webhooks", response_model=WebhookPage, responses=problems())
async def webhooks(
    caller: Admin,
    service: TheService,
    state: Annotated[DeliveryState | None, Query(description="`dead` are those that were given up.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="So many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
) -> dict[str, Any]:
    """List everybody's webhooks, newest first. For administrators."""
    del caller
    page = await service.outbox.list(state, limit, cursor)
    return {"webhooks": [_told(one) for one in page.deliveries], "next": page.next}


@router.get("/jobs/{job_id}/webhooks", response_model=JobWebhooks, responses=problems(404))
async def webhooks_of_job(job_id: JobPath, caller: Reader, service: TheService, results: TheResults) -> dict[str, Any]:
    """List the webhooks of a job, oldest first."""
    job = await results.job(caller, str(job_id))
    return {"webhooks": [_told(one) for one in await service.outbox.deliveries(job.job_id)]}


@router.post("/webhooks/{webhook_id}/replay", response_model=WebhookDelivery, responses=problems(404))
async def replay(webhook_id: WebhookPath, caller: Generator, service: TheService) -> dict[str, Any]:
    """Have a webhook sent again, with all tries before it; its receiver sees the id that it had before."""
    found = await service.outbox.get(webhook_id)
    job = await service.queue.store.get(found.job_id)
    if found.delivery_id != webhook_id or not caller.owns(job.owner):
        raise DeliveryNotFoundError(webhook_id)
    changed = await service.outbox.replay([webhook_id], now=time.time())
    return _told(next(iter(changed), found))


def _told(delivery: Delivery) -> dict[str, Any]:
    names = ("job_id", "event", "created", "tries", "tried", "next_at", "status", "error")
    return {
        "id": delivery.delivery_id,
        "job_state": delivery.state.value,
        "state": delivery.standing.value,
        "url": masked(delivery.url),
        **{name: getattr(delivery, name) for name in names},
    }
