"""Has a job of RunPod's clients accepted; what a worker would fail it for is told as it would be told then."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.api.dialects.runpod.bodies import worker_input
from comfy_gen.api.dialects.runpod.deadlines import BOUNDED
from comfy_gen.api.dialects.runpod.images import kept, with_files
from comfy_gen.api.dialects.runpod.problems import facts_of
from comfy_gen.api.problems import status_of, told_of
from comfy_gen.app.accepting import Ask, accept
from comfy_gen.app.planner import Raw
from comfy_gen.app.refusing import check_accepted
from comfy_gen.errors import ComfyGenError
from comfy_gen.jobs.endpoint import POLICY, SHAPE, in_words
from comfy_gen.jobs.ids import new_job_id
from comfy_gen.jobs.request import Webhook
from comfy_gen.storage.seal import Login

if TYPE_CHECKING:
    from comfy_gen.api.dialects.runpod.bodies import RunBody, WorkerInput
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.app.tiers import Allowed
    from comfy_gen.composition.tier import Tier
    from comfy_gen.jobs.job import Job
    from comfy_gen.storage.destination import Destination

ENDPOINT = "runpod_endpoint"
"""The label of a job: which endpoint it was sent to."""
KEPT = 1_800.0
"""Seconds for which it is known why a job was not accepted: as long as RunPod keeps results."""
_A_WORKER_S = frozenset({400, 403, 404, 422})
"""Statuses of errors that a worker would find in its input, and nobody before it."""
_REGION = "us-east-1"


class Order(NamedTuple):
    """What a request says beside its body."""

    caller: Caller
    endpoint: str = ""
    key: str | None = None
    """Its ``Idempotency-Key``."""
    tier: Tier | None = None


async def take(service: Service, order: Order, body: RunBody, content: bytes) -> Job | dict[str, Any]:
    """Accept a job; or return what is told of one that a worker would fail at once, which is kept for a while.

    Raises:
        ComfyGenError: what stands against any job.
    """
    try:
        said = worker_input(body.input)
        taken = await accept(service, _ask(service, order, body, said, content), _wish(service, order.caller, said))
    except ComfyGenError as error:
        if status_of(error) not in _A_WORKER_S:
            raise
        return await _failed(service, order, error)
    return taken.job


async def failed_before(service: Service, caller: Caller, job_id: str) -> dict[str, Any] | None:
    """Return what was told of a job that was not accepted; None if nobody knows of it any more."""
    found = await service.cache.get(_key(caller.owner, job_id))
    return None if found is None else json.loads(found)


async def _failed(service: Service, order: Order, error: ComfyGenError) -> dict[str, Any]:
    ours = facts_of(told_of(error))
    told: dict[str, Any] = {"id": new_job_id(), "status": "FAILED", "error": in_words(ours), "comfygen": ours}
    await service.cache.put(_key(order.caller.owner, told["id"]), json.dumps(told).encode(), KEPT)
    return told


def _key(owner: str, job_id: str) -> str:
    return f"runpod/failed/{hashlib.sha256(owner.encode()).hexdigest()}/{job_id}"


def _wish(service: Service, caller: Caller, said: WorkerInput) -> Any:
    async def wish(_: Allowed) -> Raw:
        graph = await service.planner.graph(said.workflow)
        ready = with_files(graph, await kept(service, caller, said.images or ()))
        await check_accepted(service.planner, ready)
        return Raw(ready)

    return wish


def _ask(service: Service, order: Order, body: RunBody, said: WorkerInput, content: bytes) -> Ask:
    key, bounds = said.comfy_org_api_key, body.bounds
    policy = {POLICY: bounds, BOUNDED: "yes"} if bounds else {}
    return Ask(
        caller=order.caller,
        digest=hashlib.sha256(b"\n".join([order.caller.owner.encode(), order.endpoint.encode(), content])).hexdigest(),
        key=order.key,
        tier=order.tier,
        webhook=None if body.webhook is None else Webhook(body.webhook, shape=SHAPE),
        metadata={ENDPOINT: order.endpoint, **policy},
        extra_data={"api_key_comfy_org": key.get_secret_value()} if key else {},
        destination=None if body.s3Config is None else lambda: _destination(service, body),
    )


def _destination(service: Service, body: RunBody) -> Destination:
    s3 = body.s3Config
    assert s3 is not None  # noqa: S101  # it is asked for only where there is one
    login = Login(s3.accessId, s3.accessSecret.get_secret_value())
    return service.buckets.destination(endpoint_url=s3.endpointUrl, bucket=s3.bucketName, region=_REGION, login=login)
