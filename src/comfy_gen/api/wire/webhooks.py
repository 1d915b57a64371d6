"""What is told of webhooks that were sent, or are to be."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from comfy_gen.api.wire.results import State


class WebhookDelivery(BaseModel):
    """How it stands with a webhook."""

    id: str
    job_id: str
    event: str = Field(description="What it tells of: the `end` of the job, or its `progress`.")
    job_state: State = Field(description="What the job was in, at what it tells of.")
    state: Literal["pending", "delivered", "dead", "dropped"]
    url: str = Field(description="Without what is secret in it.")
    created: float = Field(description="Seconds since 1970, as are the other times.")
    tries: int
    tried: float | None
    next_at: float | None = Field(description="When it is sent next; null once it is done, or given up.")
    status: int | None = Field(description="Of the last answer.")
    error: str = Field(description="Why the last try failed.")


class WebhookPage(BaseModel):
    """Some of the webhooks, newest first."""

    webhooks: list[WebhookDelivery]
    next: str | None = Field(description="Give this as `cursor` for the next page; null on the last.")


class JobWebhooks(BaseModel):
    """The webhooks of one job, oldest first."""

    webhooks: list[WebhookDelivery]
