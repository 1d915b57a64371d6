"""A library that commands find by themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.job_stores import open_desk
from tests.library.shelf import shelve

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.jobs.ids import JobId


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Callable[..., JobId]:
    """Have a generation in the library of the command line; return its id."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))

    def put(prompt: str = "a red fox", *, now: float = 1_700_000_000.0, **facts: Any) -> JobId:
        async def go() -> JobId:
            async with open_desk(f"sqlite:///{tmp_path}/data/comfygen.db") as desk:
                desk.now = now
                return await shelve(desk, prompt, **facts)

        return asyncio.run(go())

    return put
