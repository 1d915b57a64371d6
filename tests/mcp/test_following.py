from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.errors import ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.answers import ProgressUpdate
from comfy_gen.mcp.following import LOOK, follow
from comfy_gen.mcp.options import LONGEST
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.in_process import InProcess
from comfy_gen.mcp.transports.remote import Remote
from comfy_gen.sandbox import SandboxOptions
from tests.api.conftest import serve
from tests.mcp.ways import listening
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.api.conftest import Served

__all__ = ["serve"]

JOB = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"
ASKED: dict[str, Any] = {"prompt": "a lighthouse", "workflow": "sd15", "width": 256, "height": 256, "steps": 4}


@pytest.fixture
async def served(serve: Callable[..., Awaitable[Served]]) -> Served:
    return await serve(engine=SandboxOptions(step_time=0.02))


@pytest.fixture
def service(served: Served) -> Service:
    return Service(InProcess(served.app))


async def test_a_job_is_followed_to_its_end(service: Service) -> None:
    job_id = (await service.post("/generate", ASKED))["id"]
    told: list[tuple[str, float]] = []

    async def on_update(update: dict[str, Any], overall: float) -> None:
        told.append((update["message"], overall))

    followed = await follow(service, job_id, patience=20, on_update=on_update)
    assert followed.is_ended
    assert followed.trouble is None
    assert followed.job["id"] == job_id
    assert followed.job["output_url"]
    types = [ProgressUpdate.model_validate(update).type for update in followed.updates]
    assert types[0] == "connected"
    assert types[-1] == "complete"
    assert {"start", "progress"} <= set(types)
    assert [message for message, _ in told] == [update["message"] for update in followed.updates]
    done = [overall for _, overall in told]
    assert done == sorted(done)
    assert done[-1] == 100


async def test_one_that_takes_longer_is_told_as_it_is(service: Service, served: Served) -> None:
    await served.client.post("/queue/pause")
    job_id = await served.job()
    followed = await follow(service, job_id, patience=0.05)
    assert not followed.is_ended
    assert followed.job["state"] == "queued"
    assert followed.job["position"] == 1
    assert followed.trouble is None


async def test_whoever_follows_on_is_not_told_again(service: Service, served: Served) -> None:
    await served.client.post("/queue/pause")
    job_id = await served.job()
    first = await follow(service, job_id, patience=0.05)
    assert first.last_event == 1
    await served.client.post("/queue/resume")
    second = await follow(service, job_id, patience=20, after=first.last_event)
    assert second.is_ended
    assert "Waiting for an engine" not in {update["message"] for update in second.updates}


async def test_without_patience_it_is_looked_at_alone(service: Service, served: Served) -> None:
    done = await served.done()
    followed = await follow(service, done["id"], patience=0)
    assert followed.is_ended
    assert followed.updates == []


async def test_one_that_fails_ends_with_an_error(service: Service) -> None:
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": "missing.png"}}}
    graph["2"] = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}  # type: ignore[dict-item]
    job_id = (await service.post("/generate", {"input": {"workflow_json": graph}}))["id"]
    followed = await follow(service, job_id, patience=20)
    assert followed.is_ended
    assert followed.updates[-1]["type"] == "error"
    assert followed.job["status"] == "failed"
    assert followed.job["error"]["code"]


async def test_one_that_is_not_there_is_refused(service: Service) -> None:
    with pytest.raises(ServiceProblemError, match=JOB):
        await follow(service, JOB, patience=20)


async def test_the_id_is_told_where_nobody_answers() -> None:
    transport = Remote(f"http://127.0.0.1:{free_port()}")
    followed = await follow(Service(transport), JOB, patience=0.05)
    await transport.close()
    assert followed.job == {"id": JOB}
    assert not followed.is_ended
    assert isinstance(followed.trouble, ServiceUnreachableError)


async def test_a_job_is_followed_through_a_restart_of_its_service(served: Served) -> None:
    await served.client.post("/queue/pause")
    job_id, port = await served.job(), free_port()
    transport = Remote(f"http://127.0.0.1:{port}")
    is_seen = asyncio.Event()

    async def on_update(update: dict[str, Any], overall: float) -> None:
        del update, overall
        is_seen.set()

    try:
        async with listening(served.app, port):
            watching = asyncio.create_task(follow(Service(transport), job_id, patience=20, on_update=on_update))
            await is_seen.wait()
        await served.client.post("/queue/resume")
        async with listening(served.app, port):
            followed = await watching
    finally:
        await transport.close()
    assert followed.is_ended
    assert followed.job["status"] == "completed"


async def test_a_service_that_hangs_holds_nobody() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive, send
        await asyncio.Event().wait()

    followed = await follow(Service(InProcess(app, grace=0.02)), JOB, patience=0.02, look=0.02)
    assert followed.job == {"id": JOB}
    assert isinstance(followed.trouble, ServiceUnreachableError)


async def test_a_refusal_for_the_moment_does_not_look_like_one_of_the_job() -> None:
    class Busy(Service):
        async def get(self, path: str, **params: object) -> dict[str, Any]:
            del path, params
            raise ServiceProblemError(429, "rate_limited", "too many requests")

    followed = await follow(Busy(InProcess(_never, grace=0.02)), JOB, patience=0.02)
    assert followed.job == {"id": JOB}
    assert isinstance(followed.trouble, ServiceProblemError)


async def _never(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive, send
    await asyncio.Event().wait()


def test_following_and_looking_are_over_before_clients_give_up() -> None:
    assert 0 < LOOK < LONGEST
