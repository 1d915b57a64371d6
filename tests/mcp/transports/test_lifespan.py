from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from comfy_gen.errors import ServiceUnreachableError
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.in_process import InProcess
from comfy_gen.mcp.transports.lifespan import started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


def app_of(said: list[str], *, trouble: str = "") -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        del app
        if trouble == "start":
            raise ValueError("it cannot start")
        said.append("up")
        yield
        said.append("down")
        if trouble == "end":
            raise ValueError("it cannot end")

    return FastAPI(lifespan=lifespan)


async def test_an_application_runs_as_long_as_the_block() -> None:
    said: list[str] = []
    async with started(app_of(said)):
        assert said == ["up"]
    assert said == ["up", "down"]


async def test_it_is_stopped_in_order_whatever_happens_in_the_block() -> None:
    said: list[str] = []
    with pytest.raises(KeyError):
        async with started(app_of(said)):
            raise KeyError
    assert said == ["up", "down"]


@pytest.mark.parametrize("trouble", ["start", "end"])
async def test_what_goes_wrong_at_its_start_or_end_is_raised(trouble: str) -> None:
    with pytest.raises(ValueError, match=f"cannot {trouble}"):
        async with started(app_of([], trouble=trouble)):
            pass


async def test_one_that_says_only_that_it_failed_is_told_as_such() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no disk"})

    with pytest.raises(ServiceUnreachableError, match="no disk"):
        async with started(app):
            pass


async def test_one_that_says_nothing_did_not_start() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive, send

    with pytest.raises(ServiceUnreachableError, match="did not start"):
        async with started(app):
            pass


async def test_the_real_application_is_there_and_gone(tmp_path: Path) -> None:
    usual = Settings()
    settings = replace(
        usual,
        fleet=replace(usual.fleet, engines="none=http://127.0.0.1:9"),
        jobs=replace(usual.jobs, data_dir=tmp_path),
        policy=replace(usual.policy, check_pictures="no"),
    )
    app = create_app(settings)
    async with started(app):
        assert (await Service(InProcess(app)).get("/health"))["database_available"]
