"""Turns the body of a request into a job: plans its workflow, seals its secrets, and has it accepted."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import Depends

from comfy_gen.api.answers import Key  # noqa: TC001  # FastAPI reads the annotations
from comfy_gen.api.context import Generator  # noqa: TC001
from comfy_gen.api.tiers import TierHeader  # noqa: TC001
from comfy_gen.api.wire.requests import PromptBody, QualityBody, WrapperBody
from comfy_gen.app import accepting
from comfy_gen.app.accepting import Ask, Taken
from comfy_gen.app.planner import Altered, Modified, Raw, Replayed, Varied
from comfy_gen.app.wishes import NAMES, changed, filled
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.request import Webhook
from comfy_gen.library.generations import workflow_of
from comfy_gen.pipeline.request import GenerationRequest, Lora
from comfy_gen.storage.seal import Login
from comfy_gen.validation.quality import quality_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from comfy_gen.api.wire.library import RerunBody
    from comfy_gen.api.wire.requests import GenerationInput, JobBody, S3Body
    from comfy_gen.api.wire.validation import ValidateBody
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.planner import Wish
    from comfy_gen.app.service import Service
    from comfy_gen.app.tiers import Allowed
    from comfy_gen.composition.recipe import Recipe
    from comfy_gen.jobs.job import Job
    from comfy_gen.library.generation import Generation
    from comfy_gen.storage.destination import Destination
    from comfy_gen.validation.quality import Quality


class Order(NamedTuple):
    """What a request says beside its body."""

    caller: Caller
    key: str | None = None
    """Its ``Idempotency-Key``."""
    tier: Tier | None = None
    """Its ``X-Policy-Tier``."""


async def order_in(caller: Generator, key: Key = None, tier: TierHeader = None) -> Order:
    """Return what a request says beside its body; a coroutine as in `api.context`."""
    return Order(caller, key, tier)


TheOrder = Annotated[Order, Depends(order_in)]


async def take(service: Service, order: Order, body: WrapperBody | PromptBody) -> Taken:
    """Accept what somebody posted to be generated.

    Raises:
        ComfyGenError: what stands against it.
    """
    said = body.input if isinstance(body, WrapperBody) else body
    return await accept(service, order, said, lambda allowed: _wish_of(service, order.caller, said, allowed))


async def take_altered(service: Service, order: Order, body: RerunBody, generation: Generation) -> Taken:
    """Accept a job that makes a generation once more, with what somebody wants to be different.

    Raises:
        ComfyGenError: what stands against it.
    """
    said = body.model_copy(
        update={
            "title": body.title or generation.title,
            "policy_tier": body.policy_tier or order.tier or Tier(generation.tier or Tier.GENERAL),
        }
    )

    async def wish(_: Allowed) -> Wish:
        ran = workflow_of(generation, await service.queue.store.request(generation.generation_id))
        request = generation_of(body)
        varied = request if request.prompt is None else await service.composer.varied(request)
        return Altered(ran, varied.request if isinstance(varied, Varied) else varied)

    return await accept(service, order, said, wish, generation.generation_id)


async def accept(
    service: Service,
    order: Order,
    said: JobBody,
    wish: Wish | Callable[[Allowed], Awaitable[Wish]],
    *others: str,
) -> Taken:
    """Accept a job, or return the one that was accepted before under its key or id.

    Args:
        service: what accepts it.
        order: who asks, and how.
        said: the body.
        wish: what is to be planned; or what returns it, where that is work to be done for a new job alone.
        others: what else tells this request from others.

    Raises:
        ComfyGenError: what stands against it.
    """
    return await accepting.accept(service, _ask(service, order, said, *others), wish)


async def earlier(service: Service, order: Order, said: JobBody, *others: str) -> Job | None:
    """Return the job that was accepted before under the same key or id: whatever stands against a new one.

    Raises:
        IdempotencyConflictError: something else was accepted under it.
    """
    return await accepting.earlier(service, _ask(service, order, said, *others))


def quality_for(service: Service, said: QualityBody) -> Quality | None:
    """Return what a body asks of the pictures; None where nobody is to look at them.

    Raises:
        InvalidParameterError: what it says contradicts itself.
        ConfigurationError: this process does the work, and cannot judge them so.
    """
    quality = quality_of(**said.quality_said)
    if service.gate is not None and quality is not None:
        service.gate.check(quality)
    return quality


def _ask(service: Service, order: Order, said: JobBody, *others: str) -> Ask:
    s3 = said.s3
    return Ask(
        caller=order.caller,
        digest=_digest_of(said, *others, order.caller.owner),
        key=order.key,
        job_id=said.request_id and JobId(str(said.request_id)),
        tier=said.policy_tier or order.tier,
        title=said.title,
        priority=said.priority,
        webhook=said.webhook and Webhook(said.webhook.url, said.webhook.extra_params, said.webhook.progress),
        metadata=said.metadata,
        tags=tuple(said.tags),
        quality=quality_of(**said.quality_said),
        destination=None if s3 is None else lambda: _destination(service, s3),
    )


def _digest_of(said: JobBody, *others: str) -> str:
    """Return a hash of what was sent and by whom: nobody gets another's job by sending the same under its id.

    The id itself tells which job it is, and not what is asked of it. What is not said of quality is left out: bodies
    that were sent before there was such a thing are still the same.
    """
    unsaid = {name for name in QualityBody.model_fields if getattr(said, name) is None}
    sent = said.model_dump_json(exclude={"request_id", *unsaid})
    return hashlib.sha256("\n".join((sent, *others)).encode()).hexdigest()


async def _wish_of(service: Service, caller: Caller, said: GenerationInput | PromptBody, allowed: Allowed) -> Wish:
    if not isinstance(said, PromptBody):
        return _modified_or_raw(said)
    request = await filled(generation_of(said), service.presets, caller.owner)
    if said.recipe_id is not None:
        recipe = await service.composer.recipe(said.recipe_id, tier=allowed.tier, may=allowed.may)
        return await _changed(service, recipe, request)
    if said.prompt is None:
        raise InvalidParameterError("prompt", "", "what the picture shows, or there must be a recipe_id")
    return await service.composer.varied(request)


async def _changed(service: Service, recipe: Recipe, request: GenerationRequest) -> Replayed:
    if request.preset is not None:
        expected = "left out where there is a recipe_id, or a preset of yours"
        raise InvalidParameterError("preset", request.preset, expected)
    if request.prompt is None:
        return Replayed(changed(recipe, request), request)
    varied = await service.composer.varied(request)
    if isinstance(varied, Varied):
        return Replayed(changed(recipe, varied.request, varied.choices, written=varied.input), request)
    return Replayed(changed(recipe, varied), request)


def _modified_or_raw(said: GenerationInput) -> Modified | Raw:
    if said.workflow_json and said.modifier:
        raise InvalidParameterError("modifier", said.modifier, "left out where there is a workflow_json")
    if said.workflow_json:
        if said.modifications:
            raise InvalidParameterError("modifications", [*said.modifications], "left out where there is no modifier")
        return Raw(said.workflow_json)
    if not said.modifier:
        raise InvalidParameterError("modifier", "", "the name of one, or there must be a workflow_json")
    return Modified(said.modifier, said.modifications)


def generation_of(said: PromptBody | ValidateBody | RerunBody) -> GenerationRequest:
    """Return what a body asks for, its preset not yet filled in."""
    values = said.model_dump(include=_SAME_NAMES)
    loras = tuple(Lora(one.name, one.strength) for one in said.loras)
    inputs = said.inputs if isinstance(said, PromptBody) else {}
    return GenerationRequest(**values, loras=loras, inputs=inputs)


_SAME_NAMES = {*NAMES, "prompt", "model", "preset", "input_image"}
"""What a body and a request call alike."""


def _destination(service: Service, said: S3Body) -> Destination:
    login = Login(said.access_key_id, said.secret_access_key.get_secret_value())
    return service.buckets.destination(
        endpoint_url=said.endpoint_url, bucket=said.bucket_name, region=said.region, login=login
    )
