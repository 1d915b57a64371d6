"""Webhooks from the job to the receiver: signed, with progress, and again after they were given up."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook as Receipt

from comfy_gen.app import open_service
from comfy_gen.config import Settings
from comfy_gen.jobs.job import JobRequest, Webhook
from comfy_gen.jobs.records import DeliveryState
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_size, set_steps

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.app import JobQueue

PATIENCE = 30
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def graph(steps: int) -> Any:
    return set_steps(set_size(load_template("sd15").workflow, 64, 64), steps)


@dataclass
class Receiver:
    """Checks and keeps what it is sent, and answers as it is told."""

    url: str = ""
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ids: list[str] = field(default_factory=list[str])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        self.bodies.append(Receipt(SECRET).verify(await request.text(), dict(request.headers)))
        self.ids.append(request.headers["webhook-id"])
        self._changed.set()
        return web.Response(status=self.status)

    async def until(self, kind: str) -> dict[str, Any]:
        """Return the newest of a type, once there is one."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [body for body in self.bodies if body["type"] == kind]):
                self._changed.clear()
                await self._changed.wait()
        return found[-1]


@pytest.fixture
async def receiver():
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hook", receiver.receive)
    async with TestServer(application) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


@asynccontextmanager
async def service(folder, *engines: SandboxOptions) -> AsyncGenerator[JobQueue]:
    """Open a queue with a worker that signs what it sends."""
    usual = Settings()
    async with Sandbox(*engines) as engine:
        settings = replace(
            usual,
            fleet=replace(usual.fleet, engines=engine.url),
            jobs=replace(usual.jobs, data_dir=folder, allow_private_urls=True),
            webhook=replace(usual.webhook, secret=SECRET),
            api=replace(usual.api, public_url="https://pictures.example"),
        )
        async with open_service(settings) as (queue, worker):
            working = asyncio.create_task(worker.run())
            try:
                yield queue
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


async def test_end_is_signed_and_tells_the_result(receiver, tmp_path):
    async with service(tmp_path) as queue:
        (accepted,) = await queue.submit([JobRequest(graph(2), webhook=Webhook(receiver.url, {"order": 7}))])
        told = await receiver.until("job.completed")
    assert (told["id"], told["status"], told["order"]) == (accepted.job.job_id, "completed", 7)
    (output,) = told["output"]
    assert (output["type"], output["output_type"], output["media_type"]) == ("output", "images", "image/png")
    assert output["url"].startswith(f"https://pictures.example/artifacts/{output['id']}?token=")
    assert [body["type"] for body in receiver.bodies] == ["job.completed"]


async def test_who_wants_progress_is_told_of_it_before_the_end(receiver, tmp_path):
    async with service(tmp_path, SandboxOptions(step_time=0.25)) as queue:
        webhook = Webhook(receiver.url, wants_progress=True)
        (accepted,) = await queue.submit([JobRequest(graph(8), webhook=webhook)])
        await receiver.until("job.completed")
        deliveries = await queue.outbox.deliveries(accepted.job.job_id)
    *news, end = receiver.bodies
    assert end["type"] == "job.completed"
    assert {one["type"] for one in news} == {"job.progress"}
    assert any(0 < one["progress"] < 100 for one in news)
    assert len(set(receiver.ids)) == len(receiver.ids)
    assert all(one.standing in {DeliveryState.DELIVERED, DeliveryState.DROPPED} for one in deliveries[:-1])


def without_links(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "output": [{**one, "url": ""} for one in body["output"]], "output_url": ""}


async def test_dead_letter_is_replayed_under_its_own_id(receiver, tmp_path):
    receiver.status = 410
    async with service(tmp_path) as queue:
        await queue.submit([JobRequest(graph(2), webhook=Webhook(receiver.url))])
        await receiver.until("job.completed")
        async with asyncio.timeout(PATIENCE):
            while not (await queue.outbox.counts())[DeliveryState.DEAD]:
                await asyncio.sleep(0.01)
        receiver.status = 200
        (again,) = await queue.outbox.replay(now=time.time())
        async with asyncio.timeout(PATIENCE):
            while (await queue.outbox.get(again.delivery_id)).standing is not DeliveryState.DELIVERED:
                await asyncio.sleep(0.01)
    assert receiver.ids == [again.delivery_id] * 2
    first, second = receiver.bodies
    assert without_links(first) == without_links(second)
