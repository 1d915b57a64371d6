"""The services that ``comfygen mcp`` asks; stdin and stdout are tried in ``tests/e2e/test_mcp.py``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.cli.mcp_serving import opened
from comfy_gen.config import Settings
from comfy_gen.errors import ServiceProblemError, ServiceUnreachableError
from comfy_gen.jobs.keys import KeyStore
from tests.api.conftest import picture_graph
from tests.contracts.job_stores import open_desk

NOWHERE = "http://127.0.0.1:1"
JOB = {"input": {"workflow_json": picture_graph()}}


@pytest.fixture
def settings(tmp_path):
    """A queue of its own, whose engine is away."""
    usual = Settings()
    fleet = replace(usual.fleet, engines=f"away={NOWHERE}")
    return replace(usual, fleet=fleet, jobs=replace(usual.jobs, data_dir=tmp_path))


async def test_queue_of_this_machine_is_asked_without_a_network(settings):
    async with opened(settings) as service:
        assert (await service.get("/jobs"))["jobs"] == []
        accepted = await service.post("/generate", JOB)
    async with opened(settings) as service:
        assert (await service.get(f"/jobs/{accepted['id']}"))["id"] == accepted["id"]


async def test_it_belongs_to_whoever_starts_it_whoever_else_has_keys(settings, tmp_path):
    async with open_desk(f"sqlite:///{tmp_path}/comfygen.db") as desk:
        await KeyStore(desk.store.transactions).create("somebody", "somebody", frozenset({"read"}), now=1.0)
    async with opened(settings) as service:
        with pytest.raises(ServiceProblemError) as refused:
            await service.post("/engines/none-such/drain")
    assert refused.value.status == 404


async def test_links_are_those_of_the_service_that_would_serve_them(settings, background_sandbox):
    fleet = replace(settings.fleet, engines=f"here={background_sandbox.url}")
    async with opened(replace(settings, fleet=fleet, api=replace(settings.api, port=8123))) as service:
        done = await service.post("/generate/sync", JOB)
    assert done["output"][0]["url"].startswith("http://127.0.0.1:8123/artifacts/")


async def test_service_that_is_away_is_told_of_when_it_is_asked(settings):
    async with opened(replace(settings, mcp=replace(settings.mcp, url=NOWHERE, key="k"))) as service:
        with pytest.raises(ServiceUnreachableError, match=r"127\.0\.0\.1:1"):
            await service.get("/jobs")
