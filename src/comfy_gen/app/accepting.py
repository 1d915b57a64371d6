"""Accepting a job, in whoever's words it was asked for: every face makes an `Ask` of a request, and has it accepted.

What was accepted before under the same key or id is found first, whatever stands against a new job. Then all is looked
at that could: the tier, the workflow, its texts. What is accepted is in the store.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.app.tiers import Allowed, allowed
from comfy_gen.app.wishes import title_of
from comfy_gen.composition.policy.checks import check_allowed
from comfy_gen.composition.policy.shown import is_long
from comfy_gen.config import masked
from comfy_gen.errors import InvalidParameterError
from comfy_gen.guard import refusal
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.workflows.roles import prompt_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.planner import Wish
    from comfy_gen.app.service import Service
    from comfy_gen.composition.tier import Tier
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.storage.destination import Destination
    from comfy_gen.validation.quality import Quality
    from comfy_gen.workflows.graph import Workflow


@dataclass(frozen=True, slots=True)
class Ask:
    """What a job is asked for with, besides what it shall make."""

    caller: Caller
    digest: str
    """A hash of what was sent: who sends the same again under the same key or id means the same job."""
    key: str | None = None
    """Its ``Idempotency-Key``."""
    job_id: JobId | None = None
    """A UUID4 of the caller's; otherwise one is made."""
    tier: Tier | None = None
    """What its pictures may show; None: as the settings say."""
    title: str = ""
    """Empty: as its workflow is called."""
    priority: int = 0
    webhook: Webhook | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: tuple[str, ...] = ()
    """Only engines with all of these may run it."""
    targets: tuple[str, ...] | None = None
    """Run only these output nodes, and what they need."""
    extra_data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What ComfyUI gets beside the workflow; what is secret in it is sealed before it is kept."""
    as_comfyui: bool = False
    """Whether a ComfyUI's ways are ours: files that nodes only show, such as PreviewImage's, are kept beside those
    that they save, and a workflow that leaves none is no failure."""
    quality: Quality | None = None
    destination: Callable[[], Destination] | None = None
    """Makes what is kept of a bucket of the caller's, which gets a copy of each output."""


class Taken(NamedTuple):
    """What was accepted."""

    job: Job
    is_replay: bool
    """Whether it was accepted before, under the same key or id."""
    notes: tuple[str, ...]
    """What was decided on the caller's behalf."""


async def accept(service: Service, ask: Ask, wish: Wish | Callable[[Allowed], Awaitable[Wish]]) -> Taken:
    """Accept a job, or return the one that was accepted before under its key or id.

    Args:
        service: what accepts it.
        ask: who asks, and how.
        wish: what is to be planned; or what returns it, where that is work to be done for a new job alone.

    Raises:
        ComfyGenError: what stands against it.
    """
    if before := await earlier(service, ask):
        return Taken(before, is_replay=True, notes=())
    if service.gate is not None and ask.quality is not None:
        service.gate.check(ask.quality)
    if ask.webhook:
        _check_address(ask.webhook.url, allow_private=service.settings.jobs.allow_private_urls)
    tiers = allowed(ask.caller, service.settings.policy, ask.tier)
    wished = await wish(tiers) if callable(wish) else wish
    planned = await service.planner.plan(wished, tags=ask.tags, targets=ask.targets)
    await check_texts(planned.workflow, ask.caller, tiers)
    request = JobRequest(
        workflow=planned.workflow,
        title=ask.title or planned.title or title_of(prompt_in(planned.workflow)),
        priority=ask.priority,
        idempotency_key=ask.key,
        webhook=ask.webhook,
        metadata=ask.metadata,
        tags=frozenset(ask.tags),
        job_id=ask.job_id,
        targets=ask.targets,
        extra_data=await asyncio.to_thread(service.sealed_extra.sealed, ask.extra_data) if ask.extra_data else {},
        as_comfyui=ask.as_comfyui,
        destination=ask.destination and ask.destination(),
        asked=ask.digest,
        recipe=planned.recipe and planned.recipe.as_json(),
        template=planned.template,
        tier=tiers.tier,
        quality=ask.quality,
    )
    accepted = await service.submit(ask.caller, request)
    return Taken(accepted.job, accepted.is_replay, (*filter(None, [tiers.note]), *planned.notes))


async def earlier(service: Service, ask: Ask) -> Job | None:
    """Return the job that was accepted before under the same key or id; None if none was.

    Raises:
        IdempotencyConflictError: something else was accepted under it.
    """
    if ask.key is None and ask.job_id is None:
        return None
    return await service.queue.store.known(owner=ask.caller.owner, key=ask.key, job_id=ask.job_id, digest=ask.digest)


async def check_texts(workflow: Workflow, caller: Caller, tiers: Allowed) -> None:
    """Do nothing, if the tier allows what a workflow's texts say.

    Raises:
        PolicyTierError: they need a higher one.
        ForbiddenContentError: no tier allows them.
    """
    check = partial(check_allowed, workflow, tiers.tier, tiers.may, caller.owner)
    if is_long(workflow):
        await asyncio.to_thread(check)
    else:
        check()


def _check_address(url: str, *, allow_private: bool) -> None:
    """Do nothing, if a webhook may be sent there; a name is looked at once more whenever one is.

    Raises:
        InvalidParameterError: it may not.
    """
    reason = refusal(url, allow_private=allow_private) if url.isprintable() else "it is not a URL"
    if reason:
        raise InvalidParameterError("webhook.url", ascii(masked(url))[1:-1], f"another address: {reason}")
