"""Fleets that lose patience quickly, over sandboxes on the test's own loop."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from comfy_gen.comfyui import ClientOptions
from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.fleet import Fleet
from comfy_gen.engines.options import FleetOptions
from comfy_gen.engines.registry import make_entry
from comfy_gen.sandbox import Sandbox, SandboxOptions

HASTY = FleetOptions(
    tick=0.01,
    rest=0.02,
    rest_max=0.05,
    absence_max=0.05,
    grace=0.1,
    patience=0.4,
    ask_timeout=0.3,
    look_every=0.02,
    busy_every=0.05,
    idle_every=0.1,
    learn_again=0.05,
    farewell=1,
)
HASTY_CLIENT = ClientOptions(connect_timeout=1, reconnect_delay=0.01, silence=0.1, poll_interval=0.02)


def graph(color=1):
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


async def until(is_so):
    """Wait for something to become so, and not for ever."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.002)


def condition(fleet, name="a"):
    return next(row.condition for row in fleet.health() if row.name == name)


def room(fleet, name="a"):
    return next((seat.room for seat in fleet.seats() if seat.name == name), 0)


async def run(fleet, name="a", *, key="job", weights=(), workflow=None):
    with fleet.take(name, key, weights) as lease:
        return await lease.run(Attempt(lease.client, workflow or graph(), earlier=lease.earlier))


@pytest.fixture
async def bench():
    """Start as many sandboxes as there are lists of faults, and return them with a fleet of "a", "b", … over them."""
    async with AsyncExitStack() as stack:

        async def start(*faults, client_options=HASTY_CLIENT, options=HASTY, wait=True, **given):
            sandboxes = [
                await stack.enter_async_context(Sandbox(SandboxOptions(faults=tuple(some)))) for some in faults
            ]
            fleet = await stack.enter_async_context(Fleet(options, client_options, **given))
            await fleet.reconcile(
                [make_entry(one.url, name=name) for name, one in zip("abcdef", sandboxes, strict=False)]
            )
            if wait:
                await until(lambda: len(fleet.seats()) == len(sandboxes))
            return fleet, sandboxes

        yield start


@pytest.fixture
async def page():
    """Start a web server that is no ComfyUI, which says the same to everything, or by path, and return its address."""
    async with AsyncExitStack() as stack:

        async def start(answer):
            async def respond(request):
                return web.Response(text=answer if isinstance(answer, str) else answer[request.path])

            app = web.Application()
            app.router.add_route("*", "/{path:.*}", respond)
            server = await stack.enter_async_context(TestServer(app))
            return str(server.make_url("")).rstrip("/")

        yield start
