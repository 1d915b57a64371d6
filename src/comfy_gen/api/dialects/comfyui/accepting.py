"""Accepts a prompt as a ComfyUI does: with its good outputs, and with what is wrong with the others."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.api.dialects.comfyui.answers import fields_of, told
from comfy_gen.api.dialects.comfyui.numbers import KEPT, next_to, number_of
from comfy_gen.api.dialects.comfyui.refusals import refusal
from comfy_gen.api.dialects.comfyui.sent import file_slots, names_in, read, with_references
from comfy_gen.api.dialects.comfyui.uploaded import references
from comfy_gen.app import accepting
from comfy_gen.app.accepting import Ask
from comfy_gen.app.planner import Raw
from comfy_gen.errors import JobNotFoundError, JobStateError, NoEngineError
from comfy_gen.jobs.dossiers import Dossiers
from comfy_gen.jobs.moving import Place, move
from comfy_gen.workflows.checks.answers import Refused, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from comfy_gen.api.dialects.comfyui.sent import Sent
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Job

_FEW = 200
"""Nodes: to check more takes long enough for others to notice."""
_JUST_NOW = 5.0
"""Seconds: engines are asked again before a prompt is refused for what they lacked longer ago, such as a new model."""


class Order(NamedTuple):
    """What a request says beside its body."""

    caller: Caller
    key: str | None = None
    """Its ``Idempotency-Key``."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A prompt that can be accepted."""

    graph: Any
    """With references in the place of the caller's names for files."""
    outputs: tuple[str, ...] | None = None
    """Those that run; None for all that there are."""
    node_errors: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is wrong with the others."""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    """By node and input, what files were called."""


async def accept(service: Service, order: Order, body: Mapping[str, Any]) -> Response:
    """Accept what was posted, and return the answer.

    Raises:
        ComfyGenError: what stands against it that a ComfyUI knows nothing of.
    """
    sent = read(body)
    if isinstance(sent, Refused):
        return _refused(sent)
    ask = _ask(order, sent)
    if before := await accepting.earlier(service, ask):
        return await _accepted(service, before, {})
    checked = await _checked(service, order.caller, sent)
    if isinstance(checked, Refused):
        return _refused(checked)
    taken = await accepting.accept(service, _completed(ask, checked), Raw(checked.graph))
    if sent.place and not taken.is_replay:
        await _put_in_place(service, taken.job)
    return await _accepted(service, taken.job, checked.node_errors)


def _ask(order: Order, sent: Sent) -> Ask:
    return Ask(
        caller=order.caller,
        digest=sent.digest(order.caller.owner),
        key=order.key,
        job_id=sent.job_id,
        metadata={KEPT: sent.kept},
        extra_data=sent.extra_data,
        as_comfyui=True,
    )


def _completed(ask: Ask, checked: Checked) -> Ask:
    """Return what is asked, with what is known of it since it was checked."""
    names = {"names": checked.names} if checked.names else {}
    return replace(ask, targets=checked.outputs, metadata={KEPT: {**ask.metadata[KEPT], **names}})


async def _checked(service: Service, caller: Caller, sent: Sent) -> Checked | Refused:
    """Check a prompt against what the engines have; while none has ever said that, what comes is taken as it is."""
    need = "check a prompt"
    try:
        info = await service.knowledge.merged_object_info(need=need)
    except NoEngineError:
        return Checked(sent.body["prompt"])
    checked = await _checked_against(info, service, caller, sent)
    if isinstance(checked, Checked) and not checked.node_errors:
        return checked
    newest = await service.knowledge.merged_object_info(need=need, fresh=_JUST_NOW)
    return checked if newest is info else await _checked_against(newest, service, caller, sent)


async def _checked_against(info: Mapping[str, Any], service: Service, caller: Caller, sent: Sent) -> Checked | Refused:
    prompt = sent.body["prompt"]
    slots = file_slots(prompt, info)
    found = await references(service, caller, {slot.name for slot in slots})
    if len(fields_of(prompt)) > _FEW:
        answer = await asyncio.to_thread(validate, sent.body, info, known_files=found)
    else:
        answer = validate(sent.body, info, known_files=found)
    if isinstance(answer, Refused):
        return answer
    graph = with_references(answer.prompt, slots, found)
    return Checked(graph, tuple(answer.outputs_to_execute), answer.node_errors, names_in(slots, found))


async def _put_in_place(service: Service, job: Job) -> None:
    """Move a job among its owner's to where its number says; one that runs already has overtaken them."""
    transactions = service.queue.store.transactions
    other = next_to(job.job_id, await Dossiers(transactions).waiters(job.owner))
    if other is not None:
        place = Place(is_after=False, job_id=other)
        with suppress(JobStateError, JobNotFoundError):
            await move(transactions, job.job_id, place, owner=job.owner, now=time.time())


async def _accepted(service: Service, job: Job, node_errors: Mapping[str, Any]) -> Response:
    seq = await Dossiers(service.queue.store.transactions).seq(job.job_id)
    number = number_of(job.metadata, seq)
    return told({"prompt_id": job.job_id, "number": number, "node_errors": node_errors})


def _refused(refused: Refused) -> Response:
    """Return a ComfyUI's own refusal; where its code breaks on what was sent, that is the sender's mistake."""
    if isinstance(refused.body, str):
        return told(refusal("invalid_prompt", "the prompt is no graph in API format", "nodes by id"), 400)
    return told(refused.body, refused.status)
