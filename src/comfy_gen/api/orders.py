"""Turns the body of a request into a job: plans its workflow, seals its secrets, and has it accepted."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.api.wire.requests import WrapperBody
from comfy_gen.app.planner import Modified, Raw, Run
from comfy_gen.config import masked
from comfy_gen.errors import InvalidParameterError
from comfy_gen.guard import refusal
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.pipeline.request import GenerationRequest, Lora
from comfy_gen.storage.seal import Login

if TYPE_CHECKING:
    from comfy_gen.api.wire.requests import GenerationInput, JobBody, PromptBody, S3Body
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.planner import Wish
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Job
    from comfy_gen.storage.destination import Destination


class Taken(NamedTuple):
    """What was accepted."""

    job: Job
    is_replay: bool
    """Whether it was accepted before, under the same key or id."""
    notes: tuple[str, ...]
    """What was decided on the caller's behalf."""


async def take(service: Service, caller: Caller, body: WrapperBody | PromptBody, *, key: str | None) -> Taken:
    """Accept what somebody posted to be generated; ``key`` is its ``Idempotency-Key``.

    Raises:
        ComfyGenError: what stands against it.
    """
    if isinstance(body, WrapperBody):
        return await accept(service, caller, body.input, _wish_of(body.input), key=key)
    return await accept(service, caller, body, _generation_of(body), key=key)


async def accept(service: Service, caller: Caller, said: JobBody, wish: Wish, *, key: str | None) -> Taken:
    """Accept a job, or return the one that was accepted before under its key or id.

    Raises:
        ComfyGenError: what stands against it.
    """
    asked = _digest_of(said, wish.name if isinstance(wish, Run) else "", caller.owner)
    if earlier := await _known(service, caller, said, key=key, asked=asked):
        return Taken(earlier, is_replay=True, notes=())
    if said.webhook:
        _check_address(said.webhook.url, allow_private=service.settings.jobs.allow_private_urls)
    planned = await service.planner.plan(wish, tags=said.tags)
    request = JobRequest(
        workflow=planned.workflow,
        title=said.title or planned.title,
        priority=said.priority,
        idempotency_key=key,
        webhook=said.webhook and Webhook(said.webhook.url, said.webhook.extra_params, said.webhook.progress),
        metadata=said.metadata,
        tags=frozenset(said.tags),
        job_id=said.request_id and JobId(str(said.request_id)),
        destination=said.s3 and _destination(service, said.s3),
        asked=asked,
    )
    accepted = await service.submit(caller, request)
    return Taken(accepted.job, accepted.is_replay, planned.notes)


async def _known(service: Service, caller: Caller, said: JobBody, *, key: str | None, asked: str) -> Job | None:
    """Return the job that was accepted before: who repeats a request gets it, whatever stands against a new one."""
    if key is None and said.request_id is None:
        return None
    job_id = said.request_id and str(said.request_id)
    return await service.queue.store.known(owner=caller.owner, key=key, job_id=job_id, digest=asked)


def _digest_of(said: JobBody, *others: str) -> str:
    """Return a hash of what was sent and by whom: nobody gets another's job by sending the same under its id.

    The id itself tells which job it is, and not what is asked of it.
    """
    sent = said.model_dump_json(exclude={"request_id"})
    return hashlib.sha256("\n".join((sent, *others)).encode()).hexdigest()


def _check_address(url: str, *, allow_private: bool) -> None:
    """Do nothing, if a webhook may be sent there; a name is looked at once more whenever one is.

    Raises:
        InvalidParameterError: it may not.
    """
    reason = refusal(url, allow_private=allow_private) if url.isprintable() else "it is not a URL"
    if reason:
        raise InvalidParameterError("webhook.url", ascii(masked(url))[1:-1], f"another address: {reason}")


def _wish_of(said: GenerationInput) -> Modified | Raw:
    if said.workflow_json and said.modifier:
        raise InvalidParameterError("modifier", said.modifier, "left out where there is a workflow_json")
    if said.workflow_json:
        if said.modifications:
            raise InvalidParameterError("modifications", [*said.modifications], "left out where there is no modifier")
        return Raw(said.workflow_json)
    if not said.modifier:
        raise InvalidParameterError("modifier", "", "the name of one, or there must be a workflow_json")
    return Modified(said.modifier, said.modifications)


def _generation_of(said: PromptBody) -> GenerationRequest:
    values = said.model_dump(include=_NAMES)
    loras = tuple(Lora(one.name, one.strength) for one in said.loras)
    return GenerationRequest(**values, loras=loras)


_NAMES = {
    "prompt",
    "negative_prompt",
    "workflow",
    "model",
    "steps",
    "cfg",
    "seed",
    "width",
    "height",
    "sampler",
    "scheduler",
    "denoise",
    "preset",
    "input_image",
}
"""What a body and a request call alike."""


def _destination(service: Service, said: S3Body) -> Destination:
    login = Login(said.access_key_id, said.secret_access_key.get_secret_value())
    return service.buckets.destination(
        endpoint_url=said.endpoint_url, bucket=said.bucket_name, region=said.region, login=login
    )
